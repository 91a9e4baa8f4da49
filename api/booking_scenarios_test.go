package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah/api/altcha"
)

// The booking scenarios of the contract, over HTTP.

func TestJourneyByJSON(t *testing.T) {
	x := openTown(t)
	var found proposalsAnswer
	a := x.send("POST", "/api/v1/proposals", `{"service":["reisepass"],"from":"2026-11-30"}`)
	a.is(t, 200, &found)
	if a.Header.Get("Cache-Control") != private {
		t.Error(a.Header)
	}
	first := found.Proposals[0]
	if first.Text.DE != "Montag, 30. November 2026, 08:00 bis 08:10 Uhr, Rathaus" || first.Text.EN != "Monday, 30 November 2026, 08:00 to 08:10, Town hall" ||
		first.Start.Format(time.RFC3339) != "2026-11-30T08:00:00+01:00" || first.Place.ID != "site/rathaus" || found.Minutes != 10 || len(found.Documents) != 2 {
		t.Errorf("%+v", found)
	}
	h := x.send("POST", "/api/v1/holds", fmt.Sprintf(`{"service":["reisepass"],"start":%q,"place":%q}`, first.Start.Format(time.RFC3339), first.Place.ID))
	var held appointmentAnswer
	h.is(t, 201, &held)
	if want := "/api/v1/appointments/" + held.ID; !strings.HasSuffix(h.Header.Get("Location"), want) || held.Token == "" || held.Status != "hold" ||
		!held.HoldUntil.Equal(x.Now().Add(10*time.Minute)) {
		t.Errorf("%s %+v", h.Header.Get("Location"), held)
	}
	auth := []string{"Authorization", "Bearer " + held.Token}
	var booked appointmentAnswer
	x.send("POST", "/api/v1/appointments", `{"hold":"`+held.ID+`","given_name":"Erika","surname":"Geheimname","lang":"en"}`, auth...).is(t, 201, &booked)
	if booked.Status != "booked" || booked.Token != "" || booked.Lang != "en" {
		t.Errorf("%+v", booked)
	}
	path := "/api/v1/appointments/" + held.ID
	got := x.send("GET", path, "", auth...)
	got.is(t, 200, nil)
	for _, secret := range []string{"Geheimname", "a1", "E1", "clerk", "room"} {
		if strings.Contains(got.body, secret) {
			t.Errorf("%q is in %s", secret, got.body)
		}
	}
	ics := x.send("GET", path+"/calendar.ics", "", auth...)
	ics.is(t, 200, nil)
	if !strings.Contains(ics.body, "DTSTART:20261130T070000Z") || strings.Contains(ics.body, "assport") || !strings.Contains(ics.body, "Appointment: Musterstadt") {
		t.Error(ics.body)
	}
	var moved appointmentAnswer
	x.send("PATCH", path, `{"start":"2026-11-30T09:00"}`, auth...).is(t, 200, &moved)
	if moved.Start.Format(time.RFC3339) != "2026-11-30T09:00:00+01:00" || moved.ID != held.ID {
		t.Errorf("%+v", moved)
	}
	var gone appointmentAnswer
	x.send("DELETE", path, "", auth...).is(t, 200, &gone)
	if gone.Status != "cancelled" || x.count(`SELECT count(*) FROM booking.claim`) != 0 {
		t.Errorf("%+v", gone)
	}
	if log := x.logs.String(); log != "" {
		t.Error("log:", log)
	}
}

func TestNobodyElseSeesIt(t *testing.T) {
	x := openTown(t)
	mine, other := x.booked("08:00"), x.booked("08:00")
	path := "/api/v1/appointments/" + mine.ID
	no := x.send("GET", path, "")
	if no.StatusCode != 401 || !strings.HasPrefix(no.Header.Get("WWW-Authenticate"), "Bearer") || no.problemKey() != "api.no_token" {
		t.Errorf("%d %v %s", no.StatusCode, no.Header, no.body)
	}
	unknown := x.send("GET", "/api/v1/appointments/00000000", "", "Authorization", "Bearer "+mine.Token)
	for _, c := range [][2]string{{"GET", ""}, {"DELETE", ""}, {"PATCH", `{"start":"2026-11-30T10:00"}`}} {
		for _, token := range []string{other.Token, "x", strings.Repeat("A", 20), strings.Repeat("A", 5000), "' OR 1=1 --"} {
			a := x.send(c[0], path, c[1], "Authorization", "Bearer "+token)
			if a.StatusCode != 404 || a.body != unknown.body {
				t.Errorf("%s with another token: %d %s", c[0], a.StatusCode, a.body)
			}
		}
	}
	x.send("GET", path+"?token="+mine.Token, "").is(t, 400, nil)
	if a := x.send("POST", "/api/v1/appointments", `{"hold":"`+mine.ID+`","surname":"X"}`, "Authorization", "Bearer "+other.Token, "Idempotency-Key", "0123456789abcdef"); a.StatusCode != 404 {
		t.Errorf("confirm with another token: %d %s", a.StatusCode, a.body)
	}
	var still appointmentAnswer
	x.send("GET", path, "", "Authorization", "bearer  "+strings.ToLower(mine.Token)).is(t, 200, &still)
	if still.Status != "booked" {
		t.Error(still.Status)
	}
}

func TestS20TwoHundredClientsOneSlot(t *testing.T) {
	x := openTown(t)
	x.DB.Exec(t.Context(), `UPDATE booking.room SET persons = persons`)
	if _, err := x.DB.Exec(t.Context(), `UPDATE booking.resource SET active = false WHERE code IN ('a2', 'f1')`); err != nil {
		t.Fatal(err)
	}
	must(t, x.Reception.Board.Load(t.Context()))
	codes, slowest := map[int]int{}, time.Duration(0)
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			began := time.Now()
			a := x.send("POST", "/api/v1/holds", passport("08:00"))
			took := time.Since(began)
			mu.Lock()
			defer mu.Unlock()
			codes[a.StatusCode]++
			slowest = max(slowest, took)
			var p problem
			if a.StatusCode == 409 && (json.Unmarshal([]byte(a.body), &p) != nil || len(p.Alternatives) == 0) {
				t.Error("no alternative:", a.body)
			}
		})
	}
	all.Wait()
	if len(codes) != 2 || codes[201] != 1 || codes[409] != 199 {
		t.Error(codes)
	}
	t.Log("slowest of 200:", slowest)
}

func TestS22HoldRunsOut(t *testing.T) {
	x := openTown(t)
	if _, err := x.DB.Exec(t.Context(), `UPDATE booking.resource SET active = false WHERE code = 'a2'`); err != nil {
		t.Fatal(err)
	}
	must(t, x.Reception.Board.Load(t.Context()))
	first := x.held("08:00")
	auth := []string{"Authorization", "Bearer " + first.Token}
	x.after(10*time.Minute - time.Second)
	x.send("POST", "/api/v1/holds", passport("08:00")).is(t, 409, nil)
	x.send("GET", "/api/v1/appointments/"+first.ID, "", auth...).is(t, 200, nil)
	x.after(time.Second)
	x.held("08:00")
	confirm := x.send("POST", "/api/v1/appointments", `{"hold":"`+first.ID+`","surname":"Zu Spät"}`, auth...)
	if confirm.StatusCode != 410 || confirm.problemKey() != "booking.hold_expired" {
		t.Errorf("%d %s", confirm.StatusCode, confirm.body)
	}
	x.send("GET", "/api/v1/appointments/"+first.ID, "", auth...).is(t, 410, nil)
	x.send("GET", "/api/v1/appointments/"+first.ID+"/calendar.ics", "", auth...).is(t, 410, nil)
}

func TestS24SameKeySameAnswer(t *testing.T) {
	x := openTown(t)
	const key = "6d4a1f0e-3b0c-4c2e-9a57-2f9f4f6b8a11"
	bodies := make([]string, 20)
	var all sync.WaitGroup
	for i := range bodies {
		all.Go(func() {
			a := x.send("POST", "/api/v1/holds", passport("08:00"), "Idempotency-Key", key)
			bodies[i] = fmt.Sprint(a.StatusCode, a.Header.Get("Location"), a.body)
		})
	}
	all.Wait()
	for _, b := range bodies {
		if b != bodies[0] || !strings.HasPrefix(b, "201") {
			t.Errorf("%s\nis not\n%s", b, bodies[0])
		}
	}
	if n := x.count(`SELECT count(*) FROM booking.appointment`); n != 1 {
		t.Errorf("%d appointments", n)
	}
	reused := x.send("POST", "/api/v1/holds", passport("09:00"), "Idempotency-Key", key)
	if reused.StatusCode != 409 || reused.problemKey() != "booking.key_reused" {
		t.Errorf("%d %s", reused.StatusCode, reused.body)
	}
	x.send("POST", "/api/v1/holds", passport("09:00"), "Idempotency-Key", "short").is(t, 400, nil)
	// Confirming: the same key with another token is another request.
	h := x.held("10:00")
	for _, want := range []int{201, 201} {
		x.send("POST", "/api/v1/appointments", `{"hold":"`+h.ID+`","surname":"Muster"}`, "Authorization", "Bearer "+h.Token, "Idempotency-Key", key).is(t, want, nil)
	}
	x.send("POST", "/api/v1/appointments", `{"hold":"`+h.ID+`","surname":"Muster"}`, "Authorization", "Bearer WRONGWRONGWRONGWRONG", "Idempotency-Key", key).is(t, 404, nil)
}

func TestS45ProofOfWork(t *testing.T) {
	x := openTown(t)
	x.Proof = true
	solve := func() string {
		var c altcha.Challenge
		a := x.send("GET", "/api/v1/challenge", "")
		a.is(t, 200, &c)
		text, err := altcha.Solve(c)
		must(t, err)
		return text
	}
	with := func(clock, proof string) answer {
		return x.send("POST", "/api/v1/holds", strings.Replace(passport(clock), "{", `{"altcha":"`+proof+`",`, 1))
	}
	if a := x.send("POST", "/api/v1/holds", passport("08:00")); a.StatusCode != 401 || a.problemKey() != "altcha.missing" {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	proof := solve()
	with("08:00", proof).is(t, 201, nil)
	if a := with("09:00", proof); a.StatusCode != 401 || a.problemKey() != "altcha.spent" {
		t.Errorf("a second time: %d %s", a.StatusCode, a.body)
	}
	late := solve()
	x.after(challengeHolds)
	if a := with("09:00", late); a.problemKey() != "altcha.expired" {
		t.Errorf("late: %d %s", a.StatusCode, a.body)
	}
	if n := x.count(`SELECT count(*) FROM booking.appointment`); n != 1 {
		t.Errorf("%d appointments", n)
	}
	// Twenty at once with one solution: one of them.
	codes, fresh := map[int]int{}, solve()
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			a := with(fmt.Sprintf("10:%02d", i%12*5), fresh)
			mu.Lock()
			defer mu.Unlock()
			codes[a.StatusCode]++
		})
	}
	all.Wait()
	if codes[201] != 1 || codes[401] != 19 {
		t.Error(codes)
	}
}

func TestS45HoldsAreScarcer(t *testing.T) {
	x := openTown(t)
	x.Limits = Limits{Holds: Rate{PerMinute: 6, Burst: 3}}
	for i := range 3 {
		x.held(fmt.Sprintf("08:%02d", i*10))
	}
	a := x.send("POST", "/api/v1/holds", passport("09:00"))
	if a.StatusCode != 429 || a.Header.Get("Retry-After") != "10" {
		t.Errorf("%d %v %s", a.StatusCode, a.Header, a.body)
	}
	x.send("POST", "/api/v1/proposals", `{"service":"reisepass"}`).is(t, 200, nil)
	x.after(10 * time.Second)
	x.held("09:00")
}

func TestS46NoSlotSaysWhy(t *testing.T) {
	x := openTown(t)
	ask := func(body string) proposalsAnswer {
		var found proposalsAnswer
		x.send("POST", "/api/v1/proposals", body).is(t, 200, &found)
		return found
	}
	unmet := `SELECT count(*) FROM booking.unmet_demand`
	ask(`{"service":"reisepass"}`)
	if n := x.count(unmet); n != 0 {
		t.Error("there was a slot, and", n, "rows of unmet demand")
	}
	none := ask(`{"service":"reisepass","from":"2026-12-07","to":"2026-12-11","lon":8.39,"lat":51.91}`)
	if len(none.Proposals) != 0 || none.None == nil || none.None.Key != "no_release" || none.None.DE == "" || none.None.EN == "" || none.None.DE == none.None.EN {
		t.Fatalf("%+v %+v", none, none.None)
	}
	ask(`{"service":"reisepass","from":"2026-12-07","to":"2026-12-11","lon":8.39,"lat":51.91}`) // tries again
	if n := x.count(unmet + ` WHERE concern = 'reisepass' AND cell ~ '^1kmN32\d\dE42\d\d$' AND week = '2026-11-23' AND reason = 'no_release'`); n != 1 {
		t.Errorf("%d rows", n)
	}
	x.after(2 * time.Hour)
	ask(`{"service":"reisepass","from":"2026-12-07","to":"2026-12-11","lon":8.39,"lat":51.91}`)
	if n := x.count(unmet); n != 2 {
		t.Errorf("%d rows two hours later", n)
	}
	if child := ask(`{"service":"kinderschutz"}`); child.None == nil || child.None.Key != "no_appointment" {
		t.Errorf("%+v", child)
	}
	if n := x.count(unmet); n != 2 {
		t.Error("what needs no appointment is no unmet demand")
	}
}

func TestJurisdictionAsksBack(t *testing.T) {
	x := openTown(t)
	for _, c := range []struct {
		body, key, field string
	}{
		{`{"service":"aufenthaltstitel"}`, "api.name_decides", "name"},
		{`{"service":"bauberatung"}`, "api.place_decides", "address"},
		{`{"service":"bauberatung","address":"Lindenweg 1"}`, "api.choose_an_address", "address"},
	} {
		a := x.send("POST", "/api/v1/proposals", c.body)
		var p problem
		a.is(t, 400, &p)
		if a.problemKey() != c.key || p.Field != c.field {
			t.Errorf("%s: %s", c.body, a.body)
		}
		if c.key == "api.choose_an_address" && len(p.Addresses) != 2 {
			t.Error(a.body)
		}
	}
	var mueller, berg, plot proposalsAnswer
	x.send("POST", "/api/v1/proposals", `{"service":"aufenthaltstitel","name":"Geheimname-Müller"}`).is(t, 200, &berg) // X1 has no clerk
	if len(berg.Proposals) != 0 || berg.None.Key != "nobody" {
		t.Errorf("%+v", berg)
	}
	x.send("POST", "/api/v1/proposals", `{"service":"aufenthaltstitel","name":"Müller"}`).is(t, 200, &mueller)
	x.send("POST", "/api/v1/proposals", `{"service":"bauberatung","address":"Berliner Straße 70"}`).is(t, 200, &plot)
	if len(mueller.Proposals) == 0 || len(plot.Proposals) == 0 || mueller.Responsible.Department.ID != "auslaender" {
		t.Errorf("%+v %+v", mueller, plot)
	}
	if strings.Contains(x.logs.String(), "Geheimname") {
		t.Error("a name is in the log")
	}
}

func TestS15HourThatComesTwice(t *testing.T) {
	x := openTown(t)
	zone := x.Zone
	first := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC).In(zone)
	if got := spanText("de", first, first.Add(10*time.Minute), zone); !strings.HasSuffix(got, "02:30 bis 02:40 Uhr (UTC+02:00)") {
		t.Error(got)
	}
	if got := spanText("de", first.Add(time.Hour), first.Add(70*time.Minute), zone); !strings.HasSuffix(got, "(UTC+01:00)") {
		t.Error(got)
	}
	if got := spanText("de", first.Add(2*time.Hour), first.Add(130*time.Minute), zone); strings.Contains(got, "UTC") {
		t.Error(got)
	}
}

func TestS30FeedOfFreeSlots(t *testing.T) {
	x := openTown(t)
	lines := func(path string) []map[string]any {
		a := x.get(path)
		a.is(t, 200, nil)
		if a.Header.Get("Content-Type") != fhirLines || a.Header.Get("Cache-Control") != feedMaxAge || a.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Error(a.Header)
		}
		var all []map[string]any
		for l := range strings.Lines(a.body) {
			var doc map[string]any
			must(t, json.Unmarshal([]byte(l), &doc))
			all = append(all, doc)
		}
		return all
	}
	var m struct {
		Output []struct{ Type, URL string }
	}
	x.json("/api/v1/slots/$bulk-publish", &m)
	if len(m.Output) != 3 {
		t.Fatal(m)
	}
	known := map[string]bool{}
	for _, o := range m.Output {
		for _, doc := range lines(strings.TrimPrefix(o.URL, x.http.URL)) {
			id := doc["id"].(string)
			if known[o.Type+"/"+id] || doc["resourceType"] != o.Type || len(id) > 64 {
				t.Error("twice, or of another type:", doc)
			}
			known[o.Type+"/"+id] = true
			var refers []any
			switch o.Type {
			case "Schedule":
				refers = doc["actor"].([]any)
			case "Slot":
				refers = []any{doc["schedule"]}
			}
			for _, r := range refers {
				if !known[r.(map[string]any)["reference"].(string)] {
					t.Error("refers to what is not there:", doc)
				}
			}
		}
	}
	eight := func() (n int) {
		for _, doc := range lines("/api/v1/slots.ndjson") {
			if doc["start"] == "2026-11-30T08:00:00+01:00" && strings.Contains(doc["schedule"].(map[string]any)["reference"].(string), "reisepass") {
				n++
			}
		}
		return n
	}
	if eight() != 1 {
		t.Error("not one slot, though two clerks are free")
	}
	tag := x.get("/api/v1/slots.ndjson").Header.Get("ETag")
	if a := x.get("/api/v1/slots.ndjson", "If-None-Match", tag); a.StatusCode != http.StatusNotModified {
		t.Error(a.StatusCode)
	}
	x.booked("08:00")
	x.booked("08:00")
	x.after(time.Second)
	if eight() != 0 {
		t.Error("still in the feed a second after it was booked")
	}
	if a := x.get("/api/v1/slots.ndjson", "If-None-Match", tag); a.StatusCode != http.StatusOK {
		t.Error(a.StatusCode)
	}
	if body := x.get("/api/v1/slots.ndjson").body; strings.Contains(body, `"a1"`) || strings.Contains(body, "A1") {
		t.Error("a clerk is in the open feed")
	}
}
