package auth_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/booking/seal"
)

const email = "geheime.adresse@example.org"

func (d *door) opened(address, password string) (string, auth.CitizenSession) {
	d.t.Helper()
	token, err := d.Citizens().Open(d.t.Context(), auth.Attempt{Name: address, Password: password, Address: "192.0.2.1"})
	must(d.t, err)
	return token, d.citizen(token)
}

func (d *door) citizen(token string) auth.CitizenSession {
	d.t.Helper()
	s, err := d.Citizens().Session(d.t.Context(), token)
	must(d.t, err)
	return s
}

// dump is every value of schema auth as text.
func (d *door) dump() string {
	d.t.Helper()
	var all string
	must(d.t, d.DB.QueryRow(d.t.Context(), `SELECT concat_ws(' ',
		(SELECT string_agg(encode(sealed, 'escape') || encode(proof, 'hex') || c::text, ' ') FROM auth.citizen c),
		(SELECT string_agg(s::text, ' ') FROM auth.citizen_session s), (SELECT string_agg(l::text, ' ') FROM auth.citizen_appointment l),
		(SELECT string_agg(h::text, ' ') FROM auth.throttle h))`).Scan(&all))
	return all
}

func TestCitizenOpens(t *testing.T) {
	d := newDoor(t)
	for _, a := range []struct{ email, password, key string }{
		{"", good, "auth.citizen_email"}, {"erika", good, "auth.citizen_email"}, {"Erika <e@example.org>", good, "auth.citizen_email"},
		{"e@example", good, "auth.citizen_email"}, {"a@b.c\x00", good, "auth.citizen_email"}, {strings.Repeat("a", 250) + "@example.org", good, "auth.citizen_email"},
		{email, "kurz", "auth.password_short"}, {email, strings.Repeat("lang und ", 50), "auth.password_long"}, {email, "geheime.adresse!", "auth.password_name"},
	} {
		_, err := d.Citizens().Open(t.Context(), auth.Attempt{Name: a.email, Password: a.password, Address: "192.0.2.1"})
		fails(t, err, a.key)
	}
	_, first := d.opened(" Geheime.Adresse@Example.org ", good)
	if first.Citizen.Email != email {
		t.Errorf("%q", first.Citizen.Email)
	}
	if dump := d.dump(); strings.Contains(strings.ToLower(dump), "geheime") || strings.Contains(dump, good) {
		t.Error("the address can be read in the database:", dump)
	}
	_, again := d.opened(email, good)
	if again.Citizen.ID != first.Citizen.ID {
		t.Error("the same address and password are another account")
	}
	_, other := d.opened(email, "fünf große Gänse schnattern")
	if other.Citizen.ID == first.Citizen.ID {
		t.Error("another password opens the account")
	}
	token, err := d.Citizens().SignIn(t.Context(), auth.Attempt{Name: strings.ToUpper(email), Password: good, Address: "192.0.2.1"})
	must(t, err)
	if d.citizen(token).Citizen.ID != first.Citizen.ID {
		t.Error("signed in to another account")
	}
	// Not a way around the staff's door, nor the other way.
	_, err = d.Session(t.Context(), token)
	fails(t, err, "auth.no_session")
	d.add("erika", auth.Planner)
	staff, _ := d.in("erika")
	_, err = d.Citizens().Session(t.Context(), staff)
	fails(t, err, "auth.no_session")
}

func TestCitizenThrottle(t *testing.T) {
	d := newDoor(t)
	d.opened(email, good)
	d.pass(25 * time.Hour)
	try := func(password, address string) error {
		_, err := d.Citizens().SignIn(t.Context(), auth.Attempt{Name: email, Password: password, Address: address})
		return err
	}
	for range 3 {
		fails(t, try("falsch falsch falsch", "192.0.2.1"), "auth.citizen_wrong")
	}
	// Opening accounts is no way to guess on.
	for i := range 2 {
		_, err := d.Citizens().Open(t.Context(), auth.Attempt{Name: email, Password: strings.Repeat("geraten ", 2+i), Address: "192.0.2.1"})
		must(t, err)
	}
	fails(t, try(good, "192.0.2.1"), "auth.too_many")
	_, err := d.Citizens().Open(t.Context(), auth.Attempt{Name: email, Password: "noch eins geraten", Address: "192.0.2.1"})
	fails(t, err, "auth.too_many")
	must(t, try(good, "198.51.100.7"))
	d.pass(time.Minute)
	must(t, try(good, "192.0.2.1"))
	if strings.Contains(d.dump(), email) {
		t.Error("the throttle knows the address")
	}
}

func TestCitizenChanges(t *testing.T) {
	d := newDoor(t)
	c := d.Citizens()
	old, s := d.opened(email, good)
	second, _ := d.opened(email, good)
	const fresh = "sechs kleine Enten schwimmen"
	_, err := c.SetPassword(t.Context(), s, "falsch falsch falsch", fresh, "192.0.2.2")
	fails(t, err, "auth.citizen_old")
	_, err = c.SetPassword(t.Context(), s, good, good, "192.0.2.2")
	fails(t, err, "auth.password_same")
	token, err := c.SetPassword(t.Context(), s, good, fresh, "192.0.2.2")
	must(t, err)
	for _, gone := range []string{old, second} {
		_, err = c.Session(t.Context(), gone)
		fails(t, err, "auth.no_session")
	}
	s = d.citizen(token)
	must(t, c.SetDetails(t.Context(), s, "Geheimname", true))
	s = d.citizen(token)
	if s.Citizen.Surname != "Geheimname" || !s.Citizen.Fill {
		t.Errorf("%+v", s.Citizen)
	}
	_, err = c.SetEmail(t.Context(), s, "neu", fresh, "192.0.2.2")
	fails(t, err, "auth.citizen_email")
	token, err = c.SetEmail(t.Context(), s, "neu@example.org", fresh, "192.0.2.2")
	must(t, err)
	s = d.citizen(token)
	if s.Citizen.Email != "neu@example.org" || s.Citizen.Surname != "Geheimname" {
		t.Errorf("%+v", s.Citizen)
	}
	_, err = c.SignIn(t.Context(), auth.Attempt{Name: email, Password: fresh, Address: "192.0.2.3"})
	fails(t, err, "auth.citizen_wrong")
	// Another account has the same address; its password is its own.
	_, other := d.opened("neu@example.org", good)
	_, err = c.SetPassword(t.Context(), other, good, fresh, "192.0.2.2")
	fails(t, err, "auth.citizen_other_password")
	fails(t, c.Delete(t.Context(), s, good, "192.0.2.2"), "auth.citizen_old") // the other's password
	must(t, c.Delete(t.Context(), s, fresh, "192.0.2.2"))
	_, err = c.Session(t.Context(), token)
	fails(t, err, "auth.no_session")
}

func TestCitizenSweep(t *testing.T) {
	d := newDoor(t)
	c := d.Citizens()
	keep, s := d.opened(email, good)
	must(t, c.SetDetails(t.Context(), s, "Geheimname", false))
	d.pass(auth.Idle)
	n, err := c.Sweep(t.Context())
	if must(t, err); n != 0 {
		t.Error("a used account is gone")
	}
	_, err = c.Session(t.Context(), keep)
	fails(t, err, "auth.no_session")
	d.pass(auth.CitizenMonths * 31 * 24 * time.Hour)
	n, err = c.Sweep(t.Context())
	if must(t, err); n != 1 {
		t.Errorf("%d accounts went", n)
	}
	var left int
	must(t, d.DB.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM auth.citizen) + (SELECT count(*) FROM auth.citizen_session)`).Scan(&left))
	if left != 0 {
		t.Error(left, "rows are left")
	}
}

// TestCitizenReseal: an account opens before and after the keys change, and the
// old key is not needed any more.
func TestCitizenReseal(t *testing.T) {
	d := newDoor(t)
	key := func(id string) seal.Key { return seal.Key{ID: id, Key: bytes.Repeat([]byte(id), seal.KeyBytes)} }
	ring := func(ids ...string) *seal.Keyring {
		t.Helper()
		var keys []seal.Key
		for _, id := range ids {
			keys = append(keys, key(id))
		}
		r, err := seal.New(keys...)
		must(t, err)
		return r
	}
	d.Keys = ring("a")
	_, s := d.opened(email, good)
	must(t, d.Citizens().SetDetails(t.Context(), s, "Geheimname", true))
	d.Keys = ring("b", "a")
	n, err := d.Citizens().Reseal(t.Context())
	if must(t, err); n != 2 {
		t.Errorf("%d rows", n)
	}
	d.Keys = ring("b")
	token, err := d.Citizens().SignIn(t.Context(), auth.Attempt{Name: email, Password: good, Address: "192.0.2.1"})
	must(t, err)
	if c := d.citizen(token).Citizen; c.ID != s.Citizen.ID || c.Surname != "Geheimname" {
		t.Errorf("%+v", c)
	}
	d.Keys = nil
	_, err = d.Citizens().SignIn(t.Context(), auth.Attempt{Name: email, Password: good})
	if ortsnah.KindOf(err) != ortsnah.Unavailable {
		t.Error(err)
	}
}

// TestCitizenOpensTwice: many who open the first account at once get one.
func TestCitizenOpensTwice(t *testing.T) {
	d := newDoor(t)
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			_, err := d.Citizens().Open(t.Context(), auth.Attempt{Name: email, Password: good, Address: fmt.Sprint("192.0.2.", i)})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	var keys, accounts, sessions int
	must(t, d.DB.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM auth.citizen_key), (SELECT count(*) FROM auth.citizen),
		(SELECT count(*) FROM auth.citizen_session)`).Scan(&keys, &accounts, &sessions))
	if keys != 1 || accounts != 1 || sessions != 4 {
		t.Errorf("%d keys, %d accounts, %d sessions", keys, accounts, sessions)
	}
}
