package match_test

import (
	"fmt"
	"time"

	"github.com/ortsnah/ortsnah/booking/match"
)

// A mother with two children wants to register a new address. The only clerk is
// free from 8 to 9, the family room is occupied until 8:30. At 8:30 they would
// leave her five minutes of no use; 8:35 leaves none.
func Example() {
	day := match.Day{
		Date:  time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC),
		Start: time.Date(2026, 3, 30, 0, 0, 0, 0, time.FixedZone("CEST", 2*60*60)),
		Cells: 288,
	}
	const eight, half, nine = 8 * 12, 8*12 + 6, 9 * 12 // cells of five minutes
	problem := match.Problem{
		Days:   []match.Day{day},
		Places: []match.Place{{ID: "site/rathaus", TravelMinutes: 10, Metres: 2000}},
		Rooms: []match.Room{
			{ID: 11, Persons: 2, Free: []match.Timeline{match.Span(eight, nine)}},
			{ID: 12, Persons: 6, Free: []match.Timeline{match.Span(half, nine)}},
		},
		Parts: []match.Part{{Concern: "ummeldung", Minutes: 25,
			Shifts: []match.Shift{{Clerk: 1, Free: match.Span(eight, nine), Quota: -1}}}},
		Persons: 3, Where: -1, Sort: match.Best, Limit: 1,
	}
	for _, p := range match.Solve(problem).Proposals {
		fmt.Println(p.Start.Format("15:04"), "to", p.End.Format("15:04"), "room", p.Room, p.Reasons)
	}
	problem.Persons = 7
	fmt.Println(match.Solve(problem).Why)
	// Output:
	// 08:35 to 09:00 room 12 [no_gap room_fits]
	// no_room
}
