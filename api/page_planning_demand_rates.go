package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/stations/demand"
)

// fillRates adds the table of concerns and, of the one asked for, the form.
func (s *Server) fillRates(ctx context.Context, lang, source, asked string, p *web.PlanningDemand) error {
	concerns, err := booking.Concerns(ctx, s.Open)
	if err != nil {
		return err
	}
	rates, err := demand.Rates(ctx, s.DB)
	if err != nil {
		return err
	}
	of := map[string][]demand.Rate{}
	for _, r := range rates {
		of[r.Concern] = append(of[r.Concern], r)
	}
	lines, err := demand.Compare(ctx, s.DB, source)
	if err != nil && ortsnah.KindOf(err) != ortsnah.NotFound {
		return err
	}
	compared := map[string]demand.Line{}
	for _, l := range lines {
		compared[l.Concern] = l
	}
	for _, c := range concerns {
		p.Concerns = append(p.Concerns, web.Option{Value: c.ID, Label: c.Name.In(lang), On: c.ID == asked})
		if c.ID == asked {
			p.Edit = rateForm(lang, c, of[c.ID])
		}
		if l := compared[c.ID]; len(of[c.ID]) > 0 || l.Observed != nil {
			p.Lines = append(p.Lines, rateLine(lang, c, of[c.ID], l))
		}
	}
	p.Sums = sumsOf(lang, lines)
	return nil
}

func rateForm(lang string, c booking.Concern, rates []demand.Rate) *web.DemandEdit {
	e := &web.DemandEdit{ID: c.ID, Name: c.Name.In(lang)}
	for _, age := range demand.RateAges() {
		f := web.DemandField{Name: string(age), Label: i18n.Text(lang, "planning_demand.age."+string(age), nil)}
		if r, ok := rateOf(rates, age); ok {
			f.Value, e.Note, e.Entered = i18n.Decimal(lang, r.Visits, decimalsOf(r.Visits)), r.Note, r.EnteredOn
		}
		e.Fields = append(e.Fields, f)
	}
	return e
}

func rateOf(rates []demand.Rate, age demand.Feature) (demand.Rate, bool) {
	for _, r := range rates {
		if r.Age == age {
			return r, true
		}
	}
	return demand.Rate{}, false
}

// decimalsOf is how many decimals a rate needs.
func decimalsOf(visits float64) int {
	_, decimals, _ := strings.Cut(strconv.FormatFloat(visits, 'f', -1, 64), ".")
	return len(decimals)
}

// rateLine is a concern in the table. Counts of few people are hidden, and
// what they could be worked out from.
func rateLine(lang string, c booking.Concern, rates []demand.Rate, l demand.Line) web.DemandLine {
	line := web.DemandLine{ID: c.ID, Name: c.Name.In(lang), Office: c.OfficeName.In(lang), EditPath: demandPath + "?" + url.Values{"anliegen": {c.ID}}.Encode() + "#bedarf",
		Expected: "–", Counted: "–", Unmet: "–", Yearly: "–", Factor: "–"}
	for _, age := range demand.RateAges() {
		text := "–"
		if r, ok := rateOf(rates, age); ok {
			text, line.Note = i18n.Decimal(lang, r.Visits, decimalsOf(r.Visits)), r.Note
		}
		line.Rates = append(line.Rates, text)
	}
	if l.Rated && l.Expected > 0 {
		line.Expected = i18n.Number(lang, (l.Expected+50)/100)
	}
	if l.Observed == nil {
		return line
	}
	line.Counted, line.Unmet = fewHidden(lang, l.Observed.Kept+l.Observed.WalkIns), fewHidden(lang, l.Observed.Unmet)
	if l.Yearly > 0 && l.Observed.Kept+l.Observed.WalkIns+l.Observed.Unmet >= booking.Few && !hides(line.Counted) && !hides(line.Unmet) {
		line.Yearly = i18n.Number(lang, (l.Yearly+50)/100)
		if l.Factor > 0 {
			line.Factor = i18n.Decimal(lang, l.Factor, 2)
		}
	}
	return line
}

func fewHidden(lang string, n int64) string {
	if n > 0 && n < booking.Few {
		return "<" + strconv.Itoa(booking.Few)
	}
	return i18n.Number(lang, n)
}

func hides(text string) bool { return strings.HasPrefix(text, "<") }

// sumsOf adds up what rates make expect and what calibration makes of it.
func sumsOf(lang string, lines []demand.Line) web.DemandSums {
	var expected, calibrated int64
	sums := web.DemandSums{}
	for _, l := range lines {
		if o := l.Observed; o != nil {
			sums.Weeks, sums.Since = int(o.Weeks), o.FirstWeek
		}
		if !l.Rated {
			continue
		}
		expected += l.Expected
		if l.Yearly > 0 {
			calibrated, sums.Enough = calibrated+l.Yearly, true
		} else {
			calibrated += l.Expected
		}
	}
	sums.Expected, sums.Calibrated = i18n.Number(lang, (expected+50)/100), i18n.Number(lang, (calibrated+50)/100)
	return sums
}

// planningDemandRates takes the form of one concern's need rates.
func (s *Server) planningDemandRates(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	concern, err := booking.FindConcern(r.Context(), s.Open, typed(v.Get("anliegen")))
	if err == nil {
		var rates []demand.Rate
		if rates, err = ratesTyped(v); err == nil {
			err = s.inTx(r, func(tx pgx.Tx) error { return demand.SetRates(r.Context(), tx, s.today(), concern.ID, rates) })
		}
	}
	if err == nil {
		return s.done(w, r, demandPath, "demand_rates")
	}
	notice, code, err := refusal(r, err)
	if err != nil {
		return err
	}
	asked := r.Clone(r.Context())
	asked.URL.RawQuery = url.Values{"anliegen": {concern.ID}}.Encode()
	return s.demandPage(w, asked, code, notice, web.DemandImport{Licence: "dl-de/by-2-0"})
}

// ratesTyped reads the rates of the form; an empty field is no rate. Both "12,5"
// and "12.5" are understood. Error: Invalid demand.bad_rate.
func ratesTyped(v url.Values) ([]demand.Rate, error) {
	var rates []demand.Rate
	for _, age := range demand.RateAges() {
		text := typed(v.Get("bedarf-" + string(age)))
		if text == "" {
			continue
		}
		visits, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
		if err != nil {
			return nil, ortsnah.E(ortsnah.Invalid, "demand.bad_rate", "most", 20000).About(string(age))
		}
		rates = append(rates, demand.Rate{Age: age, Visits: visits, Note: strings.TrimSpace(v.Get("anmerkung"))})
	}
	return rates, nil
}
