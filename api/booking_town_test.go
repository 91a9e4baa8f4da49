package api

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/stations"
)

// bookingTown is smallTown with an open reception: clerks A1 and A2 (citizens'
// office), X4 (by surname) and B1 (building district 01), each released in the
// town hall on Monday, 30 November 2026, 8 to 12. Its clock stands still.
type bookingTown struct {
	*town
	now    atomic.Pointer[time.Time]
	client *http.Client
}

func openTown(t testing.TB) *bookingTown {
	t.Helper()
	x := &bookingTown{town: smallTown(t)}
	x.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true}}
	t.Cleanup(x.client.CloseIdleConnections)
	start := clock()
	x.now.Store(&start)
	x.Now = func() time.Time { return *x.now.Load() }
	must(t, pgx.BeginFunc(t.Context(), x.DB, func(tx pgx.Tx) error {
		c := smallCatalogue()
		c.Staff.Clerks = []booking.Clerk{
			{Code: "a1", Label: "A1", Office: "buergerbuero", Teams: []string{"bb"}}, {Code: "a2", Label: "A2", Office: "buergerbuero", Teams: []string{"bb"}},
			{Code: "x4", Label: "X4", Office: "auslaender", Teams: []string{"x4"}}, {Code: "b1", Label: "B1", Office: "bau", Teams: []string{"b1"}}}
		return booking.Load(t.Context(), tx, c)
	}))
	x.Reception = &booking.Reception{DB: x.DB, Board: booking.NewBoard(x.DB, x.Zone, x.Now), Keys: keys(t), Now: x.Now, Zone: x.Zone}
	for _, clerk := range []string{"a1", "a2", "x4", "b1"} {
		x.release(clerk, "2026-11-30", "08:00", "12:00")
	}
	return x
}

// release gives a clerk's time in the town hall free, for everything.
func (x *bookingTown) release(clerk, dayText, opens, closes string) {
	x.t.Helper()
	day, err := time.Parse(time.DateOnly, dayText)
	must(x.t, err)
	from, err := stations.ParseClock(opens)
	must(x.t, err)
	to, err := stations.ParseClock(closes)
	must(x.t, err)
	start, end, _ := stations.Opening(day, from, to, x.Zone)
	_, err = x.DB.Exec(x.t.Context(), `WITH r AS (
			INSERT INTO booking.release (clerk, site, first_day, opens, closes, channels)
			SELECT id, 'rathaus', @day, @opens::text::time, @closes::text::time, '{counter}' FROM booking.resource WHERE kind = 'clerk' AND code = @clerk
			RETURNING *)
		INSERT INTO booking.release_day (release, day, clerk, during, site, channels, via, concerns)
		SELECT id, first_day, clerk, tstzrange(@start, @end), site, channels, via, concerns FROM r`,
		pgx.NamedArgs{"clerk": clerk, "day": day, "opens": opens, "closes": closes, "start": start, "end": end})
	must(x.t, err)
	must(x.t, x.Reception.Board.Load(x.t.Context()))
}

// after moves the clock on.
func (x *bookingTown) after(d time.Duration) {
	t := x.now.Load().Add(d)
	x.now.Store(&t)
}

// count runs a query for one number.
func (x *bookingTown) count(sql string, args ...any) (n int) {
	x.t.Helper()
	must(x.t, x.DB.QueryRow(x.t.Context(), sql, args...).Scan(&n))
	return n
}

// send sends body as JSON; headers alternate. It may be called by many
// goroutines at once.
func (x *bookingTown) send(method, path, body string, headers ...string) answer {
	req, err := http.NewRequest(method, x.http.URL+path, strings.NewReader(body))
	if err != nil {
		x.t.Error(err)
		return answer{Response: &http.Response{}}
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := x.client.Do(req)
	if err != nil {
		x.t.Error(err)
		return answer{Response: &http.Response{}}
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		x.t.Error(err)
	}
	return answer{resp, string(raw)}
}

// is fails unless the answer has that status, and decodes it.
func (a answer) is(t testing.TB, status int, into any) {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("%d, want %d: %s", a.StatusCode, status, a.body)
	}
	if into != nil {
		if err := json.Unmarshal([]byte(a.body), into); err != nil {
			t.Fatal(err, a.body)
		}
	}
}

// problemKey is the key of a problem.
func (a answer) problemKey() string {
	var p problem
	if json.Unmarshal([]byte(a.body), &p) != nil {
		return ""
	}
	return strings.TrimPrefix(p.Type, "urn:ortsnah:problem:")
}

// passport is a hold of a passport appointment at a wall time of the 30th.
func passport(clock string) string {
	return `{"service":"reisepass","start":"2026-11-30T` + clock + `","place":"site/rathaus"}`
}

// held reserves a passport appointment.
func (x *bookingTown) held(clock string) appointmentAnswer {
	x.t.Helper()
	var a appointmentAnswer
	x.send("POST", "/api/v1/holds", passport(clock)).is(x.t, 201, &a)
	return a
}

// booked reserves and confirms one; the answer has its token.
func (x *bookingTown) booked(clock string) appointmentAnswer {
	x.t.Helper()
	h := x.held(clock)
	var a appointmentAnswer
	x.send("POST", "/api/v1/appointments", `{"hold":"`+h.ID+`","surname":"Geheimname"}`, "Authorization", "Bearer "+h.Token).is(x.t, 201, &a)
	a.Token = h.Token
	return a
}
