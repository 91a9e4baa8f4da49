package i18n

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
)

func TestText(t *testing.T) {
	for _, c := range []struct {
		lang, key string
		args      map[string]any
		want      string
	}{
		{"de", "sites.count", map[string]any{"n": 1}, "1 Baustelle"},
		{"de", "sites.count", map[string]any{"n": 0}, "0 Baustellen"},
		{"de", "sites.count", map[string]any{"n": 102981}, "102.981 Baustellen"},
		{"en", "ogc.items.matched", map[string]any{"n": int64(102981)}, "102,981 in total"},
		{"de", "error.code", map[string]any{"status": 1404}, "Fehlernummer 1404"},
		{"fr", "nav.map", nil, "Karte"},
		{"en", "nav.map", nil, "Map"},
		{"de", "no.such_key", nil, "no.such_key"},
		{"de", "error.code", nil, "Fehlernummer {status}"},
		{"de", "home.results.title", map[string]any{"query": "{query} <b>"}, "Suche nach „{query} <b>“"},
	} {
		if got := Text(c.lang, c.key, c.args); got != c.want {
			t.Errorf("Text(%s, %s, %v) = %q, want %q", c.lang, c.key, c.args, got, c.want)
		}
	}
}

func TestError(t *testing.T) {
	foreign := errors.New("connection refused to 10.0.0.1")
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"a key with a text":    {ortsnah.E(ortsnah.NotFound, "error.title.404"), "Nicht gefunden"},
		"wrapped":              {fmt.Errorf("page: %w", ortsnah.E(ortsnah.NotFound, "error.title.404")), "Nicht gefunden"},
		"a key without a text": {ortsnah.E(ortsnah.Gone, "no.text"), "Das wurde zurückgezogen und ist nicht mehr verfügbar."},
		"any other error":      {foreign, Text("de", "error.unexpected", nil)},
	} {
		got := Error("de", c.err)
		if got != c.want || strings.Contains(got, "10.0.0.1") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for _, k := range []ortsnah.Kind{ortsnah.Invalid, ortsnah.NotFound, ortsnah.Gone, ortsnah.Conflict, ortsnah.Forbidden, ortsnah.Unacceptable, ortsnah.Unsupported, ortsnah.TooLarge, ortsnah.TooMany, ortsnah.Unproven, ortsnah.WrongMedia, ortsnah.Unavailable, ortsnah.Internal} {
		for _, lang := range Languages() {
			if s := Next(lang, k); strings.HasPrefix(s, "error.") {
				t.Errorf("%s: no sentence what to do next after %s", lang, k)
			}
			if s := Error(lang, ortsnah.E(k, "no.text")); strings.HasPrefix(s, "error.") {
				t.Errorf("%s: no sentence for %s", lang, k)
			}
		}
	}
}

func TestDates(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(y int, m time.Month, d, h, min int) time.Time { return time.Date(y, m, d, h, min, 0, 0, zone) }
	for _, c := range []struct{ got, want string }{
		{Opening("de", at(2026, 11, 30, 8, 0), at(2026, 11, 30, 12, 0)), "Montag, 30. November 2026, 08:00 bis 12:00 Uhr"},
		{Opening("en", at(2026, 11, 30, 8, 0), at(2026, 11, 30, 12, 0)), "Monday, 30 November 2026, 08:00 to 12:00"},
		{Opening("de", at(2026, 11, 30, 22, 0), at(2026, 12, 1, 2, 0)), "Montag, 30. November 2026, 22:00 Uhr bis Dienstag, 1. Dezember 2026, 02:00 Uhr"},
		{Period("de", at(2026, 11, 3, 0, 0), at(2026, 12, 1, 0, 0)), "3. bis 30. November 2026"},
		{Period("de", at(2026, 11, 3, 7, 0), at(2026, 11, 30, 17, 0)), "3. bis 30. November 2026"},
		{Period("de", at(2026, 11, 3, 0, 0), at(2027, 1, 1, 0, 0)), "3. November bis 31. Dezember 2026"},
		{Period("de", at(2026, 11, 3, 0, 0), at(2027, 1, 2, 0, 0)), "3. November 2026 bis 1. Januar 2027"},
		{Period("de", at(2026, 11, 3, 0, 0), at(2026, 11, 4, 0, 0)), "3. November 2026"},
		{Period("de", at(2026, 11, 3, 8, 0), at(2026, 11, 3, 9, 0)), "3. November 2026"},
		{Period("de", at(2026, 11, 3, 0, 0), time.Time{}), "ab 3. November 2026"},
		{Period("de", time.Time{}, at(2026, 12, 1, 0, 0)), "bis 30. November 2026"},
		{Period("de", time.Time{}, time.Time{}), ""},
		{Period("en", at(2026, 11, 3, 0, 0), at(2026, 12, 1, 0, 0)), "3 to 30 November 2026"},
		// The night of the clock change: the last day is still the day before.
		{Period("de", at(2026, 10, 20, 0, 0), at(2026, 10, 26, 0, 0)), "20. bis 25. Oktober 2026"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Number("de", 0), "0"}, {Number("de", 999), "999"}, {Number("de", 1000), "1.000"}, {Number("en", 1234567), "1,234,567"},
		{Number("de", -1234), "-1.234"}, {Number("de", -123), "-123"},
		{Bytes("de", 999), "999 Byte"}, {Bytes("de", 1000), "1 kB"}, {Bytes("de", 48213), "48,2 kB"}, {Bytes("en", 23100300), "23.1 MB"},
		{Bytes("de", 999_999), "1 MB"}, {Bytes("de", 5_000_000_000_000_000), "5.000 TB"},
		{Decimal("de", 1234.5, 2), "1.234,5"}, {Decimal("en", 0.25, 2), "0.25"}, {Decimal("de", -0.25, 2), "-0,25"}, {Decimal("de", 2, 2), "2"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
