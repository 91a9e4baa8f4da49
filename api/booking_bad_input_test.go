package api

import (
	"strings"
	"testing"
)

// TestBadInput: a clear sentence each, and the state unchanged.
func TestBadBookingInput(t *testing.T) {
	x := openTown(t)
	mine := x.booked("11:00")
	before := x.count(`SELECT count(*) FROM booking.appointment`)
	auth := []string{"Authorization", "Bearer " + mine.Token}
	own := "/api/v1/appointments/" + mine.ID
	const post, holds, ask = "POST", "/api/v1/holds", "/api/v1/proposals"
	hold := func(start string) string {
		return `{"service":"reisepass","place":"site/rathaus","start":"` + start + `"}`
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		key, field         string
	}{
		// JSON
		{post, ask, `{`, 400, "api.bad_json", ""},
		{post, ask, `[]`, 400, "api.bad_json", ""},
		{post, ask, `null`, 400, "api.bad_json", ""},
		{post, ask, `"x"`, 400, "api.bad_json", ""},
		{post, ask, `{"service":"reisepass"} x`, 400, "api.bad_json", ""},
		{post, ask, `{"service":"reisepass"}{}`, 400, "api.bad_json", ""},
		{post, ask, `{"service":"reisepass","lon":NaN}`, 400, "api.bad_json", ""},
		{post, ask, "{\"service\":\"reise\xffpass\"}", 400, "api.bad_json", ""},
		{post, ask, `{"service":"reise\u0000pass"}`, 400, "api.bad_text", "service"},
		{post, ask, `{"service":"reisepass","clerk":"a1"}`, 400, "api.unknown_field", "clerk"},
		{post, ask, `{"service":"reisepass","Persons":2}`, 400, "api.unknown_field", "Persons"},
		{post, ask, `{"service":"reisepass","via":"desk"}`, 400, "api.unknown_field", "via"},
		{post, ask, `{"service":"reisepass","persons":1,"persons":2}`, 400, "api.repeated_field", "persons"},
		{post, ask, `{"service":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, 400, "api.too_deep", ""},
		{post, ask, `{"service":{"a":{"b":{"c":{"d":1}}}}}`, 400, "api.too_deep", ""},
		{post, ask, `{"service":{"id":"reisepass"}}`, 400, "api.wrong_type", "service"},
		{post, ask, `{"service":["reisepass"],"name":"` + strings.Repeat("x", 70<<10) + `"}`, 413, "api.body_too_large", ""},
		{post, ask, `{"service":"reisepass","name":"` + strings.Repeat("x", 10<<10) + `"}`, 400, "api.bad_name", "name"},
		// persons
		{post, ask, `{"service":"reisepass","persons":0}`, 400, "booking.bad_persons", "persons"},
		{post, ask, `{"service":"reisepass","persons":-1}`, 400, "booking.bad_persons", "persons"},
		{post, ask, `{"service":"reisepass","persons":1000}`, 400, "booking.bad_persons", "persons"},
		{post, ask, `{"service":"reisepass","persons":1.5}`, 400, "api.wrong_type", "persons"},
		{post, ask, `{"service":"reisepass","persons":"2"}`, 400, "api.wrong_type", "persons"},
		{post, ask, `{"service":"reisepass","persons":99999999999999999999}`, 400, "api.wrong_type", "persons"},
		// what and where
		{post, ask, `{}`, 400, "booking.bad_concerns", "service"},
		{post, ask, `{"service":""}`, 400, "booking.bad_concerns", "service"},
		{post, ask, `{"service":"gibt-es-nicht"}`, 404, "booking.no_concern", "service"},
		{post, ask, `{"service":"reisepass,reisepass"}`, 400, "booking.bad_concerns", "service"},
		{post, ask, `{"service":["reisepass","ummeldung","aufenthaltstitel","bauberatung"]}`, 400, "booking.bad_concerns", "service"},
		{post, ask, `{"service":"reisepass","lon":8.39}`, 400, "api.bad_coordinate", "lat"},
		{post, ask, `{"service":"reisepass","lon":1e400,"lat":51}`, 400, "api.wrong_type", "lon"},
		{post, ask, `{"service":"reisepass","lon":51.9,"lat":8.4}`, 400, "stations.place_outside", "lon"},
		{post, ask, `{"service":"reisepass","lon":8.39,"lat":51.91,"address":"Lindenweg 1"}`, 400, "api.point_or_address", "address"},
		{post, ask, `{"service":"reisepass","address":"Nirgendweg 1"}`, 404, "booking.address_unknown", "address"},
		{post, ask, `{"service":"reisepass","channel":"pigeon"}`, 400, "booking.bad_channel", "channel"},
		{post, ask, `{"service":"reisepass","sort":"cheap"}`, 400, "api.no_such_format", "sort"},
		{post, ask, `{"service":"reisepass","limit":51}`, 400, "api.not_a_whole_number", "limit"},
		{post, ask, `{"service":"reisepass","step_free":"yes"}`, 400, "api.wrong_type", "step_free"},
		// times
		{post, ask, `{"service":"reisepass","from":"2027-02-31"}`, 400, "api.no_such_day", "from"},
		{post, ask, `{"service":"reisepass","from":"tomorrow"}`, 400, "api.bad_moment", "from"},
		{post, ask, `{"service":"reisepass","from":"2026-12-02","to":"2026-12-01"}`, 400, "booking.bad_period", "to"},
		{post, holds, hold("2027-02-31T08:00:00+01:00"), 400, "api.no_such_day", "start"},
		{post, holds, hold("2026-11-30T25:00"), 400, "api.no_such_clock", "start"},
		{post, holds, hold("2026-11-30T08:00:61+01:00"), 400, "api.no_such_clock", "start"},
		{post, holds, hold("2027-03-28T02:30"), 400, "api.no_such_hour", "start"},
		{post, holds, hold("2026-10-25T02:30"), 400, "api.hour_comes_twice", "start"},
		{post, holds, hold("2026-11-30"), 400, "api.bad_moment", "start"},
		{post, holds, hold(""), 400, "api.bad_moment", "start"},
		{post, holds, hold("2026-11-20T08:00:00+01:00"), 400, "booking.start_is_past", "start"},
		{post, holds, hold("2026-11-30T08:01:00+01:00"), 400, "booking.start_off_grid", "start"},
		{post, holds, `{"service":"reisepass","start":"2026-11-30T08:00"}`, 400, "api.place_not_chosen", "place"},
		{post, holds, `{"service":"reisepass","start":"2026-11-30T08:00","place":"site/nirgends"}`, 409, "booking.taken", "start"},
		{post, holds, hold("2036-11-30T08:00:00+01:00"), 409, "booking.taken", "start"},
		{post, holds, hold("2026-11-30T13:00:00+01:00"), 409, "booking.taken", "start"},
		{post, holds, `{"service":"kinderschutz","start":"2026-11-30T08:00","place":"site/rathaus"}`, 400, "booking.no_visit_needed", "service"},
		{post, holds, `{"service":"bauberatung","address":"Berliner Straße 70","start":"2026-11-30T08:00","place":"phone"}`, 400, "booking.wrong_channel", "channel"},
		// confirming, moving
		{post, "/api/v1/appointments", `{"hold":"` + mine.ID + `","persons":2}`, 400, "api.unknown_field", "persons"},
		{post, "/api/v1/appointments", `{"hold":"` + mine.ID + `","lang":"fr"}`, 400, "api.bad_language", "lang"},
		{post, "/api/v1/appointments", `{}`, 404, "booking.no_appointment", "id"},
		{"PATCH", own, `{}`, 400, "api.bad_moment", "start"},
		{"PATCH", own, `{"start":"2026-11-30T13:00"}`, 409, "booking.taken", "start"},
		{"PATCH", own, `{"start":"2026-11-30T10:00","place":"site/nirgends"}`, 409, "booking.taken", "start"},
		{"PATCH", own, `{"start":"2026-11-30T10:00","persons":3}`, 400, "api.unknown_field", "persons"},
		{"PUT", own, `{}`, 405, "api.no_such_method", ""},
		{"GET", "/api/v1/holds", "", 405, "api.no_such_method", ""},
		{"GET", ask, "", 400, "booking.bad_concerns", "service"},
		{"GET", ask + "?service=reisepass&clerk=1", "", 400, "api.unknown_parameter", "clerk"},
		{"GET", ask + "?service=reisepass&persons=0", "", 400, "booking.bad_persons", "persons"},
		{"GET", ask + "?service=reisepass&persons=x", "", 400, "api.wrong_type", "persons"},
		{"GET", ask + "?service=reisepass&lon=NaN&lat=1", "", 400, "api.bad_coordinate", "lon"},
		{"GET", ask + "?service=reisepass&step_free=1", "", 400, "api.no_such_format", "step_free"},
	} {
		a := x.send(c.method, c.path, c.body, auth...)
		shown := c.body[:min(len(c.body), 120)]
		var p problem
		if a.StatusCode != c.status || c.key != "" && a.problemKey() != c.key {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, shown, a.StatusCode, a.body)
			continue
		}
		a.is(t, c.status, &p)
		if p.Field != c.field && c.key != "" || len(p.Detail) < 20 || len(p.DetailEN) < 20 || p.Detail == p.DetailEN || strings.Contains(p.Detail+p.DetailEN, "{") || len(a.body) > 20_000 {
			t.Errorf("%s %s: %s", c.path, shown, a.body)
		}
	}
	plain := x.send(post, holds, hold("2026-11-30T08:00"), "Content-Type", "text/plain")
	if plain.StatusCode != 415 {
		t.Errorf("%d %s", plain.StatusCode, plain.body)
	}
	var still appointmentAnswer
	x.send("GET", own, "", auth...).is(t, 200, &still)
	if after := x.count(`SELECT count(*) FROM booking.appointment`); after != before || !still.Start.Equal(mine.Start) || still.Status != "booked" {
		t.Errorf("%d appointments, before %d; %+v", after, before, still)
	}
	if strings.Contains(x.logs.String(), "ERROR") {
		t.Error(x.logs.String())
	}
}

// TestGoodInput: what looks odd and is right.
func TestOddBookingInput(t *testing.T) {
	x := openTown(t)
	for _, body := range []string{
		`{"service":"reisepass","start":"2026-11-30T07:00:00Z","place":"site/rathaus"}`,
		`{"service":["reisepass"],"start":"2026-11-30T16:30:00+09:30","place":"site/rathaus"}`, // an instant is an instant
		`{"service":"reisepass","start":"2026-11-30t08:10:00.000+01:00","place":"site/rathaus","persons":null}`,
		`{"service":"reisepass","start":"2026-11-30T08:30","place":"site/rathaus","name":"عبد الله 王 O'Brien-ẞ","persons":2}`,
		"\n\t{\"service\":\"reisepass\",\"start\":\"2026-11-30T09:00+01:00\",\"place\":\"site/rathaus\"}\n",
	} {
		if a := x.send("POST", "/api/v1/holds", body, "Content-Type", "application/json; charset=UTF-8"); a.StatusCode != 201 {
			t.Errorf("%s: %d %s", body, a.StatusCode, a.body)
		}
	}
	var found proposalsAnswer
	x.json("/api/v1/proposals?service=reisepass&service=ummeldung&persons=2&sort=early&limit=1&to=2026-11-30&step_free=true", &found)
	if len(found.Proposals) != 1 || found.Minutes != 10+5+15+5 || len(found.Services) != 2 {
		t.Errorf("%+v", found)
	}
}
