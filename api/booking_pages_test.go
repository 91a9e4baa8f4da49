package api

import (
	"bytes"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	dom "golang.org/x/net/html"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking"
)

// citizen is a browser without JavaScript: it follows links and sends the
// forms that a page has, and nothing else.
type citizen struct {
	t      testing.TB
	base   string
	client *http.Client
	page   *dom.Node
	status int
	at     *url.URL
	body   string
	seen   []string // every address asked for
}

func (x *bookingTown) citizen() *citizen {
	jar, err := cookiejar.New(nil)
	must(x.t, err)
	c := &citizen{t: x.t, base: x.http.URL}
	c.client = &http.Client{Jar: jar, Transport: x.client.Transport, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		c.seen = append(c.seen, r.URL.String())
		return nil
	}}
	return c
}

func (c *citizen) do(r *http.Request) {
	c.t.Helper()
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	c.seen = append(c.seen, r.URL.String())
	resp, err := c.client.Do(r)
	must(c.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	must(c.t, err)
	c.status, c.at, c.body = resp.StatusCode, resp.Request.URL, string(raw)
	c.page, err = dom.Parse(bytes.NewReader(raw))
	must(c.t, err)
}

func (c *citizen) goTo(path string) {
	c.t.Helper()
	r, err := http.NewRequest(http.MethodGet, c.base+path, nil)
	must(c.t, err)
	c.do(r)
}

func attr(n *dom.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func words(n *dom.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == dom.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// name is what a screen reader calls an element.
func name(n *dom.Node) string {
	if label := attr(n, "aria-label"); label != "" {
		return label
	}
	return words(n)
}

func (c *citizen) all(tag string) []*dom.Node {
	var list []*dom.Node
	for n := range c.page.Descendants() {
		if n.Type == dom.ElementNode && n.Data == tag {
			list = append(list, n)
		}
	}
	return list
}

// follow clicks the link with that name.
func (c *citizen) follow(text string) {
	c.t.Helper()
	for _, a := range c.all("a") {
		if strings.Contains(name(a), text) {
			to, err := c.at.Parse(attr(a, "href"))
			must(c.t, err)
			c.goTo(to.RequestURI())
			return
		}
	}
	c.t.Fatalf("%s has no link %q: %s", c.at.Path, text, words(c.page))
}

// press fills the form that has a button of that name and presses it. filled
// alternates names and values.
func (c *citizen) press(button string, filled ...string) {
	c.t.Helper()
	c.do(c.request(button, filled...))
}

func (c *citizen) request(button string, filled ...string) *http.Request {
	c.t.Helper()
	var pressed *dom.Node
	for _, b := range c.all("button") {
		if strings.HasPrefix(name(b), button) && attr(b, "type") == "submit" && within(b, "main") {
			pressed = b
			break
		}
	}
	if pressed == nil {
		c.t.Fatalf("%s (%d) has no button %q: %s", c.at.Path, c.status, button, words(c.page))
	}
	form := pressed
	for form.Data != "form" {
		form = form.Parent
	}
	values := fieldsOf(form)
	if n := attr(pressed, "name"); n != "" {
		values.Set(n, attr(pressed, "value"))
	}
	for i := 0; i+1 < len(filled); i += 2 {
		if !values.Has(filled[i]) {
			c.t.Fatalf("the form has no field %q: %v", filled[i], values)
		}
		values.Set(filled[i], filled[i+1])
	}
	to, err := c.at.Parse(attr(form, "action"))
	must(c.t, err)
	if attr(form, "method") == "post" {
		r, err := http.NewRequest(http.MethodPost, to.String(), strings.NewReader(values.Encode()))
		must(c.t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return r
	}
	to.RawQuery = values.Encode()
	r, err := http.NewRequest(http.MethodGet, to.String(), nil)
	must(c.t, err)
	return r
}

func within(n *dom.Node, tag string) bool {
	for ; n != nil; n = n.Parent {
		if n.Data == tag {
			return true
		}
	}
	return false
}

// fieldsOf is what a browser sends of a form; boxes that are not checked are
// there with an empty value, which the server must take for unchecked.
func fieldsOf(form *dom.Node) url.Values {
	values := url.Values{}
	for n := range form.Descendants() {
		if n.Type != dom.ElementNode || attr(n, "name") == "" {
			continue
		}
		checked := slices.ContainsFunc(n.Attr, func(a dom.Attribute) bool { return a.Key == "checked" })
		switch kind := attr(n, "type"); {
		case n.Data == "select":
			values.Set(attr(n, "name"), "")
		case n.Data == "input" && (kind == "radio" || kind == "checkbox") && !checked:
			if !values.Has(attr(n, "name")) {
				values.Set(attr(n, "name"), "")
			}
		case n.Data == "input":
			values.Set(attr(n, "name"), attr(n, "value"))
		}
	}
	return values
}

// sees fails unless the page has that status and says all that.
func (c *citizen) sees(status int, texts ...string) {
	c.t.Helper()
	text := words(c.page)
	if c.status != status {
		c.t.Fatalf("%s: %d, want %d: %s", c.at.Path, c.status, status, text)
	}
	for _, want := range texts {
		if !strings.Contains(text, want) {
			c.t.Fatalf("%s does not say %q: %s", c.at.Path, want, text)
		}
	}
}

// slots are the names of the buttons that choose a time.
func (c *citizen) slots() []string {
	var list []string
	for _, b := range c.all("button") {
		if attr(b, "name") == "termin" {
			list = append(list, name(b))
		}
	}
	return list
}

func (c *citizen) code() (reference, code string) {
	var found []string
	for _, d := range c.all("dd") {
		if attr(d, "class") == "code" {
			found = append(found, words(d))
		}
	}
	if len(found) > 1 {
		code = found[1]
	}
	return found[0], code
}

// booked goes the whole way to a passport appointment.
func (c *citizen) booked() (reference, code string) {
	c.t.Helper()
	c.goTo("/termin/reisepass/zeiten")
	c.press("Montag, 30. November 2026")
	c.press("Termin verbindlich buchen", "nachname", "Geheimname")
	c.sees(200, "Ihr Termin ist gebucht")
	return c.code()
}

// TestS44 goes from the home page to a booked appointment, moves and cancels
// it, by links and forms alone, in both languages.
func TestS44(t *testing.T) {
	x := openTown(t)
	c := x.citizen()
	c.goTo("/")
	c.follow("Termin")
	c.sees(200, "Was möchten Sie erledigen?", "Bürgerbüro")
	c.press("Suchen", "q", "Reisepas verloren")
	c.follow("Reisepass")
	c.sees(200, "Wie viele Personen kommen?", "10 Minuten")
	c.press("Weiter", "personen", "1")
	if first := c.slots()[0]; first != "Montag, 30. November 2026, 08:00 bis 08:10 Uhr, Rathaus" {
		t.Errorf("the first button reads %q", first)
	}
	c.press(c.slots()[0])
	c.sees(200, "bis 09:10 Uhr für Sie reserviert", "Wer kommt?")
	c.press("Termin verbindlich buchen", "nachname", "Geheimname", "email", "geheim@example.org")
	c.sees(200, "Ihr Termin ist gebucht", "Montag, 30. November 2026, 08:00 bis 08:10 Uhr", "Biometrisches Foto", "nicht älter als ein Jahr", "Berliner Straße 70")
	reference, code := c.code()
	if len(reference) != 8 || len(strings.ReplaceAll(code, " ", "")) != 20 {
		t.Errorf("reference %q, code %q", reference, code)
	}
	own := c.at.Path
	c.follow("Verschieben")
	c.sees(200, "Er bleibt, bis Sie eine neue Zeit gewählt haben")
	c.follow("Kalender")
	c.press("Montag, 30. November 2026, 09:15 bis 09:25 Uhr, Rathaus")
	c.sees(200, "09:15 bis 09:25 Uhr", "Der Termin wurde verschoben")
	if c.at.Path != own {
		t.Errorf("moved to %s, not %s", c.at.Path, own)
	}
	c.follow("English")
	c.sees(200, "Your appointment", "Monday, 30 November 2026, 09:15 to 09:25", "Biometric photo")
	c.follow("Cancel")
	c.sees(200, "Cancel the appointment?")
	c.press("Yes, cancel it")
	c.sees(200, "This appointment is cancelled", "Look for a new time")
	for _, address := range c.seen {
		if strings.Contains(strings.ToLower(address), "geheim") || strings.Contains(address, code) {
			t.Errorf("personal data in %s", address)
		}
	}
	if logs := x.logs.String(); strings.Contains(strings.ToLower(logs), "geheim") || strings.Contains(logs, reference) {
		t.Error(logs)
	}
}

// TestNameAndPlace: only where the rule asks, one question more.
func TestNameAndPlace(t *testing.T) {
	x := openTown(t)
	c := x.citizen()
	c.goTo("/termin/aufenthaltstitel")
	c.press("Weiter")
	c.sees(200, "Wie heißen Sie?")
	c.press("Weiter", "name", " ?! ")
	c.sees(400, "mindestens einem lateinischen Buchstaben")
	c.press("Weiter", "name", "Müller-Lüdenscheidt")
	if len(c.slots()) == 0 {
		t.Fatal(words(c.page))
	}
	c.press("Montag")
	c.sees(200, "Wer kommt?")
	if !strings.Contains(c.body, `value="Müller-Lüdenscheidt"`) {
		t.Error("the name is asked for twice")
	}
	c.press("Andere Zeit wählen")
	if len(c.slots()) == 0 || strings.Contains(c.at.String(), "ller") {
		t.Error(c.at)
	}

	p := x.citizen()
	p.goTo("/termin/bauberatung")
	p.press("Weiter")
	p.sees(200, "Um welche Adresse geht es?")
	p.press("Weiter", "adresse", "Geheimweg 7")
	p.sees(400, "nicht gefunden")
	p.press("Weiter", "adresse", "Lindenweg 1")
	p.sees(200, "Lindenweg 1, Ost", "Lindenweg 1, West")
	p.press("Weiter", "wahl", "1")
	p.sees(200, "Wählen Sie eine Zeit")
	p.press("Montag")
	p.sees(200, "Wer kommt?")
	for _, address := range slices.Concat(c.seen, p.seen) {
		if strings.Contains(address, "Linden") || strings.Contains(address, "Geheim") || strings.Contains(address, "M%C3%BC") {
			t.Errorf("personal data in %s", address)
		}
	}
	// A browser that keeps no cookies is told so instead of going in circles.
	n := x.citizen()
	n.client.Jar = nil
	n.goTo("/termin/aufenthaltstitel/name")
	n.press("Weiter", "name", "Müller")
	n.sees(400, "Cookies")
}

// TestAtOnce: who must not wait never sees an appointment.
func TestAtOnce(t *testing.T) {
	x := openTown(t)
	c := x.citizen()
	for _, path := range []string{"/termin/kinderschutz", "/termin/kinderschutz/zeiten"} {
		c.goTo(path)
		c.sees(200, "Dafür brauchen Sie keinen Termin", "Kommen Sie gleich")
		if len(c.slots()) > 0 || strings.Contains(words(c.page), "Wie viele Personen") {
			t.Error(words(c.page))
		}
	}
}

// TestDoubleClick: a form counts once, however often it is sent.
func TestDoubleClick(t *testing.T) {
	x := openTown(t)
	c := x.citizen()
	c.goTo("/termin/reisepass/zeiten")
	r := c.request("Montag")
	again := c.request("Montag")
	c.do(r)
	first := c.at.Path
	c.do(again)
	if c.at.Path != first || x.count(`SELECT count(*) FROM booking.appointment`) != 1 {
		t.Errorf("held %s and %s", first, c.at.Path)
	}
	r, again = c.request("Termin verbindlich", "nachname", "Muster"), c.request("Termin verbindlich", "nachname", "Muster")
	c.do(r)
	c.do(again)
	c.sees(200, "Ihr Termin ist gebucht")
	if n := x.count(`SELECT count(*) FROM booking.outbox WHERE kind = 'booked'`); n != 1 {
		t.Errorf("%d notices", n)
	}
}

// TestPressedTwiceAtOnce: both clicks on a button arrive together, and what is
// asked for happens once.
func TestPressedTwiceAtOnce(t *testing.T) {
	x := openTown(t)
	c := x.citizen()
	both := func(button string, filled ...string) {
		t.Helper()
		requests := []*http.Request{c.request(button, filled...), c.request(button, filled...), c.request(button, filled...)}
		paths := make([]string, len(requests))
		var all sync.WaitGroup
		for i, r := range requests {
			all.Go(func() {
				click := *c
				click.seen = nil
				click.do(r)
				if paths[i] = click.at.Path; click.status != 200 {
					t.Errorf("%s: %d %s", button, click.status, words(click.page))
				}
			})
		}
		all.Wait()
		if paths[0] != paths[1] || paths[1] != paths[2] {
			t.Errorf("%s: %v", button, paths)
		}
		c.goTo(paths[0])
	}
	one := func(query string) {
		t.Helper()
		if n := x.count(query); n != 1 {
			t.Errorf("%d instead of one: %s", n, query)
		}
	}
	c.goTo("/termin/reisepass/zeiten")
	both("Montag")
	one(`SELECT count(*) FROM booking.appointment`)
	both("Termin verbindlich")
	one(`SELECT count(*) FROM booking.outbox WHERE kind = 'booked'`)
	c.follow("Verschieben")
	both("Montag, 30. November 2026, 08:10")
	one(`SELECT count(*) FROM booking.outbox WHERE kind = 'moved'`)
	c.follow("Absagen")
	both("Ja, absagen")
	one(`SELECT count(*) FROM booking.outbox WHERE kind = 'cancelled'`)
	c.goTo("/termin/reisepass/warteliste")
	both("Auf die Warteliste setzen", "nachname", "Muster")
	one(`SELECT count(*) FROM booking.wish`)
	c.goTo(c.at.Path)
	c.sees(200, "Sie stehen auf der Warteliste")
}

// TestOftenBooked: what is often booked stands on top, but never what so few
// have booked that one could tell who.
func TestOftenBooked(t *testing.T) {
	x := openTown(t)
	for n, want := range [][]string{{}, {}, {}, {"reisepass"}} {
		if n > 0 {
			x.citizen().booked()
		}
		ids, err := booking.Wanted(t.Context(), x.DB, x.Now().Add(-wantedFor), mostWanted)
		must(t, err)
		if !slices.Equal(ids, want) {
			t.Errorf("after %d bookings: %v", n, ids)
		}
	}
	if ids, err := booking.Wanted(t.Context(), x.DB, x.Now().Add(time.Hour), mostWanted); err != nil || len(ids) > 0 {
		t.Error("longer ago:", ids, err)
	}
	c := x.citizen()
	c.goTo("/termin")
	c.sees(200, "Alle Anliegen nach Ämtern")
	if strings.Contains(words(c.page), "Oft gebucht") {
		t.Error("one concern is no list")
	}
}

// TestNobodyIsAskedForANameInVain: where the surname decides nothing one books
// without saying who one is, and nothing about a person is stored.
func TestNobodyIsAskedForANameInVain(t *testing.T) {
	x := openTown(t)
	c := x.citizen()
	c.goTo("/termin/reisepass/zeiten")
	c.press("Montag")
	c.sees(200, "Nachname (freiwillig)", "Sonst genügt Ihre Terminnummer")
	c.press("Termin verbindlich")
	c.sees(200, "Ihr Termin ist gebucht")
	if n := x.count(`SELECT count(*) FROM booking.person`); n != 0 {
		t.Errorf("%d persons", n)
	}
}

// TestTwoTabs: each tab books what it shows; the slower one is offered other
// times.
func TestTwoTabs(t *testing.T) {
	x := openTown(t)
	c := x.citizen()
	// What one tab told about the name does not change what the other holds.
	c.goTo("/termin/aufenthaltstitel/name")
	c.press("Weiter", "name", "Müller")
	first := c.request("Montag")
	c.goTo("/termin/aufenthaltstitel/name")
	c.press("Weiter", "name", "Mtawa")
	c.do(first)
	c.sees(200, "Wer kommt?")
	c.press("Termin verbindlich", "nachname", "Müller")
	c.sees(200, "gebucht")

	a, b := x.citizen(), x.citizen()
	a.goTo("/termin/bauberatung/ort")
	a.press("Weiter", "adresse", "Berliner Straße 70")
	b.goTo("/termin/bauberatung/ort")
	b.press("Weiter", "adresse", "Berliner Straße 70")
	slot := a.slots()[0]
	a.press(slot)
	a.sees(200, "Wer kommt?")
	b.press(slot)
	b.sees(409, "gerade vergeben", "Wählen Sie eine Zeit")
	if len(b.slots()) == 0 || slices.Contains(b.slots(), slot) {
		t.Errorf("%v", b.slots())
	}
	b.follow("English") // of a page that answered a form
	b.sees(200, "How many people")
}

// TestExpiredHold: whoever comes too late is told, and nothing is booked.
func TestExpiredHold(t *testing.T) {
	x := openTown(t)
	c := x.citizen()
	c.goTo("/termin/reisepass/zeiten?personen=3")
	c.press("Montag")
	late := c.request("Termin verbindlich", "nachname", "Muster")
	x.after(10 * time.Minute)
	c.do(late)
	c.sees(410, "Die Reservierung ist abgelaufen", "Gebucht wurde nichts")
	if n := x.count(`SELECT count(*) FROM booking.appointment WHERE state = 'booked'`); n != 0 {
		t.Errorf("%d booked", n)
	}
	c.follow("Neue Zeit suchen")
	c.sees(200, "3 Personen")
}

// TestLookup: reference and code open an appointment on another device; a wrong
// code says nothing about whether the reference exists.
func TestLookup(t *testing.T) {
	x := openTown(t)
	reference, code := x.citizen().booked()
	c := x.citizen()
	c.goTo("/termin/b/" + reference)
	c.sees(200, "Mein Termin", "Code")
	if strings.Contains(c.body, "08:00") {
		t.Error("the appointment is shown without its code")
	}
	c.press("Termin ansehen", "nummer", reference, "code", "AAAAA AAAAA AAAAA AAAAA")
	wrong := words(c.page)
	c.sees(404, "keinen Termin")
	c.press("Termin ansehen", "nummer", "00000000", "code", "AAAAA AAAAA AAAAA AAAAA")
	if words(c.page) != wrong {
		t.Error("a wrong code and a wrong reference differ")
	}
	typed := strings.ToLower(strings.NewReplacer(" ", "-", "1", "l", "0", "o").Replace(code))
	c.press("Termin ansehen", "nummer", strings.ToLower(reference[:4]+" "+reference[4:]), "code", typed)
	c.sees(200, "Ihr Termin", "08:00 bis 08:10")
	if strings.Contains(c.body, code) {
		t.Error("the code is shown again")
	}
	x.after(time.Hour)
}

// TestFiles: the calendar entry says when and where, not why; the PDF is one.
func TestFiles(t *testing.T) {
	x := openTown(t)
	c := x.citizen()
	reference, _ := c.booked()
	path := c.at.Path
	c.goTo(path + "/termin.ics")
	for _, want := range []string{"DTSTART:20261130T070000Z", "Berliner Straße 70", reference} {
		if !strings.Contains(c.body, want) {
			t.Errorf("%q is not in %s", want, c.body)
		}
	}
	if strings.Contains(c.body, "Reisepass") {
		t.Error(c.body)
	}
	c.goTo(path + "/termin.pdf")
	if !strings.HasPrefix(c.body, "%PDF-") || len(c.body) > 100_000 {
		t.Errorf("%d bytes: %.40q", len(c.body), c.body)
	}
	stranger := x.citizen()
	stranger.goTo(path + "/termin.pdf")
	stranger.sees(404)
}

// TestPlainLanguage: the switch stays, and leads nowhere else.
func TestPlainLanguage(t *testing.T) {
	x := openTown(t)
	c := x.citizen()
	c.goTo("/termin/reisepass?personen=2")
	c.press("Leichte Sprache")
	c.sees(200, "Wie viele Menschen kommen?", "Alltags-Sprache")
	if c.at.RequestURI() != "/termin/reisepass?personen=2" {
		t.Error(c.at)
	}
	c.press("Alltags-Sprache", "zurueck", "//evil.example/termin")
	if c.at.RequestURI() != "/termin" {
		t.Error(c.at)
	}
	c.goTo("/en/termin")
	c.press("Easy language")
	c.sees(200, "What do you need?")
}

// TestBadInputOnPages: a clear sentence each, and nothing is held.
func TestBadInputOnPages(t *testing.T) {
	x := openTown(t)
	c := x.citizen()
	for _, n := range []string{"0", "1000", "-1", "1.5", "zwei", "99999999999999999999", strings.Repeat("9", 10_000)} {
		c.goTo("/termin/reisepass/zeiten?personen=" + n)
		c.sees(400, "wie viele Personen")
	}
	for path, want := range map[string]int{
		"/termin/gibtesnicht": 404, "/termin/gibtesnicht/zeiten": 404, "/termin/reisepass/zeiten?noch=gibtesnicht": 404,
		"/termin/reisepass/zeiten?weg=brieftaube": 400, "/termin/reisepass/zeiten?ansicht=kalender&monat=2026-13&tag=2026-02-31": 200,
		"/termin/reisepass/zeiten?ansicht=kalender&monat=0001-01": 200, "/termin/b/x": 200, "/termin/b/%00": 200, "/termin/reisepass/halten": 200,
		"/termin?q=" + strings.Repeat("a", 9000): 200, "/termin?q=%ff%00": 200,
	} {
		c.goTo(path)
		if c.status != want {
			t.Errorf("%.80s: %d, want %d: %.300s", path, c.status, want, words(c.page))
		}
	}
	for _, slot := range []string{"", "x", "2026-11-30T07:00:00Z", "2026-02-31T07:00:00Z site/rathaus", "2026-11-30T07:00:00Z site/mond",
		"2026-11-30T07:02:00Z site/rathaus", "2020-11-30T07:00:00Z site/rathaus", "2026-11-30T07:00:00Z " + strings.Repeat("x", 5000)} {
		c.goTo("/termin/reisepass/zeiten")
		r := c.request("Montag", "termin", slot)
		c.do(r)
		if c.status != 400 && c.status != 409 {
			t.Errorf("slot %.40q: %d %.200s", slot, c.status, words(c.page))
		}
	}
	if n := x.count(`SELECT count(*) FROM booking.appointment`); n != 0 {
		t.Errorf("%d appointments", n)
	}
	// The surname decides who is responsible: it is asked for.
	c.goTo("/termin/aufenthaltstitel/name")
	c.press("Weiter", "name", "Müller")
	c.press("Montag")
	for _, bad := range []string{"", "   ", "?!", strings.Repeat("ä", 5000)} {
		c.press("Termin verbindlich", "nachname", bad)
		if c.status != 400 {
			t.Errorf("name %.20q: %d", bad, c.status)
		}
	}
	c = x.citizen()
	c.goTo("/termin/reisepass/zeiten")
	c.press("Montag")
	c.press("Termin verbindlich", "nachname", "Muster", "email", "kein-at-zeichen", "telefon", "0")
	c.sees(400, "Bitte prüfen Sie Ihre Angaben")
	c.press("Termin verbindlich", "nachname", "Đặng", "email", "dang@example.org", "telefon", "05241 820")
	c.sees(200, "gebucht")
}

// TestWaitingListByPages: nothing free, on the list, somebody cancels, the offer
// is taken.
func TestWaitingListByPages(t *testing.T) {
	x := openTown(t)
	first := x.citizen()
	first.goTo("/termin/bauberatung/ort")
	first.press("Weiter", "adresse", "Berliner Straße 70")
	var booked []*citizen
	for {
		c := x.citizen()
		c.client.Jar = first.client.Jar
		c.goTo("/termin/bauberatung/zeiten?zuerst=frueh")
		if len(c.slots()) == 0 {
			first = c
			break
		}
		c.press(c.slots()[0])
		c.press("Termin verbindlich", "nachname", "Muster")
		c.sees(200, "gebucht")
		booked = append(booked, c)
		first = x.citizen()
		first.goTo("/termin/bauberatung/ort")
		first.press("Weiter", "adresse", "Berliner Straße 70")
	}
	first.sees(200, "Zurzeit ist nichts frei", "vergeben")
	first.follow("Warteliste")
	first.press("Auf die Warteliste setzen", "von", "2026-02-31", "nachname", "Geheimname")
	first.sees(400, "Tag aus dem Kalender")
	first.press("Auf die Warteliste setzen", "von", "2026-11-30", "bis", "2026-11-23")
	first.sees(400, "183 Tage")
	first.press("Auf die Warteliste setzen", "von", "2026-11-24", "bis", "2026-12-01", "nachname", "Geheimname")
	first.sees(200, "Sie stehen auf der Warteliste")
	number, code := first.code()
	booked[0].follow("Absagen")
	booked[0].press("Ja, absagen")
	if n, err := x.Reception.OfferFreed(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	phone := x.citizen()
	phone.goTo("/termin/meine")
	phone.press("Termin ansehen", "nummer", number, "code", code)
	phone.sees(200, "frei geworden", "Montag, 30. November 2026, 08:00")
	phone.press("Annehmen")
	phone.sees(200, "Ihr Termin ist gebucht", "08:00 bis 08:45 Uhr")
}

// TestTownCancels: whom the town has to let down finds an alternative on the
// page and takes it with the code he has.
func TestTownCancels(t *testing.T) {
	x := openTown(t)
	c := x.citizen()
	reference, _ := c.booked()
	must(t, x.Reception.CallOff(t.Context(), ortsnah.Actor{Name: "planung", Role: "planner"}, []string{reference}))
	c.goTo("/termin/b/" + reference)
	c.sees(200, "Die Stadt musste diesen Termin absagen", "Diese Zeit halten wir für Sie frei")
	accept, twice, late := c.request("Annehmen"), c.request("Annehmen"), c.request("Ablehnen")
	c.do(accept)
	c.sees(200, "Ihr Termin ist gebucht")
	other, _ := c.code()
	if other == reference {
		t.Error("the cancelled appointment is booked again")
	}
	for _, again := range []*http.Request{twice, late} { // late: from another tab
		c.do(again)
		c.sees(200, other, "08:00 bis 08:10")
	}
	if n := x.count(`SELECT count(*) FROM booking.appointment WHERE state = 'booked'`); n != 1 {
		t.Errorf("%d booked", n)
	}
}

// TestS15OnPages: an hour that comes twice has two buttons with their offsets.
func TestS15OnPages(t *testing.T) {
	x := openTown(t)
	night := time.Date(2027, 10, 29, 8, 0, 0, 0, time.UTC)
	x.now.Store(&night)
	x.release("a1", "2027-10-31", "01:00", "04:00")
	c := x.citizen()
	c.goTo("/termin/reisepass/zeiten?ansicht=kalender&tag=2027-10-31&monat=2027-10")
	for _, want := range []string{"Sonntag, 31. Oktober 2027, 02:30 bis 02:40 Uhr (UTC+02:00), Rathaus", "Sonntag, 31. Oktober 2027, 02:30 bis 02:40 Uhr (UTC+01:00), Rathaus"} {
		if !slices.Contains(c.slots(), want) {
			t.Errorf("no button %q", want)
		}
	}
	c.press("Sonntag, 31. Oktober 2027, 02:30 bis 02:40 Uhr (UTC+01:00), Rathaus")
	c.sees(200, "(UTC+01:00)")
}
