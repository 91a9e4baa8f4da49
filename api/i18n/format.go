package i18n

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// names holds the words of the calendar of one language.
type names struct {
	weekdays [7]string // Sunday first, as time.Weekday
	months   [12]string
}

// calendar gives the words of lang.
func calendar(lang string) names {
	if lang == "en" {
		return names{
			[7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
			[12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		}
	}
	return names{
		[7]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
		[12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
	}
}

// Date is the day of t in its own time zone: "30. November 2026",
// "30 November 2026".
func Date(lang string, t time.Time) string {
	month := calendar(lang).months[t.Month()-1]
	if lang == "en" {
		return fmt.Sprintf("%d %s %d", t.Day(), month, t.Year())
	}
	return fmt.Sprintf("%d. %s %d", t.Day(), month, t.Year())
}

// Weekday is Date with the day of the week: "Montag, 30. November 2026".
func Weekday(lang string, t time.Time) string {
	return calendar(lang).weekdays[t.Weekday()] + ", " + Date(lang, t)
}

// Clock is the time of day: "08:00".
func Clock(t time.Time) string { return t.Format("15:04") }

// Moment is a day with its time: "30. November 2026, 08:00 Uhr".
func Moment(lang string, t time.Time) string {
	return Date(lang, t) + ", " + Clock(t) + oclock(lang)
}

func oclock(lang string) string {
	if lang == "en" {
		return ""
	}
	return " Uhr"
}

// Hours is the time of day of a period within a day: "08:00 bis 12:00 Uhr".
func Hours(lang string, start, end time.Time) string {
	to := " bis "
	if lang == "en" {
		to = " to "
	}
	return Clock(start) + to + Clock(end) + oclock(lang)
}

// Opening is a period within a day, half-open: "Montag, 30. November 2026,
// 08:00 bis 12:00 Uhr". A period that ends on another day names both.
func Opening(lang string, start, end time.Time) string {
	to := " bis "
	if lang == "en" {
		to = " to "
	}
	if sameDay(start, end) {
		return Weekday(lang, start) + ", " + Hours(lang, start, end)
	}
	return Weekday(lang, start) + ", " + Clock(start) + oclock(lang) + to + Weekday(lang, end) + ", " + Clock(end) + oclock(lang)
}

// Period is a span of days: "3. bis 30. November 2026". The period is
// half-open; an end at midnight means that the day before is the last day. A
// missing end is said: "ab 3. November 2026".
func Period(lang string, start, end time.Time) string {
	to, since, until := " bis ", "ab ", "bis "
	if lang == "en" {
		to, since, until = " to ", "from ", "until "
	}
	switch {
	case start.IsZero() && end.IsZero():
		return ""
	case end.IsZero():
		return since + Date(lang, start)
	}
	last := end
	if h, m, s := end.Clock(); h+m+s == 0 {
		last = end.AddDate(0, 0, -1)
	}
	switch {
	case start.IsZero():
		return until + Date(lang, last)
	case !last.After(start) || sameDay(start, last):
		return Date(lang, start)
	}
	return shortened(lang, start, last) + to + Date(lang, last)
}

// shortened is the day start without what last says anyway.
func shortened(lang string, start, last time.Time) string {
	dot := "."
	if lang == "en" {
		dot = ""
	}
	switch {
	case start.Year() != last.Year():
		return Date(lang, start)
	case start.Month() != last.Month():
		return fmt.Sprintf("%d%s %s", start.Day(), dot, calendar(lang).months[start.Month()-1])
	}
	return fmt.Sprintf("%d%s", start.Day(), dot)
}

func sameDay(a, b time.Time) bool {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return ay == by && am == bm && ad == bd
}

// Number is n with the thousands marked: "102.981", "102,981".
func Number(lang string, n int64) string {
	mark := "."
	if lang == "en" {
		mark = ","
	}
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(mark)
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// Bytes is a file size for people, in powers of 1000 as operating systems and
// IEC 80000-13 have it: "12,3 kB", "1.4 MB".
func Bytes(lang string, n int64) string {
	if n < 1000 {
		return Number(lang, n) + " Byte"
	}
	units := []string{"kB", "MB", "GB", "TB"}
	v := float64(n) / 1000
	i := 0
	for ; v >= 999.5 && i < len(units)-1; i++ {
		v /= 1000
	}
	return Decimal(lang, v, 1) + " " + units[i]
}

// Decimal is v rounded to the given number of digits, with the decimal mark
// and thousands of the language; zeros at the end are left out.
func Decimal(lang string, v float64, digits int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	s := strconv.FormatFloat(v, 'f', digits, 64)
	whole, fraction, _ := strings.Cut(s, ".")
	fraction = strings.TrimRight(fraction, "0")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return s
	}
	out := Number(lang, n)
	if n == 0 && v < 0 && fraction != "" {
		out = "-0"
	}
	if fraction == "" {
		return out
	}
	if lang == "en" {
		return out + "." + fraction
	}
	return out + "," + fraction
}

// value is an argument of a text as people write it. Only the count "n" gets
// its thousands marked: other numbers may be an EPSG code, a port or a year.
func value(lang, name string, v any) string {
	switch v := v.(type) {
	case int:
		if name == "n" {
			return Number(lang, int64(v))
		}
	case int64:
		if name == "n" {
			return Number(lang, v)
		}
	case float64:
		return Decimal(lang, v, 2)
	case time.Time:
		return Date(lang, v)
	case error:
		return Error(lang, v)
	}
	return fmt.Sprint(v)
}

// DayOfWeek is "Montag".
func DayOfWeek(lang string, t time.Time) string { return calendar(lang).weekdays[t.Weekday()] }

// Month is a month with its year: "März 2026".
func Month(lang string, t time.Time) string {
	return fmt.Sprintf("%s %d", calendar(lang).months[t.Month()-1], t.Year())
}
