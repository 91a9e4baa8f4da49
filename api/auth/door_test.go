package auth_test

import (
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/booking/seal"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const good = "vier kleine Enten schwimmen"

// door is a door whose clock the test sets.
type door struct {
	*auth.Door
	t   *testing.T
	mu  sync.Mutex
	now time.Time
}

func (d *door) pass(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

func newDoor(t *testing.T) *door {
	t.Helper()
	keys, err := seal.Open(filepath.Join(t.TempDir(), "keys.json"))
	must(t, err)
	d := &door{t: t, now: time.Date(2026, 3, 30, 6, 0, 0, 0, time.UTC)}
	d.Door = auth.NewDoor(pgtest.Pool(t, auth.Migrations()), keys, func() time.Time {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.now
	})
	return d
}

func (d *door) add(id string, roles ...auth.Role) {
	d.t.Helper()
	must(d.t, d.Add(d.t.Context(), ortsnah.System("test"), auth.Change{ID: id, Name: "Erika Muster", Roles: roles}, good, false))
}

// in signs in with the right password.
func (d *door) in(id string) (string, auth.Session) {
	d.t.Helper()
	token, _, err := d.SignIn(d.t.Context(), auth.Attempt{Name: id, Password: good, Address: "192.0.2.1"})
	must(d.t, err)
	return token, d.session(token)
}

func (d *door) session(token string) auth.Session {
	d.t.Helper()
	s, err := d.Session(d.t.Context(), token)
	must(d.t, err)
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fails holds the key of the sentence.
func fails(t *testing.T, err error, key string) {
	t.Helper()
	if e, ok := errors.AsType[*ortsnah.Error](err); !ok || e.Key != key {
		t.Fatalf("error %v, want %s", err, key)
	}
}

func TestSignIn(t *testing.T) {
	d := newDoor(t)
	d.add("erika", auth.Planner)
	for _, a := range []auth.Attempt{
		{Name: "erika", Password: "vier kleine Enten"}, {Name: "erika"}, {Name: "nobody", Password: good}, {},
		{Name: "erika\x00", Password: good + "\x00"}, {Name: strings.Repeat("x", 1e6), Password: strings.Repeat("y", 1e6)},
		{Name: "erika'--", Password: good},
	} {
		_, _, err := d.SignIn(t.Context(), a)
		fails(t, err, "auth.wrong")
	}
	token, stage, err := d.SignIn(t.Context(), auth.Attempt{Name: " Erika ", Password: good, Device: "Firefox"})
	must(t, err)
	s := d.session(token)
	if stage != auth.Complete || s.Stage != auth.Complete || s.Account.ID != "erika" || !s.Account.Has(auth.Planner) {
		t.Errorf("%v %+v", stage, s)
	}
	must(t, d.SignOut(t.Context(), token))
	_, err = d.Session(t.Context(), token)
	fails(t, err, "auth.no_session")
}

func TestSessionsEnd(t *testing.T) {
	d := newDoor(t)
	d.add("erika", auth.Planner)
	idle, _ := d.in("erika")
	d.pass(auth.Idle)
	_, err := d.Session(t.Context(), idle)
	fails(t, err, "auth.no_session")

	busy, _ := d.in("erika")
	for range 11 {
		d.pass(time.Hour / 2)
		if _, err := d.Session(t.Context(), busy); err == nil {
			t.Fatal("alive after half an hour without a request")
		}
		busy, _ = d.in("erika")
		d.pass(auth.Idle - time.Minute)
		d.session(busy)
	}
	busy, _ = d.in("erika")
	began := d.Now()
	for d.Now().Sub(began) < auth.Longest-20*time.Minute {
		d.pass(20 * time.Minute)
		d.session(busy)
	}
	d.pass(20 * time.Minute)
	_, err = d.Session(t.Context(), busy)
	fails(t, err, "auth.no_session")

	must(t, d.Sweep(t.Context()))
	var left int
	must(t, d.DB.QueryRow(t.Context(), `SELECT count(*) FROM auth.session`).Scan(&left))
	if left != 0 {
		t.Errorf("%d ended sessions left", left)
	}
}

func TestTokensAreNotInTheDatabase(t *testing.T) {
	d := newDoor(t)
	d.add("erika", auth.Planner)
	token, _ := d.in("erika")
	var all string
	must(t, d.DB.QueryRow(t.Context(), `SELECT (SELECT string_agg(s::text, ' ') FROM auth.session s) ||
		(SELECT string_agg(a::text, ' ') FROM auth.account a) || (SELECT string_agg(b::text, ' ') FROM booking.audit b)`).Scan(&all))
	for _, secret := range []string{token, good, "192.0.2.1"} {
		if strings.Contains(all, secret) {
			t.Errorf("%q is in the database", secret)
		}
	}
	if !strings.Contains(all, "$argon2id$v=19$m=65536,t=3,p=4$") {
		t.Errorf("parameters of argon2id are not those of RFC 9106: %s", all)
	}
}

func TestLockedAtOnce(t *testing.T) {
	d := newDoor(t)
	d.add("erika", auth.Planner)
	token, _ := d.in("erika")
	must(t, d.Lock(t.Context(), ortsnah.System("test"), "erika", true))
	_, err := d.Session(t.Context(), token)
	fails(t, err, "auth.no_session")
	_, _, err = d.SignIn(t.Context(), auth.Attempt{Name: "erika", Password: good})
	fails(t, err, "auth.wrong")
	must(t, d.Lock(t.Context(), ortsnah.System("test"), "erika", false))
	d.in("erika")
}

func TestThrottle(t *testing.T) {
	d := newDoor(t)
	d.add("erika", auth.Planner)
	try := func(name, password, address string) error {
		_, _, err := d.SignIn(t.Context(), auth.Attempt{Name: name, Password: password, Address: address})
		return err
	}
	for _, name := range []string{"erika", "nobody"} { // an unknown name looks the same
		for range 5 {
			fails(t, try(name, "wrong wrong wrong", "192.0.2.7"), "auth.wrong")
		}
		fails(t, try(name, good, "192.0.2.7"), "auth.too_many")
		d.pass(29 * time.Second)
		fails(t, try(name, good, "192.0.2.7"), "auth.too_many")
	}
	must(t, try("erika", good, "192.0.2.8")) // the owner gets in from elsewhere
	d.pass(time.Second)
	fails(t, try("erika", "wrong wrong wrong", "192.0.2.7"), "auth.wrong")
	wait := time.Duration(0)
	for range 12 {
		err := try("erika", "wrong wrong wrong", "192.0.2.7")
		late, ok := errors.AsType[*auth.TooMany](err)
		if !ok || late.After < wait {
			t.Fatalf("%v after a wait of %v", err, wait)
		}
		wait = late.After
		d.pass(wait)
		fails(t, try("erika", "wrong wrong wrong", "192.0.2.7"), "auth.wrong")
	}
	if wait != 15*time.Minute {
		t.Errorf("longest wait is %v", wait)
	}
	d.pass(-48 * time.Hour) // a clock set back locks nobody out for days
	late, _ := errors.AsType[*auth.TooMany](try("erika", good, "192.0.2.7"))
	if late == nil || late.After > 15*time.Minute {
		t.Errorf("after the clock went back: %v", late)
	}
}

// TestThrottleAtOnce: many attempts at the same moment are counted, too.
func TestThrottleAtOnce(t *testing.T) {
	d := newDoor(t)
	d.add("erika", auth.Planner)
	var mu sync.Mutex
	counted := map[string]int{}
	var group sync.WaitGroup
	for range 24 {
		group.Go(func() {
			_, _, err := d.SignIn(t.Context(), auth.Attempt{Name: "erika", Password: "wrong wrong wrong", Address: "192.0.2.7"})
			e, _ := errors.AsType[*ortsnah.Error](err)
			mu.Lock()
			defer mu.Unlock()
			counted[e.Key]++
		})
	}
	group.Wait()
	if counted["auth.wrong"] != 5 || counted["auth.too_many"] != 19 {
		t.Error(counted)
	}
}

func TestCheckPassword(t *testing.T) {
	for password, key := range map[string]string{
		good: "", "Straßenbahn fährt": "", "ŁódźŁódźŁódźabc": "", "correct horse 4 battery": "",
		"elf Zeichen":                "auth.password_short",
		"":                           "auth.password_short",
		strings.Repeat("ä", 11):      "auth.password_short",
		strings.Repeat("abcde ", 40): "auth.password_long",
		"erika.muster":               "auth.password_name",
		"ErikaMuster1!":              "auth.password_name",
		"muster-muster":              "auth.password_name",
		"Passwort123456!":            "auth.password_common",
		"aaaaaaaaaaaaa":              "auth.password_common",
		"123456789012":               "auth.password_common",
		"qwertzuiopasdf":             "auth.password_common",
		"Rathaus2026!!":              "auth.password_common",
		"Gütersloh 2026":             "auth.password_common",
		"twelve chars\x00":           "auth.password_text",
		"twelve chars\xff":           "auth.password_text",
	} {
		err := auth.CheckPassword(password, "erika.muster", "Erika Muster")
		if e, _ := errors.AsType[*ortsnah.Error](err); key == "" && err != nil || key != "" && (e == nil || e.Key != key) {
			t.Errorf("%q: %v, want %q", password, err, key)
		}
	}
	seen := map[string]bool{}
	for range 200 {
		p := auth.Invented()
		if seen[p] || auth.CheckPassword(p, "a", "b") != nil {
			t.Errorf("invented %q", p)
		}
		seen[p] = true
	}
}

func TestSetPassword(t *testing.T) {
	d := newDoor(t)
	must(t, d.Add(t.Context(), ortsnah.System("test"), auth.Change{ID: "erika", Name: "Erika"}, good, true))
	old, s := d.in("erika")
	if s.Stage != auth.NeedsPassword {
		t.Fatal(s.Stage)
	}
	_, _, err := d.SetPassword(t.Context(), s, "", good, "")
	fails(t, err, "auth.password_same")
	other, _ := d.in("erika")
	token, stage, err := d.SetPassword(t.Context(), s, "", "drei Hasen im Garten", "")
	must(t, err)
	if stage != auth.Complete {
		t.Error(stage)
	}
	for _, dead := range []string{old, other} {
		_, err = d.Session(t.Context(), dead)
		fails(t, err, "auth.no_session")
	}
	_, _, err = d.SignIn(t.Context(), auth.Attempt{Name: "erika", Password: good})
	fails(t, err, "auth.wrong")
	_, _, err = d.SetPassword(t.Context(), d.session(token), "wrong", "zwölf Katzen im Garten", "")
	fails(t, err, "auth.wrong_old")
}

func TestLastAdministrator(t *testing.T) {
	d := newDoor(t)
	by := ortsnah.System("test")
	d.add("erika", auth.Administrator)
	fails(t, d.Lock(t.Context(), by, "erika", true), "auth.last_administrator")
	fails(t, d.Edit(t.Context(), by, auth.Change{ID: "erika", Name: "Erika"}), "auth.last_administrator")
	d.add("max", auth.Administrator)
	must(t, d.Lock(t.Context(), by, "erika", true))
	fails(t, d.Lock(t.Context(), by, "max", true), "auth.last_administrator")
	for key, c := range map[string]auth.Change{
		"auth.bad_name":      {ID: "Erika Muster", Name: "x"},
		"auth.name_missing":  {ID: "neu"},
		"auth.no_role":       {ID: "neu", Name: "x", Roles: []auth.Role{"boss"}},
		"auth.clerk_missing": {ID: "neu", Name: "x", Roles: []auth.Role{auth.Clerk}},
		"auth.no_clerk":      {ID: "neu", Name: "x", Clerk: "zz"},
		"auth.no_office":     {ID: "neu", Name: "x", Office: "zz"},
		"auth.no_site":       {ID: "neu", Name: "x", Site: "zz"},
		"auth.name_taken":    {ID: "max", Name: "x"},
	} {
		fails(t, d.Add(t.Context(), by, c, "", false), key)
	}
	fails(t, d.Lock(t.Context(), by, "nobody", true), "auth.no_account")
	var rows int
	must(t, d.DB.QueryRow(t.Context(), `SELECT count(*) FROM booking.audit WHERE actor = 'system:test'`).Scan(&rows))
	if rows != 3 {
		t.Errorf("%d audit rows, want 3: two added, one locked", rows)
	}
}
