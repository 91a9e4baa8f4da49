package main

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
)

// TestUser: who was added at the command line signs in at the program, and is
// out at once when locked there.
func TestUser(t *testing.T) {
	data := folder(t)
	database := pgtest.URL(t, nil)
	user := func(stdin string, want int, args ...string) (stdout, stderr string) {
		t.Helper()
		code, stdout, stderr := command(t, stdin, append([]string{"user"}, append(args, "--data", data, "--database", database)...)...)
		if code != want {
			t.Fatalf("user %v: exit %d, want %d\n%s%s", args, code, want, stdout, stderr)
		}
		return stdout, stderr
	}
	const password = "vier kleine Enten schwimmen"
	out, messages := user(password+"\n", exitDone, "add", "Erika", "--role", "planner", "--role", "gate", "--keep")
	if strings.Contains(out+messages, password) {
		t.Error("the password that was read is shown")
	}
	made, _ := user("", exitDone, "add", "max", "--json")
	var told struct{ ID, Password string }
	if err := json.Unmarshal([]byte(made), &told); err != nil || told.ID != "max" || len(told.Password) != 23 {
		t.Errorf("%q %v", made, err)
	}
	for want, args := range map[string][]string{"no role": {"add", "x", "--role", "boss"}, "is taken": {"add", "max"}, "no account": {"lock", "nobody"}} {
		if _, messages := user("", exitFailed, args...); !strings.Contains(messages, want) {
			t.Errorf("user %v: %s", args, messages)
		}
	}
	if _, messages := user("kurz\n", exitFailed, "passwd", "max"); !strings.Contains(messages, "at least 12") {
		t.Error(messages)
	}
	list, _ := user("", exitDone, "list", "--json")
	var all []listedUser
	if err := json.Unmarshal([]byte(list), &all); err != nil || len(all) != 2 || len(all[0].Roles) != 2 {
		t.Errorf("%s %v", list, err)
	}
	p := start(t, "serve", "--listen", "127.0.0.1:0", "--data", data, "--database", database)
	client := signedInBrowser(t, p.url, "erika", password)
	if got := statusOf(t, client, p.url+"/dienst"); got != http.StatusOK {
		t.Errorf("signed in: %d", got)
	}
	user("", exitDone, "lock", "erika")
	if got := statusOf(t, client, p.url+"/dienst"); got != http.StatusSeeOther {
		t.Errorf("locked: %d", got)
	}
}

func signedInBrowser(t *testing.T, base, name, password string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.PostForm(base+"/dienst/anmelden", url.Values{"name": {name}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("sign-in: %d", resp.StatusCode)
	}
	return client
}

func statusOf(t *testing.T, client *http.Client, address string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}
