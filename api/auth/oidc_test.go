package auth_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
)

// provider is a small OpenID Connect provider: it lets everybody in and signs
// what the test tells it to.
type provider struct {
	*httptest.Server
	t     *testing.T
	key   *rsa.PrivateKey // signs tokens
	told  *rsa.PrivateKey // whose public half is published
	codes map[string]url.Values
	spoil func(claims map[string]any)
	now   func() time.Time
}

func newProvider(t *testing.T, now func() time.Time) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	p := &provider{t: t, key: key, told: key, codes: map[string]url.Values{}, now: now, spoil: func(map[string]any) {}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		p.json(w, map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
			"jwks_uri": p.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		p.json(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1",
			"n": b64(p.told.N.Bytes()), "e": b64(big.NewInt(int64(p.told.E)).Bytes())}}})
	})
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (p *provider) json(w http.ResponseWriter, doc any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(doc); err != nil {
		p.t.Error(err)
	}
}

// authorize is what a browser does at the provider: it gets a code.
func (p *provider) authorize(address string) (state, code string) {
	u, err := url.Parse(address)
	must(p.t, err)
	q := u.Query()
	if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || len(q.Get("nonce")) < 20 || len(q.Get("state")) < 20 {
		p.t.Errorf("asked with %v", q)
	}
	code = rand.Text()
	p.codes[code] = q
	return q.Get("state"), code
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	q, ok := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if id, secret, _ := r.BasicAuth(); !ok || b64(challenge[:]) != q.Get("code_challenge") || id != "ortsnah" || secret != "client-secret" ||
		r.PostFormValue("redirect_uri") != q.Get("redirect_uri") {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		p.json(w, map[string]any{"error": "invalid_grant"})
		return
	}
	claims := map[string]any{"iss": p.URL, "aud": "ortsnah", "sub": "42", "nonce": q.Get("nonce"), "preferred_username": "Erika",
		"iat": p.now().Unix(), "exp": p.now().Add(time.Minute).Unix(), "roles": []string{"administrator"}}
	p.spoil(claims)
	p.json(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": p.sign(claims)})
}

func (p *provider) sign(claims map[string]any) string {
	body, err := json.Marshal(claims)
	must(p.t, err)
	text := b64([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + b64(body)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	must(p.t, err)
	return text + "." + b64(signature)
}

const back = "https://town.example/dienst/anmelden/zurueck"

// arrive goes to the provider and comes back.
func (d *door) arrive(p *provider) (string, auth.Stage, string, error) {
	d.t.Helper()
	address, cookie, err := d.Depart(d.t.Context(), back, "/dienst/tag")
	must(d.t, err)
	state, code := p.authorize(address)
	return d.Arrive(d.t.Context(), auth.Return{Cookie: cookie, State: state, Code: code, Back: back})
}

func TestSingleSignOn(t *testing.T) {
	d := newDoor(t)
	p := newProvider(t, d.Now)
	d.OIDC = &auth.Provider{Issuer: p.URL, ClientID: "ortsnah", Secret: "client-secret"}
	_, _, _, err := d.arrive(p)
	fails(t, err, "auth.oidc_unknown") // nobody gets an account by signing in
	d.add("erika", auth.Planner)
	d.add("max", auth.Administrator)
	token, stage, next, err := d.arrive(p)
	must(t, err)
	s := d.session(token)
	if stage != auth.Complete || next != "/dienst/tag" || s.Account.ID != "erika" || s.Account.Has(auth.Administrator) {
		t.Errorf("%s %s %+v", stage, next, s)
	}
	p.spoil = func(c map[string]any) { c["preferred_username"] = "max" } // renamed there: the subject counts
	token, _, _, err = d.arrive(p)
	must(t, err)
	if s := d.session(token); s.Account.ID != "erika" {
		t.Errorf("the subject of erika is now %s", s.Account.ID)
	}
	p.spoil = func(c map[string]any) { c["sub"] = "43" } // somebody else takes the name
	_, _, _, err = d.arrive(p)
	fails(t, err, "auth.oidc_unknown")
	must(t, d.Lock(t.Context(), ortsnah.System("test"), "erika", true))
	p.spoil = func(map[string]any) {}
	_, _, _, err = d.arrive(p)
	fails(t, err, "auth.oidc_unknown")
}

func TestForgedTokens(t *testing.T) {
	d := newDoor(t)
	p := newProvider(t, d.Now)
	d.OIDC = &auth.Provider{Issuer: p.URL, ClientID: "ortsnah", Secret: "client-secret"}
	d.add("erika", auth.Planner)
	for name, spoil := range map[string]func(map[string]any){
		"nonce":         func(c map[string]any) { c["nonce"] = "x" },
		"no nonce":      func(c map[string]any) { delete(c, "nonce") },
		"audience":      func(c map[string]any) { c["aud"] = "other" },
		"other party":   func(c map[string]any) { c["aud"] = []string{"ortsnah", "other"}; c["azp"] = "other" },
		"issuer":        func(c map[string]any) { c["iss"] = "https://evil.example" },
		"expired":       func(c map[string]any) { c["exp"] = d.Now().Add(-time.Hour).Unix() },
		"no subject":    func(c map[string]any) { c["sub"] = "" },
		"no expiry":     func(c map[string]any) { delete(c, "exp") },
		"not a subject": func(c map[string]any) { c["sub"] = 42 },
	} {
		p.spoil = spoil
		if _, _, _, err := d.arrive(p); ortsnah.KindOf(err) != ortsnah.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	p.spoil = func(map[string]any) {}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	p.key = other
	_, _, _, err = d.arrive(p)
	fails(t, err, "auth.oidc_failed")
	p.key = p.told

	address, cookie, err := d.Depart(t.Context(), back, "/dienst")
	must(t, err)
	state, code := p.authorize(address)
	for _, r := range []auth.Return{
		{Cookie: "another browser", State: state, Code: code, Back: back},
		{State: state, Code: code, Back: back},
	} {
		_, _, _, err = d.Arrive(t.Context(), r)
		fails(t, err, "auth.oidc_failed")
	}
	_, _, _, err = d.Arrive(t.Context(), auth.Return{Cookie: cookie, State: state + "x", Code: code, Back: back})
	fails(t, err, "auth.oidc_failed")
	_, _, _, err = d.Arrive(t.Context(), auth.Return{Cookie: cookie, State: state, Code: code, Back: back})
	fails(t, err, "auth.oidc_failed") // used up by the attempt before

	address, cookie, err = d.Depart(t.Context(), back, "/dienst")
	must(t, err)
	state, code = p.authorize(address)
	d.pass(10 * time.Minute)
	_, _, _, err = d.Arrive(t.Context(), auth.Return{Cookie: cookie, State: state, Code: code, Back: back})
	fails(t, err, "auth.oidc_failed") // too late
	if strings.Contains(err.Error(), code) {
		t.Errorf("the code is in the error: %v", err)
	}
}

func TestProviderAway(t *testing.T) {
	d := newDoor(t)
	p := newProvider(t, d.Now)
	p.Close()
	d.OIDC = &auth.Provider{Issuer: p.URL, ClientID: "ortsnah"}
	_, _, err := d.Depart(t.Context(), back, "/dienst")
	fails(t, err, "auth.oidc_away")
}

func TestSingleSignOnAndSecondFactor(t *testing.T) {
	d := newDoor(t)
	p := newProvider(t, d.Now)
	d.OIDC = &auth.Provider{Issuer: p.URL, ClientID: "ortsnah", Secret: "client-secret"}
	d.add("erika", auth.Administrator)
	_, stage, _, err := d.arrive(p)
	must(t, err)
	if stage != auth.NeedsEnrol {
		t.Errorf("an administrator without second factor is at %s", stage)
	}
}
