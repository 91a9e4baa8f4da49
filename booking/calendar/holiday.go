package calendar

import (
	"slices"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah/catalog"
)

// Holiday is a public holiday of a state.
type Holiday struct {
	Day  time.Time // midnight UTC of the date
	Name catalog.Text
	Law  string // what makes it one
}

// States lists the codes of the German states (ISO 3166-2:DE without "DE-").
func States() []string {
	return []string{"BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH"}
}

// Easter is Easter Sunday of a year of the Gregorian calendar, midnight UTC.
// It is the anonymous Gregorian computus as printed by Meeus, Astronomical
// Algorithms, chapter 8.
func Easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return date(year, time.Month(n/31), n%31+1)
}

// laws names what makes the days of a state holidays; the Day of German Unity
// is one by article 2 (2) of the Unification Treaty everywhere.
func laws() map[string]string {
	return map[string]string{
		"BB": "Feiertagsgesetz (FTG) Brandenburg, § 2",
		"BE": "Gesetz über die Sonn- und Feiertage Berlin, § 1",
		"BW": "Feiertagsgesetz (FTG) Baden-Württemberg, § 1",
		"BY": "Feiertagsgesetz (FTG) Bayern, Art. 1",
		"HB": "Gesetz über die Sonn- und Feiertage Bremen, § 2",
		"HE": "Hessisches Feiertagsgesetz (HFeiertagsG), § 1",
		"HH": "Hamburgisches Feiertagsgesetz, § 1",
		"MV": "Feiertagsgesetz Mecklenburg-Vorpommern (FTG M-V), § 2",
		"NI": "Niedersächsisches Feiertagsgesetz (NFeiertagsG), § 2",
		"NW": "Feiertagsgesetz NW, § 2",
		"RP": "Feiertagsgesetz (LFtG) Rheinland-Pfalz, § 2",
		"SH": "Gesetz über Sonn- und Feiertage (SFTG) Schleswig-Holstein, § 2",
		"SL": "Feiertagsgesetz (SFG) Saarland, § 2",
		"SN": "Gesetz über Sonn- und Feiertage im Freistaat Sachsen (SächsSFG), § 1",
		"ST": "Feiertagsgesetz (FeiertG LSA) Sachsen-Anhalt, § 2",
		"TH": "Thüringer Feiertagsgesetz (ThürFtG), § 2",
	}
}

const unity = "Einigungsvertrag, Art. 2 Abs. 2"

// feast is a holiday of some states in some years.
type feast struct {
	day    time.Time
	de, en string
	states string // codes; empty: all
	since  int    // first year; 0: always
	only   int    // the one year; 0: every year
}

// feasts lists the holidays of all states as the law stands since 1995 (the
// Day of Prayer and Repentance then went from all states but Saxony). Not
// listed is what holds in some municipalities of a state only: the Assumption
// in the Catholic ones of Bavaria, Corpus Christi in some of Saxony and
// Thuringia, the Peace Festival of Augsburg; towns enter these as closures.
func feasts(year int) []feast {
	e := Easter(year)
	return []feast{
		{day: date(year, 1, 1), de: "Neujahr", en: "New Year's Day"},
		{day: date(year, 1, 6), de: "Heilige Drei Könige", en: "Epiphany", states: "BW BY ST"},
		{day: date(year, 3, 8), de: "Internationaler Frauentag", en: "International Women's Day", states: "BE", since: 2019},
		{day: date(year, 3, 8), de: "Internationaler Frauentag", en: "International Women's Day", states: "MV", since: 2023},
		{day: e.AddDate(0, 0, -2), de: "Karfreitag", en: "Good Friday"},
		{day: e, de: "Ostersonntag", en: "Easter Sunday", states: "BB"},
		{day: e.AddDate(0, 0, 1), de: "Ostermontag", en: "Easter Monday"},
		{day: date(year, 5, 1), de: "Tag der Arbeit", en: "Labour Day"},
		{day: date(year, 5, 8), de: "Tag der Befreiung", en: "Liberation Day", states: "BE", only: 2020},
		{day: date(year, 5, 8), de: "Tag der Befreiung", en: "Liberation Day", states: "BE", only: 2025},
		{day: e.AddDate(0, 0, 39), de: "Christi Himmelfahrt", en: "Ascension Day"},
		{day: e.AddDate(0, 0, 49), de: "Pfingstsonntag", en: "Whit Sunday", states: "BB"},
		{day: e.AddDate(0, 0, 50), de: "Pfingstmontag", en: "Whit Monday"},
		{day: e.AddDate(0, 0, 60), de: "Fronleichnam", en: "Corpus Christi", states: "BW BY HE NW RP SL"},
		{day: date(year, 6, 17), de: "75. Jahrestag des Aufstandes vom 17. Juni 1953", en: "75th anniversary of the uprising of 17 June 1953", states: "BE", only: 2028},
		{day: date(year, 8, 15), de: "Mariä Himmelfahrt", en: "Assumption Day", states: "SL"},
		{day: date(year, 9, 20), de: "Weltkindertag", en: "World Children's Day", states: "TH", since: 2019},
		{day: date(year, 10, 3), de: "Tag der Deutschen Einheit", en: "Day of German Unity"},
		{day: date(year, 10, 31), de: "Reformationstag", en: "Reformation Day", states: "BB MV SN ST TH"},
		{day: date(year, 10, 31), de: "Reformationstag", en: "Reformation Day", states: "BE BW BY HB HE HH NI NW RP SH SL", only: 2017},
		{day: date(year, 10, 31), de: "Reformationstag", en: "Reformation Day", states: "HB HH NI SH", since: 2018},
		{day: date(year, 11, 1), de: "Allerheiligen", en: "All Saints' Day", states: "BW BY NW RP SL"},
		{day: repentance(year), de: "Buß- und Bettag", en: "Day of Prayer and Repentance", states: "SN"},
		{day: date(year, 12, 25), de: "1. Weihnachtstag", en: "Christmas Day"},
		{day: date(year, 12, 26), de: "2. Weihnachtstag", en: "Boxing Day"},
	}
}

// Holidays returns the public holidays of a state (a code of States) in a year,
// in order; none for an unknown state. It knows the law from 1995 to 2026.
func Holidays(state string, year int) []Holiday {
	law, known := laws()[state]
	if !known {
		return nil
	}
	var found []Holiday
	for _, f := range feasts(year) {
		if f.states != "" && !strings.Contains(f.states, state) || year < f.since || f.only != 0 && f.only != year {
			continue
		}
		h := Holiday{Day: f.day, Name: catalog.Text{DE: f.de, EN: f.en}, Law: law}
		if f.day.Month() == time.October && f.day.Day() == 3 {
			h.Law = unity
		}
		found = append(found, h)
	}
	slices.SortStableFunc(found, func(a, b Holiday) int { return a.Day.Compare(b.Day) })
	return found
}

// Closed returns the holidays of a state on the days [from, to) by day.
func Closed(state string, from, to time.Time) map[time.Time]Holiday {
	closed := map[time.Time]Holiday{}
	for year := from.Year(); year <= to.Year(); year++ {
		for _, h := range Holidays(state, year) {
			if _, twice := closed[h.Day]; !twice && !h.Day.Before(from) && h.Day.Before(to) {
				closed[h.Day] = h
			}
		}
	}
	return closed
}

// repentance is the Wednesday before 23 November.
func repentance(year int) time.Time {
	day := date(year, 11, 22)
	return day.AddDate(0, 0, -int(day.Weekday()-time.Wednesday+7)%7)
}

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}
