package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
)

// staffRulesSave saves the rules of one kind, or only checks them. Holes and
// doubles that were not there are asked about first.
func (s *Server) staffRulesSave(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	d, err := s.rulesAsked(r, v)
	if err != nil {
		return err
	}
	f := readRuleForm(v, d.kind)
	draft, err := f.rules(d.stored)
	if err == nil {
		draft, err = booking.CheckRules(r.Context(), s.DB, d.scope, draft)
	}
	if err != nil {
		return s.rulesRefused(w, r, d, f, d.stored, err)
	}
	if v.Get("schritt") == "pruefen" {
		return s.showRules(w, r, http.StatusOK, d, f, draft, web.Rules{Checked: true})
	}
	err = s.inTx(r, func(tx pgx.Tx) error {
		_, err := booking.SaveRules(r.Context(), tx, s.Now(), s.actor(r),
			booking.RuleChange{Scope: d.scope, Rules: draft, Seen: typed(v.Get("stand")), Force: v.Get("trotzdem") == "1"})
		return err
	})
	if err != nil {
		return s.rulesRefused(w, r, d, f, draft, err)
	}
	return s.rulesDone(w, r, d, "rules_saved")
}

// rulesRefused shows the form again with what is wrong, or the question
// whether to save all the same.
func (s *Server) rulesRefused(w http.ResponseWriter, r *http.Request, d ruleDesk, f ruleForm, draft []booking.Rule, err error) error {
	p := web.Rules{Checked: true}
	code := http.StatusOK
	if _, ok := errors.AsType[*booking.HasFaults](err); ok {
		p.Confirm = &web.QuotaConfirm{Path: rulesPath, Fields: formFields(r.PostForm)}
	} else if p.Notice, code, err = refusal(r, err); err != nil {
		return err
	}
	return s.showRules(w, r, code, d, f, draft, p)
}

// rulesDone leads back to the scope.
func (s *Server) rulesDone(w http.ResponseWriter, r *http.Request, d ruleDesk, what string) error {
	return s.done(w, r, rulesPath, what, "bereich", d.value(), "art", string(d.kind))
}

// rulesForm frames the smaller forms of the page: what they refuse is shown
// above it.
func (s *Server) rulesForm(w http.ResponseWriter, r *http.Request, what string, do func(ctx context.Context, tx pgx.Tx, v url.Values) error) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	d, err := s.rulesAsked(r, v)
	if err != nil {
		return err
	}
	if err = s.inTx(r, func(tx pgx.Tx) error { return do(r.Context(), tx, v) }); err == nil {
		return s.rulesDone(w, r, d, what)
	}
	p := web.Rules{Drawn: web.RuleArea{ID: typed(v.Get("gebiet")), Name: typed(v.Get("name")), GeoJSON: v.Get("form")}}
	var code int
	if p.Notice, code, err = refusal(r, err); err != nil {
		return err
	}
	return s.showRules(w, r, code, d, formOfRules(d.stored, d.kind), d.stored, p)
}

// staffRulesArea draws an area or changes one. A file goes before what is typed.
func (s *Server) staffRulesArea(w http.ResponseWriter, r *http.Request) error {
	return s.rulesForm(w, r, "area_saved", func(ctx context.Context, tx pgx.Tx, v url.Values) error {
		shape := []byte(v.Get("form"))
		if file, _, err := r.FormFile("datei"); err == nil {
			defer file.Close()
			raw, err := io.ReadAll(file)
			if err != nil {
				return ortsnah.E(ortsnah.Invalid, "auth.bad_form").Because(err)
			}
			if len(raw) > 0 {
				shape = raw
			}
		}
		_, err := booking.SaveArea(ctx, tx, s.Now(), s.actor(r), typed(v.Get("gebiet")), v.Get("name"), shape)
		return err
	})
}

// staffRulesAreaGone forgets an area.
func (s *Server) staffRulesAreaGone(w http.ResponseWriter, r *http.Request) error {
	return s.rulesForm(w, r, "area_removed", func(ctx context.Context, tx pgx.Tx, v url.Values) error {
		return booking.RemoveArea(ctx, tx, s.Now(), s.actor(r), typed(v.Get("weg")))
	})
}

// staffRulesTeam says who is in a team.
func (s *Server) staffRulesTeam(w http.ResponseWriter, r *http.Request) error {
	return s.rulesForm(w, r, "team_saved", func(ctx context.Context, tx pgx.Tx, v url.Values) error {
		clerks, err := resourceIDs(v["kraft"])
		if err != nil {
			return err
		}
		seen, err := resourceIDs(codesIn(v.Get("stand")))
		if err != nil {
			return err
		}
		return booking.SetTeam(ctx, tx, s.Now(), s.actor(r), typed(v.Get("team")), seen, clerks)
	})
}

// resourceIDs reads ids of clerks. Error: NotFound booking.no_clerk.
func resourceIDs(texts []string) ([]int, error) {
	ids := []int{}
	for _, text := range texts {
		id, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return nil, ortsnah.E(ortsnah.NotFound, "booking.no_clerk", "clerk", typed(text)).About("kraft")
		}
		ids = append(ids, int(id))
	}
	return ids, nil
}

// staffRulesTry says who is responsible by the stored rules, and why. Name and
// place are personal: they come in a form, are kept nowhere and go nowhere.
func (s *Server) staffRulesTry(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	d, err := s.rulesAsked(r, v)
	if err != nil {
		return err
	}
	p, code := web.Rules{}, http.StatusOK
	p.Try = web.RuleTry{Asked: true, Name: typed(v.Get("name")), Address: typed(v.Get("adresse")), Lon: typed(v.Get("lon")), Lat: typed(v.Get("lat"))}
	if err := s.tryRules(r, d, &p.Try, typed(v.Get("anliegen"))); err != nil {
		p.Try.Asked = false
		if p.Notice, code, err = refusal(r, err); err != nil {
			return err
		}
	}
	return s.showRules(w, r, code, d, formOfRules(d.stored, d.kind), d.stored, p)
}

func (s *Server) tryRules(r *http.Request, d ruleDesk, t *web.RuleTry, service string) error {
	q := url.Values{}
	switch {
	case t.Address != "":
		q.Set("address", t.Address)
		t.Lon, t.Lat = "", ""
	case t.Lon != "" || t.Lat != "":
		q.Set("lon", t.Lon)
		q.Set("lat", t.Lat)
	}
	asked, err := s.placeAsked(r.Context(), q)
	if err != nil {
		return err
	}
	for _, a := range asked.choice {
		t.Choices = append(t.Choices, web.RuleChoice{Label: a.Label, Lon: degreesText(a.Lon), Lat: degreesText(a.Lat)})
	}
	if len(t.Choices) > 0 {
		return nil
	}
	decided, _, err := s.decision(r.Context(), service, t.Name, asked)
	if err != nil {
		return err
	}
	t.Explanation = i18n.Text(d.lang, decided.Key, decided.Args)
	if decided.Team.ID != "" {
		t.Team = labelOf(d.ruleTeams(d.all), decided.Team.ID)
		if decided.Team.Label != "" {
			t.Team = decided.Team.Label + " · " + decided.Team.Name.In(d.lang)
		}
	}
	if decided.Rule != nil {
		t.Rule = decided.Rule.ID
	}
	if place := asked.place.District; place.Code != "" {
		t.District = place.Name + " (" + place.Code + ")"
	}
	if len(decided.Borders) > 1 {
		t.Border = d.districtNames(slices.Clone(decided.Borders))
	}
	return nil
}

// degreesText is a coordinate to 0.1 m.
func degreesText(x float64) string {
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(x, 'f', 6, 64), "0"), ".")
}
