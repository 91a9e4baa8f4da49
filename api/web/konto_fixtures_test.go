package web

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/ortsnah/ortsnah/api/i18n"
)

// kontoPaths are the pages of the citizen's account in all their states.
func kontoPaths() []string {
	return []string{"/konto", "/konto?leer=1", "/konto?fehler=1", "/konto/anmelden", "/konto/anmelden?fehler=1", "/konto/neu", "/konto/neu?fehler=1",
		"/konto/postfach", "/konto/postfach?leer=1", "/konto/einstellungen", "/konto/einstellungen?fehler=1", "/konto/loeschen"}
}

// fixtureKonto is a page of the citizen's account.
func fixtureKonto(path, lang string, query url.Values) Page {
	empty, notice := query.Get("leer") != "", Notice{}
	if query.Get("fehler") != "" {
		notice = Notice{Text: i18n.Text(lang, "auth.citizen_wrong", nil), Error: true}
	}
	const email = "maria.featherstonehaugh-cholmondeley@beispiel.example.org"
	visits := []AccountVisit{{Path: "/termin/b/7K3M9QXA", Reference: "7K3M9QXA", Label: fixtureFacts(lang).Label, Place: "Rathaus", Status: "booked", Concerns: []string{"Reisepass beantragen"}, Code: "7K3M9 QXABC DEFGH JKMNP"},
		{Path: "/termin/b/8K3M9QXB", Reference: "8K3M9QXB", Label: fixtureFacts(lang).Label, Place: "Stadtteilzentrum Avenwedde-Bahnhof", Status: "arrived", Concerns: []string{"Wohnsitz ummelden", "Personalausweis beantragen"}, Code: "7K3M9 QXABC DEFGH JKMNP"}}
	switch path {
	case "anmelden":
		return AccountSignIn{Email: email, Next: "/termin/b/7K3M9QXA", Notice: notice}
	case "neu":
		return AccountNew{Email: email, Next: "/konto", Min: 12, Months: 24, Notice: notice}
	case "postfach":
		if empty {
			return AccountInbox{}
		}
		return AccountInbox{Messages: []AccountMessage{{At: at(23, 9, 0), Text: i18n.Text(lang, "booking_appointment.notice.cancelled_by_town", nil), New: true, Path: "/termin/b/9K3M9QXC", Reference: "9K3M9QXC", When: fixtureFacts(lang).Label},
			{At: at(20, 9, 0), Text: i18n.Text(lang, "booking_appointment.notice.booked", nil), Path: "/termin/b/9K3M9QXC", Reference: "9K3M9QXC", When: fixtureFacts(lang).Label}}}
	case "einstellungen":
		return AccountSettings{Email: email, Surname: "Featherstonehaugh", Fill: true, Created: at(1, 0, 0), Min: 12, Months: 24, Notice: notice,
			Sessions: []StaffSession{{ID: "a", Device: "Firefox, Linux", Since: at(23, 8, 0), Seen: at(23, 9, 0), Here: true}, {ID: "b", Since: at(22, 8, 0), Seen: at(23, 9, 0)}}}
	case "loeschen":
		return AccountDelete{Email: email, Coming: visits}
	}
	p := Account{Email: email, Notice: notice}
	if notice.Error {
		p.Reference = "7K3M9QXA"
	}
	if empty {
		return p
	}
	p.Unread, p.Coming = 2, visits
	p.Offers = []AccountOffer{{Action: "/termin/b/9K3M9QXC/alternative", Reference: "8K3M9QXD", Visit: fixtureFacts(lang), Until: i18n.Moment(lang, at(25, 9, 0))}}
	for _, status := range []string{"done", "no_show", "cancelled"} {
		past := visits[0]
		past.Status, past.EndedByTown = status, status == "cancelled"
		p.Past = append(p.Past, past)
	}
	return p
}

// TestKontoPages: what a citizen typed stays text in every page of the account.
func TestKontoPages(t *testing.T) {
	r, err := New(Town{Name: "Gütersloh", Kind: "Stadt"})
	if err != nil {
		t.Fatal(err)
	}
	evil := `"><script>alert(1)</script>`
	bad := Notice{Text: evil, Error: true}
	visit := AccountVisit{Path: "/termin/b/7K3M9QXA", Reference: evil, Label: evil, Place: evil, Status: "expired", Concerns: []string{evil}, Code: evil}
	for _, page := range []Page{AccountSignIn{}, AccountSignIn{Email: evil, Next: evil, Notice: bad}, AccountNew{}, AccountNew{Email: evil, Next: evil, Notice: bad},
		Account{}, Account{Email: evil, Reference: evil, Coming: []AccountVisit{visit}, Past: []AccountVisit{visit}, Notice: bad}, AccountInbox{},
		AccountInbox{Messages: []AccountMessage{{Text: evil, Path: "/termin/b/7K3M9QXA", Reference: evil, When: evil}}}, AccountSettings{},
		AccountSettings{Email: evil, Surname: evil, Notice: bad, Sessions: []StaffSession{{ID: evil, Device: evil}}}, AccountDelete{}, AccountDelete{Email: evil, Coming: []AccountVisit{visit}, Notice: bad}} {
		for lang, prefix := range map[string]string{"de": "", "en": "/en"} {
			w := httptest.NewRecorder()
			if err := r.Render(w, httptest.NewRequest("GET", prefix+"/konto", nil), 200, page); err != nil {
				t.Errorf("%T: %v", page, err)
				continue
			}
			if body := w.Body.String(); strings.Contains(body, "<script>") || strings.Contains(body, "ZgotmplZ") || !strings.Contains(body, "noindex") {
				t.Errorf("%T: what was typed is code, or search engines are invited\n%s", page, body)
			}
			doc, err := html.Parse(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			checkPage(t, prefix+"/"+page.template(), lang, doc)
		}
	}
}
