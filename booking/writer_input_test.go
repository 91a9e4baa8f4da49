package booking

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/seal"
)

// S32: 240 minutes a week by the web, 60 by phone. The week is the ISO week on
// the clocks of the town.
func TestS32Quota(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	for _, day := range []string{"2026-03-30", "2026-04-01", "2026-04-07"} {
		s.released("P1", day, "08:00", "12:00")
	}
	s.must2(s.DB.Exec(t.Context(), `INSERT INTO booking.quota VALUES ($1, 'web', 240), ($1, 'phone', 60)`, s.clerk["P1"]))
	var last Ticket
	for _, wall := range []string{"2026-03-30 08:00", "2026-03-30 09:00", "2026-03-30 10:00", "2026-04-01 08:00"} {
		s.reload()
		last = s.booked(s.order("rente", 1, wall))
	}
	fifth := s.order("rente", 1, "2026-04-01 09:00")
	found, err := s.Board.At(t.Context(), fifth.Request, fifth.Starts, fifth.PlaceID, 1)
	s.must(err)
	_, err = s.Hold(t.Context(), fifth)
	taken, ok := errors.AsType[*Taken](err)
	if !ok || len(taken.Alternatives) == 0 || !taken.Alternatives[0].Starts.Equal(s.wall("2026-04-07 08:00")) {
		t.Errorf("fifth by the web: %v, %+v (board: %+v)", err, taken, found.Proposals)
	}
	// Whoever has an old picture is stopped under the locks.
	phone := fifth
	phone.Via = ViaPhone
	search, err := s.Board.At(t.Context(), phone.Request, phone.Starts, phone.PlaceID, 1)
	s.must(err)
	_, err = s.write(t.Context(), fifth, search.Proposals[0], reservation{TokenHash: hashToken("x")}, nil)
	if l, ok := errors.AsType[*lostError](err); !ok || l.reason != "quota" {
		t.Errorf("by the web with an old picture: %v", err)
	}
	s.must2(s.Book(t.Context(), phone, desk(), Person{Surname: "Muster"}, "de"))
	phone.Starts = s.wall("2026-04-01 10:00")
	if _, err = s.Book(t.Context(), phone, desk(), Person{Surname: "Muster"}, "de"); ortsnah.KindOf(err) != ortsnah.Conflict {
		t.Errorf("second by phone: %v", err)
	}
	s.must2(s.Cancel(t.Context(), last.Appointment.ID, By{Token: last.Token}))
	fifth.Starts = s.wall("2026-04-01 11:00")
	s.booked(fifth)
}

// What the offer has lost since the picture was taken is found under the locks.
func TestOldPicture(t *testing.T) {
	for _, x := range []struct{ reason, sql string }{
		{"release", `DELETE FROM booking.release`},
		{"release", `UPDATE booking.release_day SET during = tstzrange(lower(during) + interval '5 minutes', upper(during))`},
		{"release", `UPDATE booking.release_day SET channels = '{phone}'`},
		{"release", `UPDATE booking.release_day SET via = '{desk}'`},
		{"release", `UPDATE booking.release_day SET concerns = '{rente}'`},
		{"release", `UPDATE booking.release_day SET site = 'bibliothek'`},
		{"release", `UPDATE booking.release_day SET visible_from = '2026-03-29'`},
		{"resource", `UPDATE booking.resource SET active = false WHERE kind = 'clerk'`},
		{"resource", `UPDATE booking.resource SET active = false WHERE kind = 'room'`},
		{"closure", `INSERT INTO booking.closure (starts, ends, kind) VALUES ('2026-03-30 06:09Z', '2026-03-30 07:00Z', 'closed')`},
		{"closure", `INSERT INTO booking.closure (site, starts, ends, kind) VALUES ('rathaus', '2026-03-30 05:00Z', '2026-03-30 06:01Z', 'closed')`},
		{"closure", `INSERT INTO booking.closure (resource, starts, ends, kind) SELECT id, '2026-03-30', '2026-03-31', 'sickness' FROM booking.resource`},
		{"", `INSERT INTO booking.closure (site, starts, ends, kind) VALUES ('rathaus', '2026-03-30 06:10Z', '2026-03-30 07:00Z', 'closed')`},
		{"", `INSERT INTO booking.closure (site, starts, ends, kind) VALUES ('bibliothek', '2026-03-30', '2026-03-31', 'closed')`},
	} {
		s := scenarioTown(t, "2026-03-27 10:00")
		s.released("A1", "2026-03-30", "08:00", "12:00")
		o := s.order("pass", 1, "2026-03-30 08:00")
		search, err := s.Board.At(t.Context(), o.Request, o.Starts, o.PlaceID, 1)
		s.must(err)
		s.must2(s.DB.Exec(t.Context(), x.sql))
		_, err = s.write(t.Context(), o, search.Proposals[0], reservation{TokenHash: hashToken("x")}, nil)
		if l, ok := errors.AsType[*lostError](err); x.reason == "" && err != nil || x.reason != "" && (!ok || l.reason != x.reason) {
			t.Errorf("%s: %v, want %q", x.sql, err, x.reason)
		}
		if n := s.count(`SELECT count(*) FROM booking.appointment`); (n == 1) != (x.reason == "") {
			t.Errorf("%s: %d appointments", x.sql, n)
		}
	}
}

func TestImpossibleOrders(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "12:00")
	long := strings.Repeat("ß", 5000)
	for _, x := range []struct {
		want   string
		change func(o *Order)
	}{
		{"booking.bad_persons", func(o *Order) { o.Persons = 0 }},
		{"booking.bad_persons", func(o *Order) { o.Persons = -1 }},
		{"booking.bad_persons", func(o *Order) { o.Persons = 1000 }},
		{"booking.bad_concerns", func(o *Order) { o.Concerns = nil }},
		{"booking.bad_concerns", func(o *Order) { o.Concerns = []string{"pass", "rente", "bau", "ummeldung"} }},
		{"booking.no_concern", func(o *Order) { o.Concerns = []string{"mondflug"} }},
		{"booking.concern_unreadable", func(o *Order) { o.Concerns = []string{long} }},
		{"booking.concern_unreadable", func(o *Order) { o.Concerns = []string{"pass\x00"} }},
		{"booking.name_too_long", func(o *Order) { o.Name = long }},
		{"booking.name_too_long", func(o *Order) { o.Name = "\xff" }},
		{"booking.via_unknown", func(o *Order) { o.Via = "fax" }},
		{"booking.bad_channel", func(o *Order) { o.Channel = "fax" }},
		{"booking.no_slot_chosen", func(o *Order) { o.Starts = time.Time{} }},
		{"booking.no_slot_chosen", func(o *Order) { o.PlaceID = "" }},
		{"booking.no_slot_chosen", func(o *Order) { o.PlaceID = "site/" + long }},
		{"booking.start_is_past", func(o *Order) { o.Starts = s.wall("2026-03-27 10:00") }},
		{"booking.start_off_grid", func(o *Order) { o.Starts = o.Starts.Add(time.Minute) }},
		{"booking.start_off_grid", func(o *Order) { o.Starts = o.Starts.Add(time.Nanosecond) }},
		{"booking.taken", func(o *Order) { o.PlaceID = "site/luftschloss" }},
		{"booking.taken", func(o *Order) { o.PlaceID = "site/'; DROP TABLE booking.claim; --" }},
		{"booking.taken", func(o *Order) { o.Starts = s.wall("2026-03-30 03:00") }},
		{"booking.taken", func(o *Order) { o.Starts = s.wall("2126-03-30 08:00") }},
		{"booking.because_name_needed", func(o *Order) { o.Concerns = []string{"aufenthalt"} }},
		{"booking.because_place_needed", func(o *Order) { o.Concerns = []string{"bau"} }},
		{"booking.because_name_in_no_range", func(o *Order) { o.Concerns, o.Name = []string{"aufenthalt"}, "Ελένη" }},
		{"booking.wrong_channel", func(o *Order) { o.Channel, o.PlaceID = Video, "video" }},
	} {
		o := s.order("pass", 1, "2026-03-30 08:00")
		x.change(&o)
		_, err := s.Hold(t.Context(), o)
		s.expect(err, x.want)
		if err != nil && len(err.Error()) > 1000 {
			t.Errorf("%s: the error has %d bytes", x.want, len(err.Error()))
		}
	}
	if n := s.count(`SELECT count(*) FROM booking.appointment`); n != 0 {
		t.Errorf("%d appointments", n)
	}
}

func TestPersons(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("X4", "2026-03-30", "08:00", "12:00")
	o := s.order("aufenthalt", 1, "2026-03-30 08:00")
	o.Name = "Müller"
	held, err := s.Hold(t.Context(), o)
	s.must(err)
	by, id := By{Token: held.Token}, held.Appointment.ID
	for _, x := range []struct {
		want string
		p    Person
	}{
		{"booking.surname_needed", Person{}},
		{"booking.surname_needed", Person{Surname: " \t "}},
		{"booking.surname_needed", Person{Surname: "…"}},
		{"booking.name_too_long", Person{Surname: strings.Repeat("M", 101)}},
		{"booking.name_too_long", Person{Surname: "Mül\x07ler"}},
		{"booking.name_too_long", Person{Surname: "Mül\u202eler"}},
		{"booking.name_too_long", Person{Surname: "Müller", GivenName: strings.Repeat("M", 10240)}},
		{"booking.other_surname", Person{Surname: "Berg"}},
		{"booking.other_surname", Person{Surname: "Ελένη"}},
		{"booking.email_impossible", Person{Surname: "Müller", Email: "a@b"}},
		{"booking.email_impossible", Person{Surname: "Müller", Email: "Müller <a@b.example>"}},
		{"booking.email_impossible", Person{Surname: "Müller", Email: "a@b.example,c@d.example"}},
		{"booking.email_impossible", Person{Surname: "Müller", Email: "a@b.example\r\nBcc: c@d.example"}},
		{"booking.phone_impossible", Person{Surname: "Müller", Phone: "ruf an"}},
		{"booking.phone_impossible", Person{Surname: "Müller", Phone: strings.Repeat("1", 10240)}},
		{"booking.note_too_long", Person{Surname: "Müller", Note: strings.Repeat("x", 10240)}},
	} {
		_, err := s.Confirm(t.Context(), id, by, x.p, "de")
		s.expect(err, x.want)
		if err != nil && (strings.Contains(err.Error(), "ller") || strings.Contains(err.Error(), "Berg")) {
			t.Errorf("the error names the person: %v", err)
		}
	}
	if n := s.count(`SELECT count(*) FROM booking.person`); n != 0 {
		t.Errorf("%d persons", n)
	}
	want := Person{GivenName: "小明 فاطمة", Surname: "Mu\u0308ller-Łukasz Шевченко", Email: "mueller@post.example", Phone: "+49 5241/82-0", Note: "Zeile 1\nZeile 2"}
	s.must2(s.Confirm(t.Context(), id, by, want, "de"))
	got, err := s.Person(t.Context(), id, by)
	want.Surname = "Müller-Łukasz Шевченко"
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if s.count(`SELECT count(*) FROM booking.person WHERE position('ller'::bytea IN sealed) > 0`) != 0 {
		t.Error("the name can be read in the database")
	}
	// Bytes moved to another row do not open.
	s.must2(s.DB.Exec(t.Context(), `UPDATE booking.person SET id = gen_random_uuid()`))
	if _, err = s.Person(t.Context(), id, by); ortsnah.KindOf(err) != ortsnah.Internal {
		t.Errorf("moved bytes: %v", err)
	}
}

// Forged, foreign and wrong tokens, and references that do not exist, all get
// one answer from every verb.
func TestTokens(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "12:00")
	mine, other := s.booked(s.order("pass", 1, "2026-03-30 08:00")), s.booked(s.order("pass", 1, "2026-03-30 08:10"))
	ctx, id := t.Context(), mine.Appointment.ID
	answers := map[string]bool{}
	for _, x := range []struct{ id, token string }{
		{id, ""}, {id, other.Token}, {id, mine.Token[1:]}, {id, mine.Token + "0"}, {id, random(tokenLetters)}, {id, strings.Repeat("A", 10240)},
		{id, "'; --"}, {"ZZZZZZZZ", mine.Token}, {"", mine.Token}, {strings.Repeat("9", 10240), mine.Token}, {id + "\x00", mine.Token},
	} {
		by := By{Token: x.token}
		_, a := s.Appointment(ctx, x.id, by)
		_, b := s.Confirm(ctx, x.id, by, Person{}, "de")
		_, c := s.Cancel(ctx, x.id, by)
		_, d := s.Move(ctx, x.id, by, s.wall("2026-03-30 09:00"), "site/rathaus")
		_, e := s.Person(ctx, x.id, by)
		_, f := s.Notices(ctx, x.id, by)
		_, g := s.Alternatives(ctx, x.id, by)
		for i, err := range []error{a, b, c, d, e, f, g} {
			if err == nil {
				t.Fatalf("verb %d opened with %.40q", i, x.token)
			}
			answers[err.Error()] = true
		}
	}
	if len(answers) != 1 {
		t.Errorf("answers differ: %v", answers)
	}
	a, err := s.Appointment(ctx, strings.ToLower(id), By{Token: strings.ToLower(mine.Token[:5] + " " + mine.Token[5:10] + "-" + mine.Token[10:])})
	if err != nil || a.Status != Booked {
		t.Errorf("as typed: %v, %v", a.Status, err)
	}
	if s.count(`SELECT count(*) FROM booking.appointment a WHERE a::text LIKE '%' || $1 || '%'`, mine.Token) != 0 {
		t.Error("the token is in the database")
	}
}

// Persons sealed with an older key are sealed anew, in portions.
func TestReseal(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "12:00")
	key := func(id string) seal.Key {
		k := seal.Key{ID: id, Key: make([]byte, seal.KeyBytes)}
		rand.Read(k.Key)
		return k
	}
	old, fresh := key("old"), key("new")
	ring := func(keys ...seal.Key) *Reception {
		r, err := seal.New(keys...)
		s.must(err)
		return &Reception{DB: s.DB, Board: s.Board, Keys: r, Now: s.Now, Zone: s.Zone}
	}
	s.Reception = ring(old)
	var tickets []Ticket
	for _, wall := range []string{"08:00", "08:10", "08:20"} {
		tickets = append(tickets, s.booked(s.order("pass", 1, "2026-03-30 "+wall)))
	}
	if _, err := ring(fresh).Reseal(t.Context(), 10); ortsnah.KindOf(err) != ortsnah.Internal {
		t.Errorf("without the old key: %v", err)
	}
	for i, want := range []int{2, 1, 0} {
		if n, err := ring(fresh, old).Reseal(t.Context(), 2); n != want || err != nil {
			t.Errorf("round %d: %d, %v", i, n, err)
		}
	}
	for _, x := range tickets {
		if p, err := ring(fresh).Person(t.Context(), x.Appointment.ID, By{Token: x.Token}); err != nil || p.Surname != "Muster" {
			t.Errorf("%+v, %v", p, err)
		}
	}
}
