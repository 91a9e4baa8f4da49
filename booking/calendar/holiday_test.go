package calendar

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func day(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return d
}

// dates lists holidays as "2026-01-01 2026-04-03 …".
func dates(holidays []Holiday) string {
	var found []string
	for _, h := range holidays {
		found = append(found, h.Day.Format(time.DateOnly))
	}
	return strings.Join(found, " ")
}

func TestS18HolidaysOfNorthRhineWestphalia(t *testing.T) {
	want := "2026-01-01 2026-04-03 2026-04-06 2026-05-01 2026-05-14 2026-05-25 2026-06-04 2026-10-03 2026-11-01 2026-12-25 2026-12-26"
	if got := dates(Holidays("NW", 2026)); got != want {
		t.Errorf("2026: %s, want %s", got, want)
	}
	closed := Closed("NW", day("2027-01-01"), day("2028-01-01"))
	for text, want := range map[string]string{"2027-03-08": "", "2027-05-27": "Fronleichnam", "2027-11-01": "Allerheiligen", "2027-10-31": ""} {
		if got := closed[day(text)].Name.DE; got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}
}

// What each state has beyond the nine days of all.
func TestHolidaysOfStates(t *testing.T) {
	const all = "01-01 04-03 04-06 05-01 05-14 05-25 10-03 12-25 12-26"
	for state, more := range map[string]string{
		"BB": "04-05 05-24 10-31", "BE": "03-08", "BW": "01-06 06-04 11-01", "BY": "01-06 06-04 11-01", "HB": "10-31", "HE": "06-04",
		"HH": "10-31", "MV": "03-08 10-31", "NI": "10-31", "NW": "06-04 11-01", "RP": "06-04 11-01", "SH": "10-31",
		"SL": "06-04 08-15 11-01", "SN": "10-31 11-18", "ST": "01-06 10-31", "TH": "09-20 10-31",
	} {
		want := strings.Fields(all + " " + more)
		slices.Sort(want)
		if got := strings.ReplaceAll(dates(Holidays(state, 2026)), "2026-", ""); got != strings.Join(want, " ") {
			t.Errorf("%s: %s, want %s", state, got, strings.Join(want, " "))
		}
	}
	if n := len(States()); n != 16 {
		t.Errorf("%d states", n)
	}
	if got := Holidays("XX", 2026); got != nil {
		t.Errorf("XX has %s", dates(got))
	}
}

func TestHolidaysOfOneYear(t *testing.T) {
	for _, c := range []struct {
		state, day string
		want       bool
	}{
		{"NW", "2017-10-31", true}, {"NW", "2018-10-31", false}, {"NI", "2016-10-31", false}, {"NI", "2018-10-31", true},
		{"BE", "2018-03-08", false}, {"BE", "2019-03-08", true}, {"MV", "2022-03-08", false}, {"MV", "2023-03-08", true},
		{"BE", "2020-05-08", true}, {"BE", "2025-05-08", true}, {"BE", "2026-05-08", false}, {"BE", "2028-06-17", true}, {"BE", "2029-06-17", false},
		{"TH", "2018-09-20", false}, {"TH", "2019-09-20", true}, {"SN", "2024-11-20", true}, {"SN", "2023-11-22", true}, {"SN", "2028-11-22", true}, {"SN", "2027-11-17", true},
	} {
		d := day(c.day)
		if _, got := Closed(c.state, d, d.AddDate(0, 0, 1))[d]; got != c.want {
			t.Errorf("%s on %s: %v", c.state, c.day, got)
		}
	}
}

// Dates of Easter from the tables of the Nautical Almanac, the earliest and
// latest among them.
func TestEaster(t *testing.T) {
	for year, want := range map[int]string{1818: "03-22", 1943: "04-25", 1954: "04-18", 1981: "04-19", 2000: "04-23", 2008: "03-23", 2011: "04-24",
		2019: "04-21", 2024: "03-31", 2025: "04-20", 2026: "04-05", 2027: "03-28", 2038: "04-25", 2049: "04-18", 2285: "03-22"} {
		if got := Easter(year).Format("01-02"); got != want {
			t.Errorf("Easter %d is %s, want %s", year, got, want)
		}
	}
}

func TestHolidaysHaveNamesAndLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		year := rapid.IntRange(1995, 2499).Draw(t, "year")
		if e := Easter(year); e.Weekday() != time.Sunday || e.Before(date(year, 3, 22)) || e.After(date(year, 4, 25)) {
			t.Errorf("Easter %s", e)
		}
		state := rapid.SampledFrom(States()).Draw(t, "state")
		holidays := Holidays(state, year)
		if len(holidays) < 9 || len(holidays) > 14 {
			t.Errorf("%s %d: %s", state, year, dates(holidays))
		}
		for _, h := range holidays {
			if h.Name.DE == "" || h.Name.EN == "" || h.Law == "" || h.Day.Year() != year {
				t.Errorf("%+v", h)
			}
		}
	})
}
