package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/osm"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/stations"
	"github.com/ortsnah/ortsnah/stations/travel"
)

// askNear posts the form of /stationen.
func (x *bookingTown) askNear(path, cookie string, fields ...string) answer {
	v := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Set(fields[i], fields[i+1])
	}
	x.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return x.send("POST", path, v.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Accept", browser, "Cookie", cookie)
}

func hereCookieOf(a answer) string {
	for _, c := range a.Cookies() {
		if c.Name == hereCookie {
			return c.Name + "=" + c.Value
		}
	}
	return ""
}

// TestNearMe: a place is asked, kept in the browser alone, and forgotten.
func TestNearMe(t *testing.T) {
	x := openTown(t)
	a := x.askNear("/stationen", "", "adresse", "Berliner Str. 70", "mit", "rad", "wann", "heute", "stufenlos", "1", "anliegen", "reisepass")
	at := a.Header.Get("Location")
	if a.StatusCode != 303 || at != "/stationen?anliegen=reisepass&mit=rad&stufenlos=1&wann=heute#answer" {
		t.Fatal(a.StatusCode, at)
	}
	cookie := hereCookieOf(a)
	if cookie == "" || strings.Contains(cookie, "Berliner") {
		t.Fatalf("cookie %q", cookie)
	}
	page := x.get(at, "Accept", browser, "Cookie", cookie)
	for _, text := range []string{"Nächste Stationen ab Berliner Straße 70", "Heute von 09:30 bis 12:00 Uhr, 1 Minute mit dem Rad.", "Luftlinie", `data-stop="1"`, "/termin/reisepass"} {
		if page.StatusCode != 200 || !strings.Contains(page.body, text) {
			t.Errorf("without %q: %d", text, page.StatusCode)
		}
	}
	if c := page.Header.Get("Cache-Control"); c != private {
		t.Errorf("Cache-Control %q", c)
	}
	x.after(2 * time.Hour) // the cookie is too old
	if page := x.get(at, "Accept", browser, "Cookie", cookie); strings.Contains(page.body, "Berliner Straße 70,") || strings.Contains(page.body, "Nächste Stationen ab") {
		t.Error("the place is known after two hours")
	}
	a = x.askNear("/en/stationen", "", "lon", "8.3912345", "lat", "51.91", "mit", "auto")
	page = x.get(a.Header.Get("Location"), "Accept", browser, "Cookie", hereCookieOf(a))
	for _, text := range []string{"Next stations from your position", "Open now, 1 minute by car, until 12:00.", "Bücherei West (en)"} {
		if !strings.Contains(page.body, text) {
			t.Errorf("%s without %q", a.Header.Get("Location"), text)
		}
	}
	if a := x.askNear("/stationen", hereCookieOf(a), "mit", "rad"); hereCookieOf(a) != "" || a.Header.Get("Location") != "/stationen?mit=rad#answer" {
		t.Errorf("no address: the device's position is not kept: %v", a.Header)
	}
	if a := x.askNear("/stationen", hereCookieOf(a), "ort", "weg"); hereCookieOf(a) != hereCookie+"=" {
		t.Errorf("not forgotten: %v", a.Header)
	}
	if x.logs.String() != "" {
		t.Error(x.logs.String())
	}
}

// TestNearMeBadInput: every refusal is a sentence in the form, nothing is lost.
func TestNearMeBadInput(t *testing.T) {
	x := openTown(t)
	for name, c := range map[string]struct {
		fields []string
		status int
		says   string
	}{
		"unknown address":    {[]string{"adresse", "Geheimweg 7", "mit", "rad"}, 400, "Diese Adresse haben wir nicht gefunden"},
		"no address at all":  {[]string{"adresse", "!?"}, 400, "Adresse"},
		"two of them":        {[]string{"adresse", "Lindenweg 1"}, 200, "Lindenweg 1, West"},
		"choice out of list": {[]string{"adresse", "Lindenweg 1", "wahl", "99"}, 200, "Lindenweg 1, West"},
		"far away":           {[]string{"lon", "51.9", "lat", "8.39"}, 400, "Prüfen Sie"},
		"not a number":       {[]string{"lon", "NaN", "lat", "x"}, 400, "Suchen Sie"},
		"half a position":    {[]string{"lon", "8.39"}, 400, ""},
		"markup":             {[]string{"adresse", "<script>alert(1)</script> 1"}, 400, "&lt;script&gt;"},
	} {
		a := x.askNear("/stationen", "", c.fields...)
		if a.StatusCode != c.status || name != "not a number" && !strings.Contains(a.body, c.says) || strings.Contains(a.body, "<script>alert") {
			t.Errorf("%s: %d, want %d with %q", name, a.StatusCode, c.status, c.says)
		}
		if slices.Contains(c.fields, "rad") && !strings.Contains(a.body, `value="rad" selected`) {
			t.Errorf("%s: the mode is lost", name)
		}
	}
	a := x.askNear("/stationen", "", "adresse", "Lindenweg 1", "wahl", "1")
	if page := x.get("/stationen", "Accept", browser, "Cookie", hereCookieOf(a)); !strings.Contains(page.body, "ab Lindenweg 1, West") {
		t.Error("the choice is not kept")
	}
	for _, cookie := range []string{"x", ".", "a.b", strings.Repeat("A", 4000)} {
		if a := x.get("/stationen", "Accept", browser, "Cookie", hereCookie+"="+cookie); a.StatusCode != 200 || strings.Contains(a.body, "Nächste Stationen ab") {
			t.Errorf("cookie %.10q: %d", cookie, a.StatusCode)
		}
	}
	if x.logs.String() != "" {
		t.Error(x.logs.String())
	}
}

// TestCalendarOfCancelled: who subscribes is told, with a larger SEQUENCE.
func TestCalendarOfCancelled(t *testing.T) {
	x := smallTown(t)
	event := func() string {
		body := x.get("/stationen/west/termine.ics").body
		_, rest, _ := strings.Cut(body, "UID:west-mo-2026-11-30@")
		rest, _, _ = strings.Cut(rest, "END:VEVENT")
		return rest
	}
	tag := x.get("/stationen/west/termine.ics").Header.Get("ETag")
	if e := event(); !strings.Contains(e, "SEQUENCE:0\r\n") || !strings.Contains(e, "STATUS:CONFIRMED") {
		t.Fatal(e)
	}
	_, err := x.DB.Exec(t.Context(), `INSERT INTO stations.pattern_exception (pattern, day, reason_de) VALUES ('west-mo', '2026-11-30', 'Krank')`)
	must(t, err)
	must(t, pgx.BeginFunc(t.Context(), x.DB, func(tx pgx.Tx) error { return stations.Extend(t.Context(), tx, clock()) }))
	if e := event(); !strings.Contains(e, "SEQUENCE:1\r\n") || !strings.Contains(e, "STATUS:CANCELLED") || !strings.Contains(e, "DESCRIPTION:Krank") {
		t.Error(e)
	}
	if a := x.get("/stationen/west/termine.ics", "If-None-Match", tag); a.StatusCode != 200 {
		t.Errorf("old validator: %d", a.StatusCode)
	}
	if a := x.get("/en/stationen", "Accept", browser); !strings.Contains(a.body, "cancelled") {
		t.Error("the page does not say it")
	}
}

// TestClosureMovesNearest: a street that is closed on the day of the visit
// makes another stop the nearest; open again, the answer is the old one, byte
// by byte. Two streets lead away from the place: 500 m west, 900 m east.
func TestClosureMovesNearest(t *testing.T) {
	x := smallTown(t)
	street := func(name string, nodes ...int64) travel.Way {
		return travel.Way{Nodes: nodes, Tags: osm.Tags{{Key: "highway", Value: "residential"}, {Key: "name", Value: name}}}
	}
	n, err := travel.Build(travel.Map{
		Ways: []travel.Way{street("Weststraße", 1, 2, 3), street("Oststraße", 3, 4), street("Umweg", 1, 5, 3)},
		Nodes: []travel.Node{{ID: 1, At: orb.Point{8.390, 51.910}}, {ID: 2, At: orb.Point{8.394, 51.910}}, {ID: 3, At: orb.Point{8.397, 51.910}},
			{ID: 4, At: orb.Point{8.410, 51.910}}, {ID: 5, At: orb.Point{8.394, 51.935}}}})
	must(t, err)
	x.Travel, err = travel.With(t.Context(), x.Open, n)
	must(t, err)
	ask := func() (stop string, minutes, roadworks int, body string) {
		a := x.get("/api/v1/stations/nearest?lon=8.397&lat=51.910&sort=near&mode=walk&at=2026-11-23T08:00:00Z")
		var found struct {
			Options []struct {
				Stop      struct{ ID string }
				Minutes   int `json:"travel_minutes"`
				Roadworks int `json:"roadworks_minutes"`
			}
		}
		must(t, json.Unmarshal([]byte(a.body), &found))
		o := found.Options[0]
		return o.Stop.ID, o.Minutes, o.Roadworks, a.body
	}
	close := func(sites ...catalog.Row) {
		must(t, pgx.BeginFunc(t.Context(), x.DB, func(tx pgx.Tx) error {
			stage(t, tx, catalog.ConstructionSites, sites)
			return nil
		}))
		must(t, x.Travel.Reload(t.Context()))
	}
	close()
	stop, minutes, works, before := ask()
	if stop != "west" || works != 0 {
		t.Fatalf("%s in %d min, %d of roadworks: %s", stop, minutes, works, before)
	}
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	site := func(from, to time.Time) catalog.Row {
		return row("w", orb.LineString{{8.3905, 51.910}, {8.3935, 51.910}}, "id", "w", "title", "Weststraße", "street", "Weststraße",
			"start", from, "end", to, "status", "active", "impact", "closed", "affects_foot", "closed", "affects_car", "closed", "affects_bike", "closed")
	}
	close(site(day, day.AddDate(0, 0, 20)))
	if stop, minutes, _, _ := ask(); stop != "ost" {
		t.Errorf("closed: %s in %d min", stop, minutes)
	}
	close(site(day.AddDate(0, 0, -9), day.AddDate(0, 0, -1))) // over before the visit
	if stop, _, _, _ := ask(); stop != "west" {
		t.Errorf("a closure that is over counts: %s", stop)
	}
	close()
	if _, _, _, after := ask(); after != before {
		t.Errorf("open again:\n%s\nbefore:\n%s", after, before)
	}
}

// BenchmarkNearest is one question of a citizen over HTTP; x is its time over
// the 20 ms that are the limit.
func BenchmarkNearest(b *testing.B) {
	x := smallTown(b)
	for b.Loop() {
		if a := x.get("/api/v1/stations/nearest?lon=8.397&lat=51.910&mode=bike"); a.StatusCode != 200 {
			b.Fatal(a.body)
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(20*time.Millisecond), "x")
}
