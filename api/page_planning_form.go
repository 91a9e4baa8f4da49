package api

import (
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/demand"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/travel"
)

// scenarioForm is what the fields of the editor show: numbers as they were
// typed, so that nothing is lost by a mistake in one of them.
type scenarioForm struct {
	id         string
	revision   int
	name, note string
	definition planning.Definition // what is not typed: candidates, choices
	numbers    map[string]string
	percent    map[string]string // per age group
	points     string
	sets       []string
	weekly     bool
}

// numberField is a number of the form: its field, its unit in the definition
// (60: minutes there seconds), where it goes.
type numberField struct {
	name string
	unit int64
	most int64
	get  func(d *planning.Definition) int64
	set  func(d *planning.Definition, n int64)
}

const mostTyped = 1 << 40

func numberFields() []numberField {
	whole := func(name string, unit int64, field func(d *planning.Definition) *int) numberField {
		return numberField{name, unit, math.MaxInt32, func(d *planning.Definition) int64 { return int64(*field(d)) }, func(d *planning.Definition, n int64) { *field(d) = int(n) }}
	}
	return []numberField{
		whole("p", 1, func(d *planning.Definition) *int { return &d.P }),
		whole("minuten", 60, func(d *planning.Definition) *int { return &d.Radius }),
		whole("hoechstens", 60, func(d *planning.Definition) *int { return &d.Cap }),
		whole("grenze", 60, func(d *planning.Definition) *int { return &d.Cutoff }),
		whole("sekunden", 1, func(d *planning.Definition) *int { return &d.Seconds }),
		{"kapazitaet", 1, mostTyped, func(d *planning.Definition) int64 { return d.Capacity }, func(d *planning.Definition, n int64) { d.Capacity = n }},
	}
}

func weeklyFields() []numberField {
	whole := func(name string, field func(w *planning.Weekly) *int) numberField {
		return numberField{name, 1, math.MaxInt32, func(d *planning.Definition) int64 { return int64(*field(d.Weekly)) }, func(d *planning.Definition, n int64) { *field(d.Weekly) = int(n) }}
	}
	return []numberField{
		whole("fahrzeuge", func(w *planning.Weekly) *int { return &w.Stations }),
		whole("halbtage", func(w *planning.Weekly) *int { return &w.HalfDays }),
		whole("lenkbar", func(w *planning.Weekly) *int { return &w.Steerable }),
		{"sitzung", 1, mostTyped, func(d *planning.Definition) int64 { return d.Weekly.SessionCapacity }, func(d *planning.Definition, n int64) { d.Weekly.SessionCapacity = n }},
	}
}

// newScenarioForm is the form of a scenario that does not exist yet.
func newScenarioForm() scenarioForm {
	return formOfScenario(planning.Scenario{Revision: 1, Definition: planning.Definition{Objective: instance.PMedian, Profile: travel.Walk, P: 4,
		Radius: 15 * 60, Seconds: 60, Demand: planning.Demand{Measure: demand.People}}})
}

// formOfScenario shows what is stored.
func formOfScenario(c planning.Scenario) scenarioForm {
	f := scenarioForm{id: c.ID, revision: c.Revision, name: c.Name, note: c.Note, definition: c.Definition,
		numbers: map[string]string{}, percent: map[string]string{}, weekly: c.Definition.Weekly != nil}
	d := c.Definition
	fields := numberFields()
	if f.weekly {
		fields = append(fields, weeklyFields()...)
	}
	for _, field := range fields {
		if n := field.get(&d); n != 0 {
			f.numbers[field.name] = strings.Replace(strconv.FormatFloat(float64(n)/float64(field.unit), 'f', -1, 64), ".", ",", 1)
		}
	}
	for group, n := range d.Demand.Groups {
		f.percent[group] = strconv.Itoa(n)
	}
	return f
}

// readScenarioForm reads what was posted.
func readScenarioForm(v url.Values, id string) (scenarioForm, error) {
	f := scenarioForm{id: id, name: strings.TrimSpace(v.Get("name")), note: strings.TrimSpace(strings.ReplaceAll(v.Get("notiz"), "\r\n", "\n")), numbers: map[string]string{}, percent: map[string]string{},
		points: v.Get("punkte"), sets: v["menge"], weekly: v.Get("woche") == "1"}
	f.revision, _ = strconv.Atoi(v.Get("stand")) // none: the stored one is newer
	for _, field := range append(numberFields(), weeklyFields()...) {
		f.numbers[field.name] = typed(v.Get(field.name))
	}
	d := &f.definition
	d.Objective, d.Profile, d.Day = instance.Kind(typed(v.Get("ziel"))), travel.Profile(typed(v.Get("profil"))), typed(v.Get("tag"))
	d.Demand = planning.Demand{Source: typed(v.Get("quelle")), Measure: typed(v.Get("mass")), Area: typed(v.Get("gebiet")),
		Concerns: v["anliegen"], Calibrated: v.Get("kalibriert") == "1"}
	for name := range v {
		if group, ok := strings.CutPrefix(name, "gruppe-"); ok && len(f.percent) < 20 {
			f.percent[group] = typed(v.Get(name))
		}
	}
	if raw := v.Get("orte"); raw != "" {
		if err := json.Unmarshal([]byte(raw), &d.Candidates); err != nil {
			return f, ortsnah.E(ortsnah.Invalid, "auth.bad_form").Because(err)
		}
	}
	return f, f.readRoles(v)
}

// readRoles takes the table of candidates into the definition. Numbers are
// places in the list that the page sent along.
func (f *scenarioForm) readRoles(v url.Values) error {
	var kept []planning.Candidate
	all := v.Get("alle")
	for i, c := range f.definition.Candidates {
		n := strconv.Itoa(i)
		if role := v.Get("rolle-" + n); role != "" {
			c.Role, c.StepFree = planning.Role(role), v.Get("stufenfrei-"+n) == "1"
		}
		if all != "" {
			c.Role = planning.Role(all)
		}
		if v.Has("platz-" + n) {
			capacity, err := wholeAmount(v.Get("platz-"+n), mostTyped)
			if err != nil {
				return err
			}
			c.Capacity = capacity
		}
		if c.Role != "remove" {
			kept = append(kept, c)
		}
	}
	f.definition.Candidates = kept
	return nil
}

// wholeAmount reads what people type as a number; empty is 0. Error: Invalid
// planning.not_a_number.
func wholeAmount(text string, most int64) (int64, error) {
	text = strings.NewReplacer(".", "", " ", "", "\u00a0", "").Replace(typed(text))
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > most {
		return 0, ortsnah.E(ortsnah.Invalid, "planning.not_a_number", "text", text)
	}
	return n, nil
}

// amount reads a number of the unit: minutes may have a comma, others not.
func (field numberField) amount(text string) (int64, error) {
	if field.unit == 1 {
		n, err := wholeAmount(text, field.most)
		return n, about(err, field.name)
	}
	text = strings.Replace(typed(text), ",", ".", 1)
	if text == "" {
		return 0, nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) || x < 0 || x*float64(field.unit) > float64(field.most) {
		return 0, ortsnah.E(ortsnah.Invalid, "planning.not_a_number", "text", text).About(field.name)
	}
	return int64(math.Round(x * float64(field.unit))), nil
}

func about(err error, field string) error {
	if e, ok := err.(*ortsnah.Error); ok { //nolint:errorlint // made one line above
		return e.About(field)
	}
	return err
}

// scenario is the form as it is stored. Errors: Invalid planning.not_a_number.
func (f scenarioForm) scenario() (planning.Scenario, error) {
	c := planning.Scenario{ID: f.id, Name: f.name, Note: f.note, Revision: f.revision, Definition: f.definition}
	d := &c.Definition
	fields := numberFields()
	d.Weekly = nil
	if f.weekly {
		d.Weekly = &planning.Weekly{}
		fields = append(fields, weeklyFields()...)
	}
	for _, field := range fields {
		n, err := field.amount(f.numbers[field.name])
		if err != nil {
			return c, err
		}
		field.set(d, n)
	}
	d.Demand.Groups = nil
	for group, text := range f.percent {
		n, err := wholeAmount(text, math.MaxInt32)
		if err != nil {
			return c, about(err, "gruppe-"+group)
		}
		if text != "" && n != 100 {
			if d.Demand.Groups == nil {
				d.Demand.Groups = map[string]int{}
			}
			d.Demand.Groups[group] = int(n)
		}
	}
	return c, nil
}

// taken adds places to the candidates that are not among them yet.
func (f *scenarioForm) take(places []planning.Candidate) {
	for _, p := range places {
		if !slices.ContainsFunc(f.definition.Candidates, func(c planning.Candidate) bool { return c.ID == p.ID }) {
			f.definition.Candidates = append(f.definition.Candidates, p)
		}
	}
}
