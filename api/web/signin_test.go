package web

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// TestSignInPages: the pages of signing in and of accounts hold what every
// page holds, empty and full, in both languages; what people typed stays text.
func TestSignInPages(t *testing.T) {
	r, err := New(Town{Name: "Gütersloh", Kind: "Stadt"})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 30, 6, 0, 0, 0, time.UTC)
	evil := `"><script>alert(1)</script>`
	bad := Notice{Text: evil, Error: true}
	roles := []Option{{Value: "clerk", Label: "Sachbearbeitung", On: true}, {Value: "gate", Label: "Pforte"}}
	for _, page := range []Page{
		SignIn{}, SignIn{Name: evil, Next: evil, Notice: bad, OIDCPath: "/dienst/anmelden/stadtkonto"},
		SignInCode{}, SignInCode{Next: evil, Notice: bad}, SignInPassword{}, SignInPassword{Name: evil, Min: 12, Notice: bad},
		SignInEnrol{Path: "/dienst/konto/faktor"}, SignInEnrol{Path: "/dienst/anmelden/faktor", Secret: "ABCD EFGH", QR: QR{Size: 29, Path: "M4 4h7v1h-7z"}, Needed: true, Password: true, Notice: bad},
		SignInCodes{Next: "/dienst"}, SignInCodes{Codes: []string{"aaaa-bbbb"}, Next: "/dienst"}, StaffHome{},
		StaffHome{Name: evil, Entries: []StaffEntry{{Path: "/dienst/tag", Key: "staff.nav.day"}}},
		StaffAccount{}, StaffAccount{ID: "erika", Name: evil, Roles: []string{"Pforte"}, Password: true, Min: 12, SecondFactor: true, Notice: bad,
			Sessions: []StaffSession{{ID: "a", Device: evil, Since: now, Seen: now, Here: true}, {ID: "b", Since: now, Seen: now}}},
		StaffUsers{}, StaffUsers{Users: []StaffUser{{ID: "erika", Name: evil, RoleNames: []string{"Pforte"}, MustChange: true}, {ID: "max", Name: "Max", Active: true, SecondFactor: true}}},
		StaffUser{New: true}, StaffUser{New: true, ID: evil, Name: evil, Roles: roles, Notice: bad},
		StaffUser{ID: "erika", Name: evil, Active: true, SecondFactor: true, Roles: roles, Password: "aaaaa-bbbbb",
			Clerks: []Option{{Value: evil, Label: evil, On: true}}, Offices: roles, Sites: roles},
	} {
		for lang, prefix := range map[string]string{"de": "", "en": "/en"} {
			w := httptest.NewRecorder()
			req := httptest.NewRequest("GET", prefix+"/dienst/konto", nil)
			if err := r.Render(w, req.WithContext(WithStaff(req.Context(), Staff{Name: evil})), 200, page); err != nil {
				t.Errorf("%T: %v", page, err)
				continue
			}
			if body := w.Body.String(); strings.Contains(body, "<script>") || strings.Contains(body, "ZgotmplZ") {
				t.Errorf("%T: what was typed is code\n%s", page, body)
			}
			doc, err := html.Parse(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			checkStaffPage(t, prefix+"/"+page.template(), lang, doc)
		}
	}
}

// checkStaffPage is checkPage without the footer, which the staff's frame has not.
func checkStaffPage(t *testing.T, target, lang string, doc *html.Node) {
	t.Helper()
	ids, h1, labels := map[string]bool{}, 0, map[string]bool{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		a := attributes(n)
		if id, ok := a["id"]; ok {
			if ids[id] {
				t.Errorf("%s: id %q twice", target, id)
			}
			ids[id] = true
		}
		switch n.Data {
		case "h1":
			h1++
		case "label":
			labels[a["for"]] = true
		case "form":
			if a["method"] != "post" || lang == "en" && !strings.HasPrefix(a["action"], "/en/") {
				t.Errorf("%s: form %v", target, a)
			}
		}
		checkElement(t, target, lang, n, a)
	}
	if h1 != 1 {
		t.Errorf("%s: %d h1", target, h1)
	}
	for n := range doc.Descendants() {
		a := attributes(n)
		_, hidden := a["hidden"]
		if (n.Data == "input" || n.Data == "select") && a["type"] != "hidden" && !hidden && !labels[a["id"]] {
			t.Errorf("%s: the field %q has no label", target, a["name"])
		}
		for id := range strings.FieldsSeq(a["aria-describedby"] + " " + a["aria-labelledby"] + " " + a["for"]) {
			if !ids[id] {
				t.Errorf("%s: refers to the missing id %q", target, id)
			}
		}
	}
}
