package booking

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
)

const someKey = "5f7c1c52-9c1f-4a2e-8b1b-1b7b2d6b6f10"

// S24: 20 parallel requests with one key make one appointment and get 20 equal
// bodies, though every one needs more connections than it would leave.
func TestS24Idempotent(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	s.released("A1", "2026-03-30", "08:00", "12:00")
	s.released("A2", "2026-03-30", "08:00", "12:00")
	o := s.order("pass", 1, "2026-03-30 08:00")
	bodies := make([][]byte, 20)
	together(len(bodies), func(i int) {
		status, body, err := s.Idempotent(t.Context(), someKey, []byte("pass"), func(ctx context.Context) (int, []byte, error) {
			ticket, err := s.Hold(ctx, o)
			if err != nil {
				return 0, nil, err
			}
			body, err := json.Marshal(ticket)
			return 201, body, err
		})
		if err != nil || status != 201 {
			t.Errorf("%d, %v", status, err)
		}
		bodies[i] = body
	})
	for _, b := range bodies {
		if !bytes.Equal(b, bodies[0]) || len(b) == 0 {
			t.Fatalf("%s differs from %s", b, bodies[0])
		}
	}
	if n := s.count(`SELECT count(*) FROM booking.appointment`); n != 1 {
		t.Errorf("%d appointments", n)
	}
	var ticket Ticket
	s.must(json.Unmarshal(bodies[0], &ticket))
	if s.count(`SELECT count(*) FROM booking.idempotency WHERE position($1::bytea IN sealed) > 0`, []byte(ticket.Token)) != 0 {
		t.Error("the token can be read in the database")
	}
}

func TestIdempotentKeys(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	var runs atomic.Int64
	ask := func(key, request string, status int, fails error) (int, string, error) {
		code, body, err := s.Idempotent(t.Context(), key, []byte(request), func(context.Context) (int, []byte, error) {
			return status, []byte{'0' + byte(runs.Add(1))}, fails
		})
		return code, string(body), err
	}
	is := func(name string, code int, body string, err error, wantCode int, wantBody, wantKey string) {
		t.Helper()
		if code != wantCode || body != wantBody || key(err) != wantKey {
			t.Errorf("%s: %d %q %v, want %d %q %q", name, code, body, err, wantCode, wantBody, wantKey)
		}
	}
	away := ortsnah.E(ortsnah.Unavailable, "geo.database_away")
	code, body, err := ask(someKey, "a", 0, away)
	is("an error is not kept", code, body, err, 0, "1", "geo.database_away")
	code, body, err = ask(someKey, "a", 503, nil)
	is("nor is a 503", code, body, err, 503, "2", "")
	code, body, err = ask(someKey, "a", 409, nil)
	is("a 409 is", code, body, err, 409, "3", "")
	code, body, err = ask(someKey, "a", 201, nil)
	is("kept", code, body, err, 409, "3", "")
	_, _, err = ask(someKey, "b", 201, nil)
	is("another request", 0, "", err, 0, "", "booking.key_reused")
	for _, bad := range []string{"", "1", strings.Repeat("x", 256), "sixteen letters\x00\x01", "sixteen letters\xff\xfe"} {
		_, _, err = ask(bad, "a", 201, nil)
		is("bad key", 0, "", err, 0, "", "booking.bad_key")
	}
	s.after(24 * time.Hour)
	code, body, err = ask(someKey, "b", 201, nil)
	is("after a day the key is new", code, body, err, 201, "4", "")
	s.after(24 * time.Hour)
	if _, err := s.Erase(t.Context()); err != nil || s.count(`SELECT count(*) FROM booking.idempotency`) != 0 {
		t.Errorf("answers are left, %v", err)
	}
	func() {
		defer func() { recover() }()
		s.Idempotent(t.Context(), someKey, nil, func(context.Context) (int, []byte, error) { panic("defect") })
	}()
	code, body, err = ask(someKey, "c", 201, nil)
	is("after a panic", code, body, err, 201, "5", "")
}

// Who waits for an instance that has died gets the key in the end; who gives
// up waiting is told so.
func TestIdempotentAfterDeath(t *testing.T) {
	s := scenarioTown(t, "2026-03-27 10:00")
	_, err := s.DB.Exec(t.Context(), `INSERT INTO booking.idempotency VALUES (sha256($1::text::bytea), sha256('a'), 0, '', '', $2)`, someKey, s.Now())
	s.must(err)
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	done := func(context.Context) (int, []byte, error) { return 201, []byte("x"), nil }
	if _, _, err = s.Idempotent(short, someKey, []byte("a"), done); ortsnah.KindOf(err) != ortsnah.Unavailable && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while it lives: %v", err)
	}
	s.after(keyLease)
	if status, body, err := s.Idempotent(t.Context(), someKey, []byte("a"), done); status != 201 || string(body) != "x" || err != nil {
		t.Errorf("%d %s %v", status, body, err)
	}
}
