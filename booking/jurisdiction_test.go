package booking

import (
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/paulmach/orb"
	"golang.org/x/text/unicode/norm"

	"github.com/ortsnah/ortsnah/catalog"
)

func alphabetic(id, from, to string) Rule {
	return Rule{ID: id, Office: "abh", Kind: Alphabetic, PrefixFrom: from, PrefixTo: to, Team: id}
}

// fixture is the office list of the booking scenarios.
func fixture() *Directory {
	from, to := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)
	rules := []Rule{
		{ID: "buergerbuero", Office: "buergerbuero", Kind: Anyone, Team: "A"},
		alphabetic("X1", "A", "Be"), alphabetic("X2", "Bf", "Kz"), alphabetic("X3", "La", "Mt"),
		alphabetic("X4", "Mu", "Sc"), alphabetic("X5", "Sd", "Z"),
		{ID: "abh-anyone", Office: "abh", Kind: Anyone, Team: "A"}, // not for alphabetic concerns
		{ID: "B1", Office: "bau", Kind: Geographic, Districts: []string{"B1"}, Team: "B1"},
		{ID: "B2", Office: "bau", Kind: Geographic, Districts: []string{"B2"}, Team: "B2"},
		{ID: "solar", Concern: "solar", Kind: Anyone, Team: "A"},
		{ID: "summer", Concern: "zelt", Kind: Anyone, Team: "B2", ValidFrom: &from, ValidTo: &to},
		{ID: "heritage", Concern: "denkmal", Kind: Geographic, Districts: []string{"B1"}, Priority: 2, Team: "B1"},
		{ID: "heritage-rest", Concern: "denkmal", Kind: Anyone, Priority: 1, Team: "A"},
	}
	concern := func(id, office string, kind Kind) Concern {
		return Concern{ID: id, Name: catalog.Text{DE: id}, Office: office, Jurisdiction: Jurisdiction{Kind: kind}}
	}
	teams := []Team{{ID: "desk", InfoDesk: true}}
	for _, id := range []string{"A", "X1", "X2", "X3", "X4", "X5", "B1", "B2"} {
		teams = append(teams, Team{ID: id})
	}
	return NewDirectory([]Concern{
		concern("pass", "buergerbuero", Anyone), concern("aufenthalt", "abh", Alphabetic), concern("bau", "bau", Geographic),
		concern("solar", "bau", Geographic), concern("zelt", "bau", Geographic), concern("denkmal", "bau", Geographic),
		concern("waise", "leer", Anyone),
	}, []Office{{ID: "abh"}, {ID: "bau"}}, teams, rules)
}

// S08, each name composed, decomposed and in other letter case.
func TestS08DecideByName(t *testing.T) {
	d := fixture()
	for team, names := range map[string][]string{
		"X1": {"Ähren", "Bešić", "Berg", "Al-Hassan", "A", "b", "Van de Beek"},
		"X2": {"Bf", "Bülow", "von der Heide", "d'Angelo", "Đoković", "De la Cruz", "Kzz", "Dr. Huber", "İnce"},
		"X3": {"Mtawa", "Łukasz", "La", "La Torre", "Lé"},
		"X4": {"Müller", "Mueller", "Müller-Lüdenscheidt", "Özdemir", "Oezdemir", "Şahin", "Schulze", "Ødegaard", "  Müller  "},
		"X5": {"Sd", "Strauß", "STRAUSS", "Zürn", "ẞtein", "Zu", "Von", "Zzyzx"},
	} {
		for _, name := range names {
			for _, form := range []string{name, norm.NFD.String(name), norm.NFC.String(name)} {
				got, err := d.Decide(Question{Service: "aufenthalt", Name: form})
				if err != nil || got.Team.ID != team || got.Key != "booking.because_alphabetic" {
					t.Errorf("%q: team %q (%s), %v; want %s", form, got.Team.ID, got.Key, err, team)
				}
			}
		}
	}
}

func TestDecide(t *testing.T) {
	d := fixture()
	july := time.Date(2026, 7, 31, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		q       Question
		outcome Outcome
		team    string
		key     string
	}{
		"anyone":               {Question{Service: "pass"}, Responsible, "A", "booking.because_anyone"},
		"no name":              {Question{Service: "aufenthalt"}, NeedsName, "", "booking.because_name_needed"},
		"Cyrillic":             {Question{Service: "aufenthalt", Name: "Иванов"}, InfoDesk, "desk", "booking.because_name_in_no_range"},
		"no letters":           {Question{Service: "aufenthalt", Name: "1234"}, InfoDesk, "desk", "booking.because_name_in_no_range"},
		"broken bytes":         {Question{Service: "aufenthalt", Name: "\xff\xfe"}, InfoDesk, "desk", "booking.because_name_in_no_range"},
		"no place":             {Question{Service: "bau"}, NeedsPlace, "", "booking.because_place_needed"},
		"outside":              {Question{Service: "bau", Located: true}, InfoDesk, "desk", "booking.because_outside"},
		"district not covered": {Question{Service: "bau", Located: true, District: "B9"}, InfoDesk, "desk", "booking.because_district_without_team"},
		"own rule replaces":    {Question{Service: "solar"}, Responsible, "A", "booking.because_anyone"},
		"valid in July":        {Question{Service: "zelt", Day: july}, Responsible, "B2", "booking.because_anyone"},
		"not in August":        {Question{Service: "zelt", Day: july.AddDate(0, 0, 1), Located: true, District: "B1"}, Responsible, "B1", "booking.because_geographic"},
		"strong rule":          {Question{Service: "denkmal", Located: true, District: "B1"}, Responsible, "B1", "booking.because_geographic"},
		"weak rule":            {Question{Service: "denkmal", Located: true, District: "B2"}, Responsible, "A", "booking.because_anyone"},
		"weak rule waits":      {Question{Service: "denkmal"}, NeedsPlace, "", "booking.because_place_needed"},
		"no rule at all":       {Question{Service: "waise"}, InfoDesk, "desk", "booking.because_no_rule"},
	} {
		got, err := d.Decide(c.q)
		if err != nil || got.Outcome != c.outcome || got.Team.ID != c.team || got.Key != c.key {
			t.Errorf("%s: %s %q %s, %v; want %s %q %s", name, got.Outcome, got.Team.ID, got.Key, err, c.outcome, c.team, c.key)
		}
	}
	if _, err := d.Decide(Question{Service: "nix"}); ortsnah.KindOf(err) != ortsnah.NotFound {
		t.Errorf("unknown service: %v", err)
	}
}

// S12: two squares with a common border, and a place outside both.
func TestS12DecideByPlace(t *testing.T) {
	square := func(x0 float64) orb.MultiPolygon {
		return orb.MultiPolygon{{{{x0, 0}, {x0 + 100, 0}, {x0 + 100, 100}, {x0, 100}, {x0, 0}}}}
	}
	ix, err := geo.NewIndex([]geo.District{{Code: "B2", Area: square(100)}, {Code: "B1", Area: square(0)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		place orb.Point
		team  string
		key   string
	}{
		{orb.Point{100, 50}, "B1", "booking.because_border"},
		{orb.Point{50, 50}, "B1", "booking.because_geographic"},
		{orb.Point{150, 50}, "B2", "booking.because_geographic"},
		{orb.Point{500, 500}, "desk", "booking.because_outside"},
	} {
		got, err := fixture().Decide(Question{Service: "bau"}.At(ix, c.place))
		if err != nil || got.Team.ID != c.team || got.Key != c.key {
			t.Errorf("%v: %q %s, %v; want %q %s", c.place, got.Team.ID, got.Key, err, c.team, c.key)
		}
	}
}

func TestLint(t *testing.T) {
	day := time.Date(2026, 6, 8, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		rules []Rule
		want  []Fault
	}{
		"S11": {[]Rule{alphabetic("X1", "A", "Be"), alphabetic("X2", "Bg", "Z")},
			[]Fault{{"booking.lint_hole", "office abh", "Bf", "Bf"}}},
		"complete": {[]Rule{alphabetic("X1", "A", "Be"), alphabetic("X2", "Bf", "Kz"), alphabetic("X3", "La", "Z")}, nil},
		"end missing": {[]Rule{alphabetic("X1", "A", "K")},
			[]Fault{{"booking.lint_hole", "office abh", "L", "Z"}}},
		"overlap": {[]Rule{alphabetic("X1", "A", "M"), alphabetic("X2", "M", "Z")},
			[]Fault{{"booking.lint_overlap", "office abh", "X1", "X2"}}},
		"districts": {[]Rule{{ID: "a", Office: "bau", Kind: Geographic, Districts: []string{"01"}}, {ID: "b", Office: "bau", Kind: Geographic, Districts: []string{"01", "02"}}},
			[]Fault{{"booking.lint_district_hole", "office bau", "03", "03"}, {"booking.lint_district_overlap", "office bau", "a", "b"}}},
	} {
		got := Lint(c.rules, []string{"01", "02", "03"}, day)
		if len(got) != len(c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %+v, want %+v", name, got[i], c.want[i])
			}
		}
	}
}

func TestRuleCheck(t *testing.T) {
	good := alphabetic("x", "A", "Be")
	if err := good.check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(r *Rule){
		"reversed":  func(r *Rule) { r.PrefixFrom, r.PrefixTo = "M", "A" },
		"no bound":  func(r *Rule) { r.PrefixTo = "" },
		"digits":    func(r *Rule) { r.PrefixTo = "99" },
		"districts": func(r *Rule) { r.Districts = []string{"01"} },
		"kind":      func(r *Rule) { r.Kind = "random" },
		"anyone":    func(r *Rule) { r.Kind = Anyone },
		"two homes": func(r *Rule) { r.Concern = "x" },
		"no home":   func(r *Rule) { r.Office = "" },
		"no team":   func(r *Rule) { r.Team = "" },
	} {
		r := good
		change(&r)
		if err := r.check(); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func FuzzNameKey(f *testing.F) {
	for _, name := range []string{"von der Heide", "ẞtein", "A\u0308hren", "\xff", "d'Angelo", "İ"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		key := NameKey(name, false)
		if again := NameKey(norm.NFD.String(name), false); again != key {
			t.Errorf("%q gives %q, decomposed %q", name, key, again)
		}
	})
}
