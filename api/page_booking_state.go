package api

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/booking/match"
)

// wanted is what a citizen has said so far about the appointment. It travels in
// the address, so that the back button and bookmarks work; what is personal -
// surname and place - does not: that is told.
type wanted struct {
	concern, more string // ids; more is a second concern, "" none
	persons       string // as typed
	channel       string // "" somewhere to go to, "phone", "video"
	stepFree      bool
	sort          match.Sort
}

// wantedIn reads what was said from the query or the hidden fields of a form.
func wantedIn(concern string, v url.Values) wanted {
	w := wanted{concern: concern, more: typed(v.Get("noch")), persons: typed(v.Get("personen")), channel: typed(v.Get("weg")),
		stepFree: v.Get("stufenlos") != "", sort: match.Best}
	switch v.Get("zuerst") {
	case "frueh":
		w.sort = match.Early
	case "nah":
		w.sort = match.Near
	}
	return w
}

// values are the query parameters that say w again; what goes without saying is
// left out.
func (w wanted) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"noch": w.more, "weg": w.channel, "personen": w.persons, "zuerst": w.first()} {
		if value != "" && (name != "personen" || value != "1") {
			v.Set(name, value)
		}
	}
	if w.stepFree {
		v.Set("stufenlos", "1")
	}
	return v
}

func (w wanted) first() string {
	return map[match.Sort]string{match.Early: "frueh", match.Near: "nah"}[w.sort]
}

// fields are values as hidden fields of a form.
func (w wanted) fields() []web.BookingField {
	var list []web.BookingField
	v := w.values()
	for _, name := range []string{"noch", "personen", "stufenlos", "weg", "zuerst"} {
		if v.Get(name) != "" {
			list = append(list, web.BookingField{Name: name, Value: v.Get(name)})
		}
	}
	return list
}

// at is the path of a page below that of the concern.
func (w wanted) at(page string, more ...string) string {
	v := w.values()
	for i := 0; i+1 < len(more); i += 2 {
		if v.Set(more[i], more[i+1]); more[i+1] == "" {
			v.Del(more[i])
		}
	}
	path := "/termin/" + url.PathEscape(w.concern)
	if page != "" {
		path += "/" + page
	}
	if len(v) > 0 {
		path += "?" + v.Encode()
	}
	return path
}

// request asks the board. A number of persons that is none becomes 0, which
// booking refuses with a sentence.
func (w wanted) request(t told) booking.Request {
	persons, err := strconv.Atoi(cmp.Or(w.persons, "1"))
	if err != nil {
		persons = 0
	}
	r := booking.Request{Concerns: []string{w.concern}, Persons: persons, Name: t.Name, Via: booking.ViaWeb,
		Channel: booking.Channel(w.channel), StepFree: w.stepFree, Sort: w.sort}
	if w.more != "" {
		r.Concerns = append(r.Concerns, w.more)
	}
	if t.At != nil {
		r.Where = &orb.Point{t.At[0], t.At[1]}
	}
	return r
}

// told is what is personal. It is sealed with the keys of the deployment and
// stays in the browser for an hour: in a cookie while one looks, in a hidden
// field once one chooses, so that another tab cannot change it.
type told struct {
	Name  string      `json:"n,omitempty"`
	Place string      `json:"p,omitempty"` // as shown
	At    *[2]float64 `json:"a,omitempty"` // x/y of the working CRS
	Until int64       `json:"u"`           // Unix time
}

const (
	toldCookie  = "termin_angaben"
	toldContext = "citizen's details on the way to an appointment"
	toldFor     = time.Hour
)

// sealTold makes text of t that only this deployment can read.
func (s *Server) sealTold(t told) (string, error) {
	if t.Name == "" && t.At == nil {
		return "", nil
	}
	t.Until = s.Now().Add(toldFor).Unix()
	plain, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	key, sealed := s.Reception.Keys.Seal(plain, []byte(toldContext))
	return key + "." + base64.RawURLEncoding.EncodeToString(sealed), nil
}

// openTold reads what sealTold made; anything else, and what is too old, is
// as if nothing had been told.
func (s *Server) openTold(text string) told {
	i := strings.LastIndexByte(text, '.')
	if i < 0 {
		return told{}
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text[i+1:])
	if err != nil {
		return told{}
	}
	plain, err := s.Reception.Keys.Open(text[:i], sealed, []byte(toldContext))
	if err != nil {
		return told{}
	}
	var t told
	if json.Unmarshal(plain, &t) != nil || t.Until < s.Now().Unix() {
		return told{}
	}
	return t
}

// toldBy is what the browser has kept.
func (s *Server) toldBy(r *http.Request) told {
	c, err := r.Cookie(toldCookie)
	if err != nil {
		return told{}
	}
	return s.openTold(c.Value)
}

// keepTold lets the browser keep t.
func (s *Server) keepTold(w http.ResponseWriter, r *http.Request, t told) error {
	text, err := s.sealTold(t)
	if err != nil {
		return err
	}
	s.cookie(w, r, toldCookie, text, "/", toldFor)
	return nil
}

// cookie sets a cookie that no script and no other site can read; an empty
// value deletes it.
func (s *Server) cookie(w http.ResponseWriter, r *http.Request, name, value, path string, age time.Duration) {
	c := &http.Cookie{Name: name, Value: value, Path: path, MaxAge: int(age / time.Second), HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(s.base(r), "https:")}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// The code of an appointment is a cookie of its pages alone, in both languages.
const (
	codeCookie  = "termin"
	freshCookie = "termin_neu" // the code may be shown: it has just been made
	codeFor     = 400 * 24 * time.Hour
	freshFor    = time.Hour
)

func (s *Server) keepCode(w http.ResponseWriter, r *http.Request, reference, code string) {
	for _, prefix := range []string{"", "/en"} {
		s.cookie(w, r, codeCookie, code, prefix+"/termin/b/"+reference, codeFor)
	}
}

func (s *Server) keepFresh(w http.ResponseWriter, r *http.Request, reference, value string) {
	for _, prefix := range []string{"", "/en"} {
		s.cookie(w, r, freshCookie, value, prefix+"/termin/b/"+reference, freshFor)
	}
}

// codeOf is the code that the citizen's account or the browser has for the
// appointment it asks about.
func codeOf(r *http.Request) string {
	if code := accountCode(r); code != "" {
		return code
	}
	if c, err := r.Cookie(codeCookie); err == nil {
		return c.Value
	}
	return ""
}

// plainCookie remembers who wants plain language.
const plainCookie = "leichte_sprache"

// plain says whether the reader wants plain language.
func plain(r *http.Request) bool {
	c, err := r.Cookie(plainCookie)
	return err == nil && c.Value == "1"
}

// germanPath is the path of the request without its language.
func germanPath(r *http.Request) string {
	return "/" + strings.TrimLeft(strings.TrimPrefix(r.URL.EscapedPath(), "/en/"), "/")
}

// bookingFrame is what every page of the citizens has.
func bookingFrame(r *http.Request, step int, back string) web.Booking {
	here := germanPath(r)
	if r.URL.RawQuery != "" {
		here += "?" + r.URL.RawQuery
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		here = cmp.Or(back, "/termin")
	}
	return web.Booking{Plain: plain(r), Here: here, Step: step, Back: back}
}

// bookingPage answers with a page that nobody but this reader may see.
func (s *Server) bookingPage(w http.ResponseWriter, r *http.Request, code int, p web.Page) error {
	w.Header().Set("Cache-Control", private)
	return s.Pages.Render(w, r, code, p)
}

// see sends the browser on to a page, in the reader's language, to be read
// with GET: reloading it does nothing twice.
func see(w http.ResponseWriter, r *http.Request, path string) error {
	if web.LangOf(r) == "en" {
		path = "/en" + path
	}
	w.Header().Set("Cache-Control", private)
	return redirect(w, http.StatusSeeOther, path)
}

// plainSwitch answers POST /termin/sprache.
func (s *Server) plainSwitch(w http.ResponseWriter, r *http.Request) error {
	v, err := bookingForm(w, r)
	if err != nil {
		return err
	}
	value := ""
	if v.Get("leicht") == "1" {
		value = "1"
	}
	s.cookie(w, r, plainCookie, value, "/", 365*24*time.Hour)
	back := v.Get("zurueck")
	if u, err := url.Parse(back); err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(back, "/termin") || strings.ContainsAny(back, "\\\r\n") {
		back = "/termin"
	}
	return see(w, r, back)
}

// bookingFormGone answers GET at the address of a form, which is where a
// browser is when the answer to it was a page: after a reload, or a change of
// language.
func (s *Server) bookingFormGone(w http.ResponseWriter, r *http.Request) error {
	if reference := pathVar(r, "reference"); reference != "" {
		return see(w, r, "/termin/b/"+url.PathEscape(reference))
	}
	return see(w, r, "/termin/"+url.PathEscape(pathVar(r, "id")))
}
