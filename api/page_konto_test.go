package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/booking"
)

const kontoEmail = "geheim@example.org"

// kontoTown is openTown whose door has the same clock.
func kontoTown(t testing.TB) *bookingTown {
	t.Helper()
	x := openTown(t)
	x.Staff.Now = x.Now
	return x
}

// opensAccount opens an account on the pages and is then signed in.
func (c *citizen) opensAccount(email string) {
	c.t.Helper()
	c.goTo("/konto/neu")
	c.press("Konto eröffnen", "email", email, "fresh", rightPassword, "again", rightPassword)
	c.sees(200, "Mein Konto", "Kommende Termine")
}

// cookies names what the browser would send to a page.
func (c *citizen) cookies(x *bookingTown, path string) []string {
	u, err := url.Parse(x.http.URL + path)
	must(c.t, err)
	var names []string
	for _, cookie := range c.client.Jar.Cookies(u) {
		names = append(names, cookie.Name)
	}
	return names
}

// TestKonto: a citizen opens an account, books, sees the appointment on another
// device, moves it there, reads the messages, and deletes the account.
func TestKonto(t *testing.T) {
	x := kontoTown(t)
	c := x.citizen()
	c.goTo("/termin")
	c.follow("Mein Konto")
	c.sees(200, "Anmelden", "Ohne Konto")
	c.follow("Konto eröffnen")
	c.press("Konto eröffnen", "email", "geheim", "fresh", rightPassword, "again", rightPassword)
	c.sees(400, "Das ist keine E-Mail-Adresse")
	c.press("Konto eröffnen", "email", kontoEmail, "fresh", rightPassword, "again", "anders")
	c.sees(400, "Die beiden neuen Passwörter sind verschieden")
	c.press("Konto eröffnen", "email", kontoEmail, "fresh", rightPassword, "again", rightPassword)
	c.sees(200, "Sie haben zurzeit keinen Termin")
	c.follow("Einstellungen")
	c.press("Angaben speichern", "nachname", "Geheimname", "ausfuellen", "1")
	c.sees(200, "Ihre Angaben sind gespeichert")

	c.goTo("/termin/reisepass/zeiten")
	c.press("Montag, 30. November 2026")
	c.sees(200, "Wer kommt?")
	if !strings.Contains(c.body, `value="Geheimname"`) || !strings.Contains(c.body, `value="`+kontoEmail+`"`) {
		t.Error("the form is not filled in")
	}
	c.press("Termin verbindlich buchen", "nachname", "Geheimname")
	c.sees(200, "Ihr Termin ist gebucht", "Dieser Termin ist in Ihrem Konto")
	reference, code := c.code()
	if names := c.cookies(x, "/termin/b/"+reference); slices.Contains(names, codeCookie) {
		t.Error("the browser keeps the code although the account has it:", names)
	}

	other := x.citizen()
	other.goTo("/termin/b/" + reference)
	other.sees(200, "Ist der Termin in Ihrem Konto?")
	other.follow("Anmelden")
	other.press("Anmelden", "email", " GEHEIM@example.org", "password", rightPassword)
	if other.at.Path != "/termin/b/"+reference {
		t.Errorf("led to %s", other.at.Path)
	}
	other.sees(200, "08:00 bis 08:10 Uhr", "Dieser Termin ist in Ihrem Konto")
	other.follow("Verschieben")
	other.press("Montag, 30. November 2026")
	other.sees(200, "Der Termin wurde verschoben")

	c.goTo("/konto")
	c.sees(200, reference, "Reisepass")
	c.follow("Postfach")
	c.sees(200, "Der Termin wurde verschoben", "Der Termin wurde gebucht")
	c.goTo("/en/konto/postfach")
	c.sees(200, "The appointment was moved")

	c.goTo("/konto/loeschen")
	c.sees(200, code, reference)
	c.press("Ja, Konto löschen", "old", "falsch falsch falsch")
	c.sees(400, "Das bisherige Passwort stimmt nicht")
	c.press("Ja, Konto löschen", "old", rightPassword)
	c.sees(200, "Ihr Konto ist gelöscht")
	for _, table := range []string{"citizen", "citizen_session", "citizen_appointment"} {
		if n := x.count(`SELECT count(*) FROM auth.` + table); n != 0 {
			t.Errorf("%d rows of auth.%s are left", n, table)
		}
	}
	other.goTo("/konto")
	other.sees(200, "E-Mail-Adresse", "Passwort")
	other.goTo("/termin/b/" + reference)
	other.sees(200, "Ist der Termin in Ihrem Konto?")
	other.press("Termin ansehen", "nummer", reference, "code", code)
	other.sees(200, "Ihr Termin")

	for _, address := range slices.Concat(c.seen, other.seen) {
		if lower := strings.ToLower(address); strings.Contains(lower, "geheim") || strings.Contains(address, strings.ReplaceAll(code, " ", "")) {
			t.Errorf("personal data in %s", address)
		}
	}
	for _, secret := range []string{"geheim", strings.ToLower(reference), strings.ToLower(rightPassword), "ente"} {
		if strings.Contains(strings.ToLower(x.logs.String()), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

// TestKontoAdds: reference and code put an appointment into an account; what
// is not one's own looks like what is not there.
func TestKontoAdds(t *testing.T) {
	x := kontoTown(t)
	booker := x.citizen()
	reference, code := booker.booked()
	c := x.citizen()
	c.opensAccount(kontoEmail)
	for _, wrong := range [][2]string{{reference, "7K3M9QXABCDEFGHJKMNP"}, {"7K3M9QXA", code}, {"", ""}, {reference, ""}, {"<b>", strings.Repeat("x", 300)}, {"W00000001", code}} {
		c.press("Aufnehmen", "nummer", wrong[0], "code", wrong[1])
		c.sees(404, "Zu dieser Nummer und diesem Code gibt es keinen Termin")
	}
	if n := x.count(`SELECT count(*) FROM auth.citizen_appointment`); n != 0 {
		t.Fatal(n, "appointments of others are in the account")
	}
	c.goTo("/termin/b/" + reference)
	c.sees(200, "Mit Terminnummer und Code")
	for _, path := range []string{"/termin/b/" + reference + "/absagen", "/termin/b/" + reference + "/termin.ics", "/termin/b/" + reference + "/termin.pdf"} {
		c.goTo(path)
		if strings.Contains(c.body, "08:00") || strings.Contains(c.body, "DTSTART") {
			t.Errorf("%s shows somebody else's appointment", path)
		}
	}
	c.goTo("/konto")
	c.press("Aufnehmen", "nummer", strings.ToLower(reference), "code", strings.ToLower(code))
	c.sees(200, "Der Termin ist in Ihrem Konto", reference)

	// The browser that has booked it may add it without typing.
	booker.opensAccount("zweite@example.org")
	booker.goTo("/termin/b/" + reference)
	booker.press("In mein Konto aufnehmen")
	booker.sees(200, "Dieser Termin ist in Ihrem Konto")
	booker.follow("Absagen")
	booker.press("Ja, absagen")
	booker.sees(200, "Dieser Termin ist abgesagt")
	c.goTo("/konto")
	c.sees(200, "Frühere und abgesagte Termine", "abgesagt")
	c.press("Herausnehmen")
	c.sees(200, "nicht mehr in Ihrem Konto")
	if strings.Contains(c.body, reference) {
		t.Error("it is still there")
	}
}

// TestKontoAlternative: what the town holds instead of a cancelled appointment
// is answered in the account, and is in it from then on.
func TestKontoAlternative(t *testing.T) {
	x := kontoTown(t)
	c := x.citizen()
	c.opensAccount(kontoEmail)
	reference, _ := c.booked()
	must(t, x.Reception.CallOff(t.Context(), ortsnah.System("test"), []string{reference}))
	c.goTo("/konto")
	c.sees(200, "von der Stadt abgesagt", "1 neu", "Diese Zeit halten wir für Sie frei")
	c.press("Annehmen")
	c.sees(200, "Ihr Termin ist gebucht", "Dieser Termin ist in Ihrem Konto")
	fresh, _ := c.code()
	c.goTo("/konto")
	c.sees(200, fresh, reference)
	if strings.Contains(c.body, "halten wir für Sie frei") {
		t.Error("it is still offered")
	}
}

func TestKontoSessions(t *testing.T) {
	x := kontoTown(t)
	c := x.browser(t)
	a := x.town.send(c, "POST", "/konto/neu", url.Values{"email": {kontoEmail}, "fresh": {rightPassword}, "again": {rightPassword}})
	leads(t, a, "/konto")
	cookie := a.Header.Get("Set-Cookie")
	if !regexp.MustCompile(`^konto=[\w-]{43}; Path=/; HttpOnly; SameSite=Lax$`).MatchString(cookie) {
		t.Errorf("cookie %q", cookie)
	}
	home := x.town.send(c, get, "/konto", nil)
	if head := home.Header; home.StatusCode != 200 || head.Get("Cache-Control") != private || head.Get("Vary") != "Cookie" || head.Get("Cross-Origin-Resource-Policy") != "same-origin" {
		t.Errorf("%d %v", home.StatusCode, head)
	}
	leads(t, x.town.send(c, get, "/konto/anmelden", nil), "/konto")
	leads(t, x.town.send(c, get, "/dienst", nil), signInPath+"?weiter=%2Fdienst")

	// A session of the staff or an invented one is none of a citizen.
	staff := x.signedIn(t, auth.Account{Roles: []auth.Role{auth.Administrator}})
	leads(t, x.town.send(staff, get, "/konto", nil), "/konto/anmelden")
	at, err := url.Parse(x.http.URL)
	must(t, err)
	for _, forged := range []string{"", "x", strings.Repeat("A", 43), strings.Repeat("A", 5000), staff.Jar.Cookies(at)[0].Value, "' OR true --"} {
		forger := x.browser(t)
		forger.Jar.SetCookies(at, []*http.Cookie{{Name: "konto", Value: forged, Path: "/"}})
		leads(t, x.town.send(forger, get, "/en/konto/postfach", nil), "/en/konto/anmelden?weiter=/konto/postfach")
		if a := x.town.send(forger, get, "/konto/auskunft.json", nil); a.StatusCode != 303 {
			t.Errorf("export with %q: %d", forged, a.StatusCode)
		}
		leads(t, x.town.send(forger, "POST", "/konto/loeschen", url.Values{"old": {rightPassword}}), "/konto/anmelden")
	}
	// Another site cannot press buttons.
	if a := x.town.send(c, "POST", "/konto/abmelden/ueberall", nil, "Origin", "https://boese.example"); a.StatusCode != http.StatusForbidden {
		t.Errorf("a form of another site: %d", a.StatusCode)
	}
	second := x.browser(t)
	leads(t, x.town.send(second, "POST", "/konto/anmelden", url.Values{"email": {kontoEmail}, "password": {rightPassword}, "weiter": {"//boese.example"}}), "/konto")
	leads(t, x.town.send(second, "POST", "/konto/abmelden/ueberall", nil), "/konto/anmelden?meldung=signed_out_everywhere")
	leads(t, x.town.send(c, get, "/konto", nil), "/konto/anmelden")

	leads(t, x.town.send(c, "POST", "/konto/anmelden", url.Values{"email": {kontoEmail}, "password": {rightPassword}}), "/konto")
	x.after(auth.Idle)
	leads(t, x.town.send(c, get, "/konto", nil), "/konto/anmelden")
}

// TestKontoGuessing: a wrong password, an address without an account and one
// with an account look the same, and guessing is slowed down.
func TestKontoGuessing(t *testing.T) {
	x := kontoTown(t)
	leads(t, x.town.send(x.browser(t), "POST", "/konto/neu", url.Values{"email": {kontoEmail}, "fresh": {rightPassword}, "again": {rightPassword}}), "/konto")
	guess := func(path, email, password string) answer {
		return x.town.send(x.browser(t), "POST", path, url.Values{"email": {email}, "password": {password}, "fresh": {password}, "again": {password}})
	}
	wrong, unknown := guess("/konto/anmelden", kontoEmail, "falsch falsch falsch"), guess("/konto/anmelden", "niemand@example.org", "falsch falsch falsch")
	if wrong.StatusCode != 400 || strings.ReplaceAll(unknown.body, "niemand@example.org", kontoEmail) != wrong.body || strings.Contains(wrong.body, "falsch falsch") {
		t.Errorf("%d\n%s\n%s", wrong.StatusCode, wrong.body, unknown.body)
	}
	// Opening says nothing either: both get in, to an account of their own.
	leads(t, guess("/konto/neu", kontoEmail, "ganz anderes passwort"), "/konto")
	leads(t, guess("/konto/neu", "niemand@example.org", "ganz anderes passwort"), "/konto")
	var last answer
	for range 4 {
		last = guess("/konto/anmelden", kontoEmail, "falsch falsch falsch")
	}
	if last.StatusCode != http.StatusTooManyRequests || last.Header.Get("Retry-After") == "" {
		t.Errorf("%d %v", last.StatusCode, last.Header)
	}
	if a := guess("/konto/anmelden", kontoEmail, rightPassword); a.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the right password now: %d", a.StatusCode)
	}
	for _, bad := range []url.Values{{}, {"email": {"\xff"}}, {"email": {strings.Repeat("x", 20_000)}, "password": {strings.Repeat("y", 20_000)}}} {
		if a := x.town.send(x.browser(t), "POST", "/konto/anmelden", bad); a.StatusCode != 400 {
			t.Errorf("%v: %d", len(bad), a.StatusCode)
		}
	}
}

// TestKontoExport: everything that is stored is in the file, and no secret of
// somebody else.
func TestKontoExport(t *testing.T) {
	x := kontoTown(t)
	c := x.citizen()
	c.opensAccount(kontoEmail)
	reference, code := c.booked()
	stranger := x.citizen()
	foreign, _ := stranger.booked()
	c.goTo("/konto/auskunft.json")
	var data kontoData
	must(t, json.Unmarshal([]byte(c.body), &data))
	if data.Account.Email != kontoEmail || data.Account.Created != "2026-11-23" || len(data.Sessions) != 1 || len(data.Appointments) != 1 {
		t.Fatalf("%+v", data)
	}
	a := data.Appointments[0]
	if a.Reference != reference || a.Code != strings.ReplaceAll(code, " ", "") || a.Status != booking.Booked || a.Person == nil || a.Person.Surname != "Geheimname" ||
		a.Place != "Rathaus" || len(a.Services) != 1 || len(a.Messages) != 1 || a.Messages[0].Kind != "booked" {
		t.Errorf("%+v", a)
	}
	for _, no := range []string{foreign, "argon2", `"clerk"`, `"room"`} {
		if strings.Contains(c.body, no) {
			t.Errorf("the file has %q", no)
		}
	}
}

// TestKontoForgets: when the personal data of an appointment goes, nobody can
// tell from an account any more who was there.
func TestKontoForgets(t *testing.T) {
	x := kontoTown(t)
	c := x.citizen()
	c.opensAccount(kontoEmail)
	c.booked()
	sweep := func(links, accounts int) {
		t.Helper()
		_, err := x.Reception.Erase(t.Context())
		must(t, err)
		_, err = x.Staff.Citizens().Sweep(t.Context())
		must(t, err)
		if n := x.count(`SELECT count(*) FROM auth.citizen_appointment`); n != links || x.count(`SELECT count(*) FROM booking.person`) != links {
			t.Errorf("%d appointments in accounts, want %d", n, links)
		}
		if n := x.count(`SELECT count(*) FROM auth.citizen`); n != accounts {
			t.Errorf("%d accounts, want %d", n, accounts)
		}
	}
	x.after(36 * 24 * time.Hour) // 29 December
	sweep(1, 1)
	x.after(24 * time.Hour)
	sweep(0, 1)
	x.after(auth.CitizenMonths * 31 * 24 * time.Hour)
	sweep(0, 0)
}
