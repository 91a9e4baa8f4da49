package api

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
)

const rightPassword = "vier kleine Enten schwimmen"

// send sends a request as a browser does and reads the answer.
func (x *town) send(c *http.Client, method, path string, fields url.Values, headers ...string) answer {
	x.t.Helper()
	req, err := http.NewRequestWithContext(x.t.Context(), method, x.http.URL+path, strings.NewReader(fields.Encode()))
	must(x.t, err)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := c.Do(req)
	must(x.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(x.t, err)
	return answer{resp, string(body)}
}

// leads holds that an answer is a redirect to location.
func leads(t *testing.T, a answer, location string) {
	t.Helper()
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != location {
		t.Fatalf("%d to %q, want 303 to %q\n%s", a.StatusCode, a.Header.Get("Location"), location, a.body)
	}
}

func (x *town) addStaff(t *testing.T, id string, mustChange bool, roles ...auth.Role) {
	t.Helper()
	must(t, x.Staff.Add(t.Context(), ortsnah.System("test"), auth.Change{ID: id, Name: "Erika Muster", Roles: roles}, rightPassword, mustChange))
}

// TestWhoMay asks for every route that names roles, as nobody and as every
// role: only those named get in.
func TestWhoMay(t *testing.T) {
	x := smallTown(t)
	clients := map[auth.Role]*http.Client{}
	for _, role := range auth.AllRoles() {
		clients[role] = x.signedIn(t, auth.Account{Roles: []auth.Role{role}})
	}
	variable, word := regexp.MustCompile(`\{[^}:]+\}`), regexp.MustCompile(`\{[^}:]+:([^}|]+)[^}]*\}`)
	guarded := 0
	for _, rt := range x.routes() {
		if len(rt.who) == 0 {
			if strings.HasPrefix(rt.path, "/dienst") && !strings.HasPrefix(rt.path, signInPath) && rt.path != "/dienst/abmelden" && rt.path != "/dienst/anzeige" {
				t.Errorf("%s %s is open to everyone", rt.method, rt.path)
			}
			continue
		}
		guarded++
		path := variable.ReplaceAllString(word.ReplaceAllString(rt.path, "$1"), "0") // of words to choose from, the first
		stranger := x.send(x.browser(t), rt.method, path, nil)
		if rt.page {
			weiter := path
			if rt.method != get {
				weiter = staffPath
			}
			leads(t, stranger, signInPath+"?weiter="+url.QueryEscape(weiter))
		} else if stranger.StatusCode != http.StatusUnauthorized && stranger.StatusCode != http.StatusSeeOther {
			t.Errorf("%s %s for a stranger: %d", rt.method, path, stranger.StatusCode)
		}
		for role, client := range clients {
			if (auth.Account{Roles: []auth.Role{role}}).Has(rt.who...) {
				continue
			}
			a := x.send(client, rt.method, path, nil)
			if a.StatusCode != http.StatusForbidden || a.Header.Get("Cache-Control") != "no-store" || !strings.Contains(a.body, "Administration um die passende Rolle") {
				t.Errorf("%s %s as %s: %d %s", rt.method, path, role, a.StatusCode, a.Header.Get("Cache-Control"))
			}
		}
	}
	if guarded < 10 {
		t.Errorf("only %d routes name roles", guarded)
	}
	for role, client := range clients {
		if a := x.send(client, get, staffPath, nil); a.StatusCode != http.StatusOK || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("/dienst as %s: %d %v", role, a.StatusCode, a.Header)
		}
	}
}

func TestSignInPages(t *testing.T) {
	x := emptyTown(t)
	x.addStaff(t, "erika", false, auth.Planner)
	c := x.browser(t)
	leads(t, x.send(c, get, "/en/dienst/konto", nil), "/en/dienst/anmelden?weiter=%2Fdienst%2Fkonto")
	leads(t, x.send(c, get, "/dienst/konto?x=geheim", nil), "/dienst/anmelden?weiter=%2Fdienst%2Fkonto")
	wrong := x.send(c, "POST", signInPath, url.Values{"name": {"erika"}, "password": {"wrong wrong wrong"}})
	unknown := x.send(c, "POST", signInPath, url.Values{"name": {"erikb"}, "password": {"wrong wrong wrong"}})
	if wrong.StatusCode != 400 || !strings.Contains(wrong.body, "Anmeldename oder Passwort") ||
		strings.ReplaceAll(unknown.body, "erikb", "erika") != wrong.body || strings.Contains(wrong.body, "wrong wrong") {
		t.Errorf("%d\n%s\n%s", wrong.StatusCode, wrong.body, unknown.body)
	}
	a := x.send(c, "POST", signInPath, url.Values{"name": {"erika"}, "password": {rightPassword}, "weiter": {"/dienst/konto"}})
	leads(t, a, "/dienst/konto")
	cookie := a.Header.Get("Set-Cookie")
	if !regexp.MustCompile(`^ortsnah=[\w-]{43}; Path=/; HttpOnly; SameSite=Lax$`).MatchString(cookie) {
		t.Errorf("cookie %q", cookie)
	}
	home := x.send(c, get, "/dienst/konto", nil)
	if home.StatusCode != 200 || !strings.Contains(home.body, "Erika Muster") || !strings.Contains(home.body, "diese Anmeldung") {
		t.Error(home.body)
	}
	leads(t, x.send(c, get, signInPath, nil), "/dienst")
	leads(t, x.send(c, "POST", "/dienst/abmelden", nil), signInPath+"?meldung=signed_out")
	leads(t, x.send(c, get, "/dienst", nil), signInPath+"?weiter=%2Fdienst")
	for _, secret := range []string{rightPassword, "wrong wrong", strings.Split(strings.TrimPrefix(cookie, "ortsnah="), ";")[0], "geheim"} {
		if strings.Contains(x.logs.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

// TestFixation: a session token that was planted before is worth nothing, and
// the one of before ends.
func TestFixation(t *testing.T) {
	x := emptyTown(t)
	x.addStaff(t, "erika", false, auth.Planner)
	victim := x.signedIn(t, auth.Account{ID: "max", Roles: []auth.Role{auth.Gate}})
	home, err := url.Parse(x.http.URL)
	must(t, err)
	planted := victim.Jar.Cookies(home)[0].Value
	leads(t, x.send(victim, "POST", signInPath, url.Values{"name": {"erika"}, "password": {rightPassword}}), "/dienst")
	if fresh := victim.Jar.Cookies(home)[0].Value; fresh == planted {
		t.Error("the token did not change at sign-in")
	}
	attacker := x.browser(t)
	attacker.Jar.SetCookies(home, []*http.Cookie{{Name: "ortsnah", Value: planted}})
	leads(t, x.send(attacker, get, "/dienst", nil), signInPath+"?weiter=%2Fdienst")
}

func TestSecureCookie(t *testing.T) {
	x := emptyTown(t)
	x.BaseURL = "https://town.example"
	x.addStaff(t, "erika", false, auth.Planner)
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", signInPath, strings.NewReader(url.Values{"name": {"erika"}, "password": {rightPassword}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://town.example") // what browsers know; the proxy's host differs
	x.Handler().ServeHTTP(w, r)
	if cookie := w.Header().Get("Set-Cookie"); !regexp.MustCompile(`^__Host-ortsnah=[\w-]{43}; Path=/; HttpOnly; Secure; SameSite=Lax$`).MatchString(cookie) {
		t.Errorf("%d, cookie %q", w.Code, cookie)
	}
}

// TestNowhereElse: parameter weiter never leads to another host.
func TestNowhereElse(t *testing.T) {
	for _, path := range []string{"", "https://evil.example", "//evil.example/dienst", `/\evil.example`, "/dienst//evil.example/", "javascript:alert(1)",
		"/dienst\r\nSet-Cookie: a=b", "/dienst/../../x//y", "evil.example/dienst", "/dienst@evil.example:80//", "http:/dienst", "/dienst/anmelden",
		"/dienst/abmelden", "/dienst\\@evil.example", "/en//evil.example/dienst", "/termin", "/dienstag", "%2F%2Fevil.example"} {
		if got := localPath(path, "/dienst"); got != "/dienst" {
			t.Errorf("%q leads to %q", path, got)
		}
	}
	for path, want := range map[string]string{"/dienst": "/dienst", "/dienst/tag?tag=2026-03-30": "/dienst/tag?tag=2026-03-30", "/dienst/raeume/e%2F1": "/dienst/raeume/e%2F1"} {
		if got := localPath(path, "/x"); got != want {
			t.Errorf("%q leads to %q", path, got)
		}
	}
}

// TestCrossSite: forms of other sites are refused, with every header that
// browsers send, and without any (not a browser) there is no cookie to misuse.
func TestCrossSite(t *testing.T) {
	x := emptyTown(t)
	c := x.signedIn(t, auth.Account{Roles: []auth.Role{auth.Planner}})
	for _, headers := range [][]string{
		{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"},
		{"Sec-Fetch-Site", "cross-site", "Origin", "http://127.0.0.1"},
	} {
		for _, path := range []string{"/dienst/konto/passwort", "/dienst/abmelden", signInPath, "/en/dienst/konto/anmeldung"} {
			a := x.send(c, "POST", path, url.Values{"id": {"x"}}, headers...)
			if a.StatusCode != http.StatusForbidden {
				t.Errorf("%s with %v: %d", path, headers, a.StatusCode)
			}
		}
	}
	if a := x.send(c, get, "/dienst", nil, "Sec-Fetch-Site", "cross-site"); a.StatusCode != http.StatusOK {
		t.Errorf("a link from elsewhere: %d", a.StatusCode)
	}
	for _, rt := range x.routes() {
		if rt.page && rt.method != get {
			path := regexp.MustCompile(`\{[^}]+\}`).ReplaceAllString(rt.path, "0")
			if a := x.send(c, rt.method, path, nil, "Sec-Fetch-Site", "cross-site"); a.StatusCode != http.StatusForbidden {
				t.Errorf("%s %s takes forms of other sites: %d", rt.method, path, a.StatusCode)
			}
		}
	}
}

func TestBadForms(t *testing.T) {
	x := emptyTown(t)
	c := x.browser(t)
	for body, want := range map[string]int{
		"name=%ff&password=x": 400, "name=%00&password=x": 400, "name=%zz": 400, "name=" + strings.Repeat("x", 100_000): 413, "": 400,
		"name=a&name=b&password=" + strings.Repeat("y", 2000): 400, "n%ffame=1": 400,
	} {
		req, err := http.NewRequest("POST", x.http.URL+signInPath, strings.NewReader(body))
		must(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := c.Do(req)
		must(t, err)
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%.40q: %d, want %d", body, resp.StatusCode, want)
		}
	}
}

func TestWaitAfterFailures(t *testing.T) {
	x := emptyTown(t)
	c := x.browser(t)
	var last answer
	for range 6 {
		last = x.send(c, "POST", "/en"+signInPath, url.Values{"name": {"erika"}, "password": {"wrong wrong wrong"}})
	}
	if last.StatusCode != http.StatusTooManyRequests || last.Header.Get("Retry-After") != "30" || !strings.Contains(last.body, "Too many attempts. Please wait a minute") {
		t.Errorf("%d %v\n%s", last.StatusCode, last.Header, last.body)
	}
}

// TestFirstSignIn goes all steps of a new administrator: password of one's own,
// second factor, recovery codes; nothing else opens before.
func TestFirstSignIn(t *testing.T) {
	x := emptyTown(t)
	x.addStaff(t, "erika", true, auth.Administrator)
	c := x.browser(t)
	leads(t, x.send(c, "POST", signInPath, url.Values{"name": {"erika"}, "password": {rightPassword}, "weiter": {"/dienst/benutzer"}}),
		"/dienst/anmelden/passwort?weiter=%2Fdienst%2Fbenutzer")
	leads(t, x.send(c, get, "/dienst/benutzer", nil), "/dienst/anmelden/passwort")
	leads(t, x.send(c, get, "/dienst/anmelden/faktor", nil), "/dienst/anmelden/passwort?weiter=%2Fdienst")
	v := url.Values{"fresh": {"drei Hasen im Garten"}, "again": {"drei Hasen im Walde"}, "weiter": {"/dienst/benutzer"}}
	if a := x.send(c, "POST", "/dienst/anmelden/passwort", v); a.StatusCode != 400 || !strings.Contains(a.body, "verschieden") {
		t.Error(a.StatusCode, a.body)
	}
	v.Set("again", v.Get("fresh"))
	leads(t, x.send(c, "POST", "/dienst/anmelden/passwort", v), "/dienst/anmelden/faktor?weiter=%2Fdienst%2Fbenutzer")
	form := x.send(c, get, "/dienst/anmelden/faktor?weiter=%2Fdienst%2Fbenutzer", nil)
	secret := regexp.MustCompile(`<code class="secret">([A-Z2-7 ]+)</code>`).FindStringSubmatch(form.body)
	if secret == nil || !strings.Contains(form.body, "<svg") {
		t.Fatal(form.body)
	}
	codes := x.send(c, "POST", "/dienst/anmelden/faktor", url.Values{"code": {appCode(t, secret[1], x.Now())}, "weiter": {"/dienst/benutzer"}})
	recovery := regexp.MustCompile(`<code>([a-z2-7-]{19})</code>`).FindAllStringSubmatch(codes.body, -1)
	if len(recovery) != 10 || codes.Header.Get("Cache-Control") != "no-store" {
		t.Fatal(codes.body)
	}
	if a := x.send(c, get, "/dienst/benutzer", nil); a.StatusCode != 200 || !strings.Contains(a.body, "Erika Muster") {
		t.Error(a.body)
	}
	other := x.browser(t)
	leads(t, x.send(other, "POST", signInPath, url.Values{"name": {"erika"}, "password": {"drei Hasen im Garten"}}), "/dienst/anmelden/code?weiter=%2Fdienst")
	if a := x.send(other, "POST", "/dienst/anmelden/code", url.Values{"code": {"000000"}}); a.StatusCode != 400 {
		t.Error(a.body)
	}
	leads(t, x.send(other, "POST", "/dienst/anmelden/code", url.Values{"code": {recovery[0][1]}}), "/dienst")
}

func TestUsers(t *testing.T) {
	x := smallTown(t)
	c := x.signedIn(t, auth.Account{ID: "chef", Roles: []auth.Role{auth.Administrator}})
	v := url.Values{"id": {"Neu.Muster"}, "name": {"Neu <Muster>"}, "roles": {"gate", "planner"}}
	a := x.send(c, "POST", "/dienst/benutzer", v)
	password := regexp.MustCompile(`<code class="secret">([a-z2-9x-]{23})</code>`).FindStringSubmatch(a.body)
	if a.StatusCode != 201 || password == nil {
		t.Fatal(a.StatusCode, a.body)
	}
	if a := x.send(c, "POST", "/dienst/benutzer", v); a.StatusCode != 409 || !strings.Contains(a.body, "gibt es schon") {
		t.Error(a.StatusCode, a.body)
	}
	shown := x.send(c, get, "/dienst/benutzer/neu.muster", nil)
	if strings.Contains(shown.body, password[1]) || !strings.Contains(shown.body, "Neu &lt;Muster&gt;") || strings.Count(shown.body, " checked") != 2 {
		t.Error(shown.body)
	}
	neu := x.browser(t)
	leads(t, x.send(neu, "POST", signInPath, url.Values{"name": {"neu.muster"}, "password": {password[1]}}), "/dienst/anmelden/passwort?weiter=%2Fdienst")
	leads(t, x.send(c, "POST", "/dienst/benutzer/neu.muster", url.Values{"name": {"Neu"}, "roles": {"steward"}}), "/dienst/benutzer/neu.muster?meldung=account_saved")
	leads(t, x.send(neu, get, "/dienst", nil), signInPath+"?weiter=%2Fdienst") // roles changed
	leads(t, x.send(c, "POST", "/dienst/benutzer/neu.muster/sperre", url.Values{"gesperrt": {"ja"}}), "/dienst/benutzer/neu.muster?meldung=account_locked")
	if a := x.send(c, get, "/dienst/benutzer", nil); !strings.Contains(a.body, "gesperrt") {
		t.Error(a.body)
	}
	for path, want := range map[string]int{"/dienst/benutzer/nobody": 404, "/dienst/benutzer/%00": 404, "/dienst/benutzer/chef": 200} {
		if a := x.send(c, get, path, nil); a.StatusCode != want {
			t.Errorf("%s: %d", path, a.StatusCode)
		}
	}
	if a := x.send(c, "POST", "/dienst/benutzer/chef/sperre", url.Values{"gesperrt": {"ja"}}); a.StatusCode != 409 || !strings.Contains(a.body, "letzte Konto") {
		t.Error(a.StatusCode, a.body)
	}
	var trail []string
	must(t, x.DB.QueryRow(t.Context(), `SELECT array_agg(action ORDER BY id) FROM booking.audit WHERE actor = 'staff:chef'`).Scan(&trail))
	if strings.Join(trail, ", ") != "add account, edit account, lock account" {
		t.Error(trail)
	}
}

func TestSingleSignOnAway(t *testing.T) {
	x := emptyTown(t)
	c := x.browser(t)
	if a := x.send(c, get, "/dienst/anmelden/stadtkonto", nil); a.StatusCode != 404 {
		t.Errorf("without a provider: %d", a.StatusCode)
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	x.Staff.OIDC = &auth.Provider{Issuer: gone.URL, ClientID: "ortsnah"}
	if a := x.send(c, get, "/dienst/anmelden/stadtkonto", nil); a.StatusCode != 503 || !strings.Contains(a.body, `id="password"`) {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if a := x.send(c, get, "/dienst/anmelden/zurueck?code=x&state=y", nil); a.StatusCode != 403 || !strings.Contains(a.body, `id="password"`) {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

func TestDevice(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                  "Firefox, Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140": "Edge, Windows",
		"curl/8": "", "": "", "Android": "Android",
	} {
		if got := deviceOf(agent); got != want {
			t.Errorf("%q: %q", agent, got)
		}
	}
}
