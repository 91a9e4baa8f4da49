package api

import (
	"slices"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/booking/match"
)

// TestReasonsOfSuggestions: every suggestion says something true that helps to
// choose, and nothing that is the town's business.
func TestReasonsOfSuggestions(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	s := &Server{Zone: berlin}
	at := func(day, hour int, place string, metres int, reasons ...match.Reason) booking.Proposal {
		starts := time.Date(2026, 11, day, hour, 0, 0, 0, berlin)
		return booking.Proposal{Starts: starts, Ends: starts.Add(10 * time.Minute), PlaceID: place, Metres: metres, Reasons: reasons}
	}
	tests := map[string]struct {
		list []booking.Proposal
		want []string // joined; without the room of the key
	}{
		"nothing known of the way": {[]booking.Proposal{
			at(23, 8, "rathaus", -1, match.NoGap, match.RoomFits), at(23, 14, "isselhorst", -1), at(23, 15, "rathaus", -1), at(24, 8, "rathaus", -1), at(25, 9, "avenwedde", -1)},
			[]string{"first", "elsewhere_same_day", "afternoon", "weekday", "elsewhere"}},
		"the matcher knows": {[]booking.Proposal{
			at(23, 9, "rathaus", 400, match.Nearest), at(23, 8, "isselhorst", 4000, match.Earliest), at(24, 9, "rathaus", 400, match.Nearest)},
			[]string{"reason_nearest", "reason_earliest", "weekday"}},
		"near": {[]booking.Proposal{
			at(23, 9, "rathaus", 400), at(23, 8, "isselhorst", 4000), at(23, 10, "rathaus", 400)},
			[]string{"near", "first", "later"}},
		"all as near": {[]booking.Proposal{
			at(23, 9, "rathaus", 400), at(23, 8, "rathaus", 400), at(24, 14, "rathaus", 400), at(24, 9, "rathaus", 400), at(24, 8, "rathaus", 400), at(24, 15, "rathaus", 400)},
			[]string{"only", "first", "weekday", "morning", "morning", "later"}},
		"one": {[]booking.Proposal{at(23, 9, "rathaus", -1)}, []string{"only"}},
	}
	for name, test := range tests {
		for i, slot := range s.suggestions("de", test.list) {
			want := "booking_times.reason." + test.want[i]
			if test.want[i][:3] == "rea" {
				want = "booking." + test.want[i]
			}
			if keys := s.reasonsFor(test.list, i); !slices.Equal(keys, []string{want}) || len(slot.Reasons) != 1 || slot.Reasons[0] == want {
				t.Errorf("%s, %d: %v %q, want %s", name, i, keys, slot.Reasons, want)
			}
		}
	}
}
