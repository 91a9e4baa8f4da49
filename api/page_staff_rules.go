package api

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/catalog"
)

const rulesPath = "/dienst/zustaendigkeit"

// teamColours is how many colours the map tells teams apart with; each has its
// label beside.
const teamColours = 8

// staffRules answers /dienst/zustaendigkeit.
func (s *Server) staffRules(w http.ResponseWriter, r *http.Request) error {
	d, err := s.rulesAsked(r, r.URL.Query())
	if err != nil {
		return err
	}
	p := web.Rules{Notice: doneNotice(r)}
	if id := r.URL.Query().Get("gebiet"); id != "" {
		p.Drawn = d.area(id)
	}
	return s.showRules(w, r, http.StatusOK, d, formOfRules(d.stored, d.kind), d.stored, p)
}

// ruleDesk is everything around the rules of one scope.
type ruleDesk struct {
	lang      string
	scope     booking.Scope
	name      string // of the scope
	office    string // of the scope, or of the service
	kind      booking.Kind
	concerns  []booking.Concern
	offices   []booking.Office
	all       []booking.Rule
	stored    []booking.Rule // of the scope
	teams     []booking.Team
	clerks    []booking.Clerk
	districts []districtRow
	areas     []booking.DrawnArea
}

// value is the scope as forms and addresses name it.
func (d ruleDesk) value() string {
	if d.scope.Concern != "" {
		return "anliegen/" + d.scope.Concern
	}
	return "amt/" + d.scope.Office
}

// path is the page with the scope and a kind.
func (d ruleDesk) path(kind booking.Kind) string {
	return rulesPath + "?" + url.Values{"bereich": {d.value()}, "art": {string(kind)}}.Encode()
}

// rulesAsked reads the scope and kind that v names; the first office with
// geographic rules when it names none. Error: NotFound booking.rule_no_scope.
func (s *Server) rulesAsked(r *http.Request, v url.Values) (ruleDesk, error) {
	ctx := r.Context()
	d := ruleDesk{lang: web.LangOf(r)}
	for _, read := range []func() error{
		func() (err error) { d.concerns, err = booking.Concerns(ctx, s.DB); return err },
		func() (err error) { d.offices, err = booking.Offices(ctx, s.DB); return err },
		func() (err error) { d.all, err = booking.Rules(ctx, s.DB); return err },
		func() (err error) { d.teams, err = booking.Teams(ctx, s.DB); return err },
		func() (err error) { d.clerks, err = booking.Clerks(ctx, s.DB); return err },
		func() (err error) { d.districts, err = s.districtRows(ctx); return err },
		func() (err error) { d.areas, err = booking.DrawnAreas(ctx, s.DB); return err },
	} {
		if err := read(); err != nil {
			return d, err
		}
	}
	if err := d.choose(v.Get("bereich")); err != nil {
		return d, err
	}
	d.stored = d.scope.Rules(d.all)
	kinds := d.kinds()
	d.kind = booking.Kind(v.Get("art"))
	if !slices.Contains([]booking.Kind{booking.Anyone, booking.Alphabetic, booking.Geographic}, d.kind) {
		d.kind = kinds[len(kinds)-1]
	}
	return d, nil
}

// choose finds the scope that the address names.
func (d *ruleDesk) choose(asked string) error {
	if asked == "" {
		asked = d.usual()
	}
	if id, ok := strings.CutPrefix(asked, "amt/"); ok {
		for _, o := range d.offices {
			if o.ID == id {
				d.scope, d.office, d.name = booking.Scope{Office: id}, id, o.Name.In(d.lang)
				return nil
			}
		}
	}
	if id, ok := strings.CutPrefix(asked, "anliegen/"); ok {
		for _, c := range d.concerns {
			if c.ID == id {
				d.scope, d.office, d.name = booking.Scope{Concern: id}, c.Office, c.Name.In(d.lang)
				return nil
			}
		}
	}
	return ortsnah.E(ortsnah.NotFound, "booking.rule_no_scope", "scope", typed(asked)).About("bereich")
}

// usual is the scope that opens without a choice: an office with a map.
func (d *ruleDesk) usual() string {
	for _, kind := range []booking.Kind{booking.Geographic, booking.Alphabetic, booking.Anyone} {
		for _, r := range d.all {
			if r.Kind == kind && r.Office != "" {
				return "amt/" + r.Office
			}
		}
	}
	if len(d.offices) > 0 {
		return "amt/" + d.offices[0].ID
	}
	return ""
}

// kinds are those of the scope's concerns and rules, in a fixed order; a
// concern may have rules of every kind.
func (d *ruleDesk) kinds() []booking.Kind {
	all := []booking.Kind{booking.Anyone, booking.Alphabetic, booking.Geographic}
	if d.scope.Concern != "" {
		i := slices.IndexFunc(d.concerns, func(c booking.Concern) bool { return c.ID == d.scope.Concern })
		own := d.concerns[max(i, 0)].Jurisdiction.Kind
		if len(d.stored) > 0 {
			own = d.stored[0].Kind
		}
		return append(slices.DeleteFunc(all, func(k booking.Kind) bool { return k == own }), own)
	}
	used := slices.DeleteFunc(slices.Clone(all), func(k booking.Kind) bool {
		return !slices.ContainsFunc(d.concerns, func(c booking.Concern) bool { return c.Office == d.office && c.Jurisdiction.Kind == k }) &&
			!slices.ContainsFunc(d.stored, func(r booking.Rule) bool { return r.Kind == k })
	})
	if len(used) == 0 {
		return all[:1]
	}
	return used
}

// showRules fills the page: form is what the fields show, rules what is looked
// at for holes and drawn, which may not be saved yet.
func (s *Server) showRules(w http.ResponseWriter, r *http.Request, code int, d ruleDesk, form ruleForm, rules []booking.Rule, p web.Rules) error {
	found, err := booking.Findings(r.Context(), s.DB, d.scope, rules, s.Now())
	if err != nil {
		return err
	}
	p.Scope, p.ScopeName, p.Kind, p.Version = d.value(), d.name, string(d.kind), booking.RulesVersion(d.stored)
	p.Scopes, p.Kinds = d.scopeOptions(), d.kindLinks()
	p.Findings = s.ruleFindings(d, rules, found)
	p.Teams = d.ruleTeams(rules)
	p.Rows = d.ruleRows(form, p.Teams)
	p.Letters, p.Axis = letterBars(rules, p.Teams, s.today()), letterAxis()
	p.Districts = d.ruleDistricts(form, rules, p.Teams)
	p.Priority = form.priority
	p.Areas = d.ruleAreas()
	p.Try.Services, p.Try.NeedsName, p.Try.NeedsPlace = d.tryServices(r), true, true
	if d.scope.Concern != "" && len(d.stored) == 0 {
		p.Inherits = web.Link{Text: d.officeName(d.office), Path: rulesPath + "?" + url.Values{"bereich": {"amt/" + d.office}}.Encode()}
	}
	if d.kind == booking.Geographic {
		if err := s.fillRuleMap(r, &p, d, rules, found); err != nil {
			return err
		}
	}
	return s.staffPage(w, r, code, p)
}

func (d *ruleDesk) officeName(id string) string {
	for _, o := range d.offices {
		if o.ID == id {
			return o.Name.In(d.lang)
		}
	}
	return id
}

func (d *ruleDesk) scopeOptions() []web.OptionGroup {
	offices := web.OptionGroup{Label: i18n.Text(d.lang, "rules.offices", nil)}
	for _, o := range d.offices {
		offices.Options = append(offices.Options, web.Option{Value: "amt/" + o.ID, Label: o.Name.In(d.lang), On: d.scope.Office == o.ID})
	}
	concerns := web.OptionGroup{Label: i18n.Text(d.lang, "rules.services", nil)}
	for _, c := range d.concerns {
		o := web.Option{Value: "anliegen/" + c.ID, Label: c.Name.In(d.lang), On: d.scope.Concern == c.ID}
		if slices.ContainsFunc(d.all, func(r booking.Rule) bool { return r.Concern == c.ID }) {
			o.Label += " " + i18n.Text(d.lang, "rules.has_own", nil)
		}
		concerns.Options = append(concerns.Options, o)
	}
	return []web.OptionGroup{offices, concerns}
}

func (d *ruleDesk) kindLinks() []web.RuleKind {
	kinds := d.kinds()
	slices.SortFunc(kinds, func(a, b booking.Kind) int { return cmp.Compare(kindOrder(a), kindOrder(b)) })
	if !slices.Contains(kinds, d.kind) {
		kinds = append(kinds, d.kind)
	}
	var list []web.RuleKind
	for _, k := range kinds {
		n := 0
		for _, r := range d.stored {
			if r.Kind == k {
				n++
			}
		}
		list = append(list, web.RuleKind{Kind: string(k), N: n, Path: d.path(k), On: k == d.kind})
	}
	return list
}

func kindOrder(k booking.Kind) int {
	return slices.Index([]booking.Kind{booking.Anyone, booking.Alphabetic, booking.Geographic}, k)
}

// tryServices are the concerns that the scope's rules decide.
func (d *ruleDesk) tryServices(r *http.Request) []web.Option {
	asked := r.PostForm.Get("anliegen")
	var list []web.Option
	for _, c := range d.concerns {
		if c.ID == d.scope.Concern || c.Office == d.scope.Office && (c.Jurisdiction.Kind == d.kind || c.ID == asked) {
			list = append(list, web.Option{Value: c.ID, Label: c.Name.In(d.lang), On: c.ID == asked})
		}
	}
	return list
}

// fillRuleMap adds what the map draws.
func (s *Server) fillRuleMap(r *http.Request, p *web.Rules, d ruleDesk, rules []booking.Rule, found []booking.Finding) error {
	ready, err := s.collections(r.Context())
	if err != nil {
		return err
	}
	if p.Map.Bounds, err = s.townBounds(r.Context(), ready); err != nil {
		return err
	}
	p.Map.DistrictsURL = itemsURL(ready, catalog.Districts)
	p.Map.Data, err = ruleMapData(d, p.Teams, rules, found)
	return err
}

// hectares are square metres as people read them.
func hectares(lang string, area float64) string {
	digits := 1
	if area >= 100_000 {
		digits = 0
	}
	text := strconv.FormatFloat(area/10_000, 'f', digits, 64)
	if lang == "de" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text + " ha"
}
