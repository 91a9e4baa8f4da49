package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
)

func TestNegotiate(t *testing.T) {
	for _, c := range []struct{ f, accept, want string }{
		{"", "", "application/geo+json"},
		{"", "*/*", "application/geo+json"},
		{"", browser, "text/html"},
		{"", "application/json", "application/json"},
		{"", "application/*;q=0.5, text/html;q=0.6", "text/html"},
		{"", "text/html;q=0, */*", "application/geo+json"},
		{"", "text/html;level=1;q=0.3, application/geo+json;q=0.2", "text/html"},
		{"", "APPLICATION/GEO+JSON", "application/geo+json"},
		{"", "*/*;q=0", "unacceptable"},
		{"", "text/html;q=2", "unacceptable"},
		{"", "image/png", "unacceptable"},
		{"html", "image/png", "text/html"},
		{"json", browser, "application/geo+json"},
		{"xml", "", "invalid"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		if c.accept != "" {
			r.Header.Set("Accept", c.accept)
		}
		o, err := negotiate(r, c.f, itemsOffers())
		got := mediaOf(o)
		if err != nil {
			got = string(ortsnah.KindOf(err))
		}
		if got != c.want {
			t.Errorf("f=%s Accept: %s gives %s, want %s", c.f, c.accept, got, c.want)
		}
	}
}

func TestInterval(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	for text, want := range map[string]string{
		"2026-11-23T08:00:00Z":    "2026-11-23T08:00:00Z 2026-11-23T08:00:00Z",
		"2026-11-23t08:00:00.5z":  "2026-11-23T08:00:00.5Z 2026-11-23T08:00:00.5Z",
		"2026-10-25":              "2026-10-24T22:00:00Z 2026-10-25T22:59:59.999999Z", // 25 hours
		"2026-03-29":              "2026-03-28T23:00:00Z 2026-03-29T21:59:59.999999Z", // 23 hours
		"2026-11-23/2026-11-24":   "2026-11-22T23:00:00Z 2026-11-24T22:59:59.999999Z",
		"../2026-11-23T08:00:00Z": "- 2026-11-23T08:00:00Z",
		"2026-11-23T08:00:00Z/":   "2026-11-23T08:00:00Z -",
		"../..":                   "- -",
		"..":                      "error",
		"":                        "error",
		"a":                       "error",
		"2026-11-23T08:00:00":     "error",
		"2026-11-23T08:00:00Z/2026-11-22T08:00:00Z":    "error",
		"2026-11-23T08:00:00Z/2026-11-24T08:00:00Z/..": "error",
		"0000-01-01T00:00:00Z":                         "error",
	} {
		from, to, err := interval(text, berlin)
		show := func(t time.Time) string {
			if t.IsZero() {
				return "-"
			}
			return t.UTC().Format(time.RFC3339Nano)
		}
		got := show(from) + " " + show(to)
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestSiteStatus(t *testing.T) {
	day := func(d int) time.Time { return clock().AddDate(0, 0, d) }
	for _, c := range []struct {
		status     string
		start, end time.Time
		want       string
	}{
		{"active", day(-1), day(1), "running"},
		{"planned", day(-1), day(1), "running"},  // its day has come
		{"active", day(1), day(2), "planned"},    // not yet
		{"active", day(-3), day(-1), "finished"}, // nobody closed it
		{"active", day(-3), clock(), "finished"}, // half-open
		{"", clock(), time.Time{}, "running"},
		{"planned", time.Time{}, time.Time{}, "planned"},
		{"", time.Time{}, time.Time{}, "running"},
		{"cancelled", day(-1), day(1), "cancelled"},
		{"finished", day(-1), day(1), "finished"}, // earlier than planned
	} {
		if got := siteStatus(c.status, c.start, c.end, clock()); got != c.want {
			t.Errorf("%q %v-%v: %s, want %s", c.status, c.start, c.end, got, c.want)
		}
	}
}

func TestContains(t *testing.T) {
	for _, c := range []struct {
		search, text string
		want         bool
	}{
		{"", "x", true}, {"koenigstr", "Königstraße", true}, {"KÖNIGSTRASSE", "Königstraße", true},
		{"Ko\u0308nig", "König", true}, {"cafe", "Café", true}, {"straße weg", "Weg an der Straße", true},
		{"%", "abc", false}, {"_", "abc", false}, {"100%", "100% frei", true}, {"zug", "Weg", false},
	} {
		if got := contains(c.search, c.text); got != c.want {
			t.Errorf("%q in %q: %v", c.search, c.text, got)
		}
	}
}

func TestPageOf(t *testing.T) {
	items := make([]int, 120)
	for seite, want := range map[string]string{"": "50 true", "1": "50 true", "2": "50 true", "3": "20 false", "4": "0 false", "-1": "50 true", "x": "50 true", "999999999999": "50 true"} {
		got, next := pageOf(items, "/x", map[string][]string{"seite": {seite}})
		if s := fmt.Sprint(len(got), " ", next != ""); s != want {
			t.Errorf("seite=%s: %s, want %s", seite, s, want)
		}
	}
}
