package api

import (
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/booking/seal"
)

// signedIn is a browser in which a member of the staff has signed in: a real
// session of a real account, which is made where it is not there. It does not
// follow redirects and sends what browsers send with a form of our own page.
func (x *town) signedIn(t testing.TB, a auth.Account) *http.Client {
	t.Helper()
	if a.ID == "" {
		a.ID = "test"
		for _, r := range a.Roles {
			a.ID += "-" + string(r[:4])
		}
	}
	if a.Name == "" {
		a.Name = "Testperson"
	}
	roles := make([]string, len(a.Roles))
	for i, r := range a.Roles {
		roles[i] = string(r)
	}
	now := x.Now()
	_, err := x.DB.Exec(t.Context(), `INSERT INTO auth.account (id, name, roles, clerk, office, site, created)
		VALUES ($1, $2, $3, nullif($4, 0), nullif($5, ''), nullif($6, ''), $7)
		ON CONFLICT (id) DO UPDATE SET roles = excluded.roles, clerk = excluded.clerk, office = excluded.office, site = excluded.site`,
		a.ID, a.Name, roles, a.Clerk, a.Office, a.Site, now)
	must(t, err)
	token := rand.Text() + rand.Text()
	token = token[:43]
	hash := sha256.Sum256([]byte(token))
	_, err = x.DB.Exec(t.Context(), `INSERT INTO auth.session (token, id, account, stage, created, seen, ends)
		VALUES ($1, $2, $3, 'complete', $4, $4, $5)`, hash[:], rand.Text(), a.ID, now, now.Add(12*time.Hour))
	must(t, err)
	client := x.browser(t)
	home, err := url.Parse(x.http.URL)
	must(t, err)
	client.Jar.SetCookies(home, []*http.Cookie{{Name: "ortsnah", Value: token, Path: "/"}})
	return client
}

// browser keeps cookies, follows no redirects and says where its forms come from.
func (x *town) browser(t testing.TB) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &http.Client{Jar: jar, Transport: sameOrigin{x.http.URL},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

type sameOrigin struct{ origin string }

func (o sameOrigin) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if r.Header.Get("Accept") == "" {
		r.Header.Set("Accept", browser)
	}
	if r.Header.Get("Origin") == "" && r.Method != http.MethodGet {
		r.Header.Set("Origin", o.origin)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// keys are those of a deployment of the test's own.
func keys(t testing.TB) *seal.Keyring {
	t.Helper()
	ring, err := seal.Open(filepath.Join(t.TempDir(), "keys.json"))
	must(t, err)
	return ring
}

// appCode is what an authenticator app shows (RFC 6238) that was given secret.
func appCode(t testing.TB, secret string, now time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), now)
	must(t, err)
	return code
}
