package auth_test

import (
	"encoding/base32"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/booking/seal"
)

// code is the code of an app that was set up with e, at the door's time.
func (d *door) code(e auth.Enrolment) string {
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(e.Secret, " ", ""))
	must(d.t, err)
	return auth.CodeAt(secret, d.Now().Unix()/30)
}

// TestCodes holds the codes against RFC 6238, appendix B (last six digits).
func TestCodes(t *testing.T) {
	for seconds, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471",
		1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := auth.CodeAt([]byte("12345678901234567890"), seconds/30); got != want {
			t.Errorf("at %d: %s, want %s", seconds, got, want)
		}
	}
}

func TestSecondFactor(t *testing.T) {
	d := newDoor(t)
	d.add("erika", auth.Administrator)
	first, s := d.in("erika")
	if s.Stage != auth.NeedsEnrol {
		t.Fatalf("an administrator without second factor is at %s", s.Stage)
	}
	e, err := d.Enrol(t.Context(), s, "Musterstadt")
	must(t, err)
	again, err := d.Enrol(t.Context(), s, "Musterstadt")
	must(t, err)
	if e != again || !strings.HasPrefix(e.URI, "otpauth://totp/Musterstadt:erika?secret=") {
		t.Errorf("%+v, then %+v", e, again)
	}
	_, _, err = d.ConfirmEnrol(t.Context(), s, "000000", good, "")
	fails(t, err, "auth.wrong_code")
	second, recovery, err := d.ConfirmEnrol(t.Context(), s, d.code(e), good, "")
	must(t, err)
	if _, err := d.Session(t.Context(), first); err == nil {
		t.Error("the token of before the second factor still opens a session")
	}
	if s := d.session(second); s.Stage != auth.Complete || len(recovery) != 10 {
		t.Errorf("%+v, %d codes", s, len(recovery))
	}
	fails(t, d.DropSecondFactor(t.Context(), d.session(second), good, ""), "auth.factor_needed")

	used := d.code(e)
	token, s := d.in("erika")
	_, _, err = d.SecondFactor(t.Context(), s, used, "")
	fails(t, err, "auth.wrong_code") // it confirmed the set-up
	d.pass(30 * time.Second)
	for _, wrong := range []string{"", "12345", "abcdef", "1234567", used, strings.Repeat("7", 1e5), recovery[0][:8]} {
		_, s = d.in("erika")
		_, _, err = d.SecondFactor(t.Context(), s, wrong, fmt.Sprint(wrong))
		fails(t, err, "auth.wrong_code")
	}
	fresh := d.code(e)
	complete, stage, err := d.SecondFactor(t.Context(), s, fresh[:3]+" "+fresh[3:], "")
	must(t, err)
	if stage != auth.Complete || complete == token {
		t.Errorf("%s", stage)
	}
	_, s = d.in("erika")
	_, _, err = d.SecondFactor(t.Context(), s, fresh, "")
	fails(t, err, "auth.wrong_code") // replayed
	_, _, err = d.SecondFactor(t.Context(), s, strings.ToUpper(recovery[3]), "")
	must(t, err)
	_, s = d.in("erika")
	_, _, err = d.SecondFactor(t.Context(), s, recovery[3], "")
	fails(t, err, "auth.wrong_code") // a recovery code counts once
}

// TestCodeAtOnce: one code, many sessions, one gets in.
func TestCodeAtOnce(t *testing.T) {
	d := newDoor(t)
	d.add("erika", auth.Planner)
	_, s := d.in("erika")
	e, err := d.Enrol(t.Context(), s, "Musterstadt")
	must(t, err)
	_, _, err = d.ConfirmEnrol(t.Context(), s, d.code(e), "not the password", "")
	fails(t, err, "auth.wrong_old")
	_, _, err = d.ConfirmEnrol(t.Context(), s, d.code(e), good, "")
	must(t, err)
	d.pass(time.Minute)
	code := d.code(e)
	var in sync.Map
	var group sync.WaitGroup
	for i := range 4 {
		_, s := d.in("erika")
		group.Go(func() {
			if token, _, err := d.SecondFactor(t.Context(), s, code, fmt.Sprint(i)); err == nil {
				in.Store(i, token)
			}
		})
	}
	group.Wait()
	n := 0
	in.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("%d sign-ins with one code", n)
	}
}

// TestReseal: after the keys were rotated the app's codes still count, and the
// old key is not needed any more.
func TestReseal(t *testing.T) {
	d := newDoor(t)
	key := func(id string) seal.Key { return seal.Key{ID: id, Key: []byte(strings.Repeat(id, 32))} }
	ring := func(ids ...seal.Key) *seal.Keyring {
		r, err := seal.New(ids...)
		must(t, err)
		return r
	}
	d.Keys = ring(key("a"))
	d.add("erika", auth.Planner)
	token, s := d.in("erika")
	e, err := d.Enrol(t.Context(), s, "Musterstadt")
	must(t, err)
	_, _, err = d.ConfirmEnrol(t.Context(), s, d.code(e), good, "")
	must(t, err)
	_, err = d.Session(t.Context(), token)
	fails(t, err, "auth.no_session")
	d.Keys = ring(key("b"), key("a"))
	for _, want := range []int{1, 0} {
		if n, err := d.Reseal(t.Context()); n != want || err != nil {
			t.Errorf("resealed %d, %v; want %d", n, err, want)
		}
	}
	d.Keys = ring(key("b"))
	d.pass(time.Minute)
	_, s = d.in("erika")
	_, _, err = d.SecondFactor(t.Context(), s, d.code(e), "")
	must(t, err)
}
