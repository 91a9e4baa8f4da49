package publish

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var update = flag.Bool("update", false, "write the golden files anew")

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

// model is a small town whose datasets use all that metadata can say.
func model() Model {
	town := catalog.Town{
		Name: "Musterstadt", AGS: "05754008", ARS: "057540008008",
		Publisher: catalog.Body{Name: "Stadt Musterstadt", URL: "https://musterstadt.example"},
		Contact:   catalog.Contact{Name: "Fachbereich Geoinformation", Email: "geo@musterstadt.example", Phone: "05241 82-1"},
		Bounds:    []float64{8.27, 51.84, 8.51, 51.97},
	}
	file := func(id string, version int, f Format) catalog.Distribution {
		return catalog.Distribution{Dataset: id, Version: version, Format: f.Name, MediaType: f.MediaType,
			File: fmt.Sprintf("%s-v%d.%s", id, version, f.Extension), Bytes: 4711,
			SHA256: strings.Repeat("0f", 32), Created: at("2026-03-02T06:00:00Z")}
	}
	sites := Entry{Dataset: catalog.Dataset{
		ID: "construction-sites", Public: true, Version: 3, Rows: 40,
		Created: at("2026-01-05T08:00:00+01:00"), Modified: at("2026-03-02T05:59:59Z"),
		Metadata: catalog.Metadata{
			Title:       catalog.Text{DE: "Baustellen", EN: "Construction sites"},
			Description: catalog.Text{DE: "Laufende und „geplante“ Baustellen.\nTäglich neu.", EN: "Current and planned roadworks."},
			Licence:     "dl-by-de/2.0", Themes: []string{"TRAN", "REGI"}, Periodicity: "DAILY",
			Keywords:   []catalog.Text{{DE: "Baustellen", EN: "roadworks"}, {DE: "Verkehr"}},
			Provenance: catalog.Text{DE: "Straßenverkehrsbehörde"}, Source: "https://musterstadt.example/baustellen?f=json&x=1",
		}},
		Extent: catalog.Extent{Bounds: &orb.Bound{Min: orb.Point{8.281234567, 51.85}, Max: orb.Point{8.5, 51.96}},
			From: at("2026-01-01T00:00:00Z"), To: at("2026-12-31T00:00:00Z")},
	}
	rooms := Entry{Dataset: catalog.Dataset{
		ID: "rooms", Public: true, Version: 1, Created: at("2026-01-05T08:00:00Z"), Modified: at("2026-01-05T08:00:00Z"),
		Metadata: catalog.Metadata{
			Title: catalog.Text{DE: "Räume"}, Description: catalog.Text{DE: "Buchbare Räume."},
			Publisher: catalog.Body{Name: "Volkshochschule & Bibliothek"}, Contact: catalog.Contact{Name: "Info", URL: "https://vhs.example/kontakt"},
			Licence: "cc-by/4.0", Attribution: "VHS Musterstadt", Themes: []string{"GOVE"}, Keywords: []catalog.Text{{DE: "Räume"}},
			HVD: []string{"c_ac64a52d"}, Demo: true,
		}},
	}
	for _, f := range Formats() {
		sites.Files = append(sites.Files, file(sites.ID, 3, f))
	}
	rooms.Files = append(rooms.Files, file(rooms.ID, 1, Formats()[1]))
	return Model{Base: "https://geo.musterstadt.example/", Town: town, Datasets: []Entry{sites, rooms}}
}

// pages is a model of n datasets of which one page is shown.
func pages(n, page int) Model {
	m := model()
	first := m.Datasets[0]
	m.Datasets = nil
	for i := range n {
		e := first
		e.ID = fmt.Sprintf("dataset-%03d", i)
		e.Files = nil
		m.Datasets = append(m.Datasets, e)
	}
	m.Page = page
	return m
}

func TestCatalogGolden(t *testing.T) {
	got := encode(t, "turtle", Catalog(model()))
	path := "testdata/catalog.ttl"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("catalogue changed; see the difference, then go test ./publish -update (-want +got):\n%s", d)
	}
}

// violation is one finding of the SHACL validator.
type violation struct{ Severity, Focus, Path, Message, Value, Shape string }

// validate checks triples with the DCAT-AP.de 3.0 shapes, the five files of
// profile "v30_de_spec" and the DCAT-AP 3.0.0 shapes they build upon.
func validate(t *testing.T, triples []Triple) (found []violation, shapes int) {
	t.Helper()
	root := pgtest.Shared(t, "dcat")
	de := filepath.Join(root, "dcat-ap-de-shacl-validation", "validator", "resources", "v3.0", "shapes")
	args := []string{tempFile(t, "catalog.ttl", encode(t, "turtle", triples)), "testdata/vocabularies.ttl",
		filepath.Join(root, "semiceu-dcat-ap", "3.0.0", "shacl", "dcat-ap-SHACL.ttl")}
	for _, name := range []string{"dcat-ap-de-imports", "dcat-ap-SHACL-DE", "dcat-ap-de-deprecated",
		"dcat-ap-spec-german-additions", "dcat-ap-de-controlledvocabularies"} {
		args = append(args, filepath.Join(de, name+".ttl"))
	}
	var report struct {
		Results []violation
		Shapes  int
	}
	if err := json.Unmarshal([]byte(peer(t, "shacl.mjs", args...)), &report); err != nil {
		t.Fatal(err)
	}
	return report.Results, report.Shapes
}

func TestCatalogConformsToDCATAPde(t *testing.T) {
	unnamed := model()
	unnamed.Town = catalog.Town{} // a deployment nobody has configured yet
	for name, m := range map[string]Model{"town": model(), "page": pages(120, 2), "no datasets": pages(0, 0), "unnamed": unnamed} {
		t.Run(name, func(t *testing.T) {
			found, shapes := validate(t, Catalog(m))
			count := map[string]int{}
			for _, v := range found {
				count[v.Severity]++
				if v.Severity == "Violation" {
					t.Errorf("%+v", v)
				} else {
					t.Logf("%+v", v)
				}
			}
			t.Logf("DCAT-AP.de 3.0: %d shape triples, %d violations, %d warnings, %d infos",
				shapes, count["Violation"], count["Warning"], count["Info"])
		})
	}
}

// TestValidatorFinds makes sure that the validator in the test above works.
func TestValidatorFinds(t *testing.T) {
	for name, spoil := range map[string]func(Triple) (Triple, bool){
		"no title": func(tr Triple) (Triple, bool) {
			return tr, !(tr.Predicate == expand("dct:title") && strings.HasSuffix(tr.Subject, "/construction-sites"))
		},
		"no licence": func(tr Triple) (Triple, bool) { return tr, tr.Predicate != expand("dct:license") },
		"byteSize as text": func(tr Triple) (Triple, bool) {
			if tr.Predicate == expand("dcat:byteSize") {
				tr.Object = Text("viel", "de")
			}
			return tr, true
		},
		"theme from no vocabulary": func(tr Triple) (Triple, bool) {
			if tr.Predicate == expand("dcat:theme") {
				tr.Object = Ref("https://example.org/verkehr")
			}
			return tr, true
		},
		"publisher is nobody": func(tr Triple) (Triple, bool) { return tr, tr.Predicate != expand("foaf:name") },
	} {
		t.Run(name, func(t *testing.T) {
			var spoilt []Triple
			for _, tr := range Catalog(model()) {
				if tr, keep := spoil(tr); keep {
					spoilt = append(spoilt, tr)
				}
			}
			found, _ := validate(t, spoilt)
			for _, v := range found {
				if v.Severity == "Violation" {
					return
				}
			}
			t.Error("the validator accepted it")
		})
	}
}

func objects(triples []Triple, subject, predicate string) []string {
	var all []string
	for _, t := range triples {
		if t.Subject == subject && t.Predicate == expand(predicate) {
			all = append(all, t.Object.Value)
		}
	}
	return all
}

func TestPaging(t *testing.T) {
	for _, c := range []struct {
		n, page, shown           int
		previous, next, lastPage string
	}{
		{250, 0, 250, "", "", ""},
		{250, 1, 100, "", "2", "3"},
		{250, 2, 100, "1", "3", "3"},
		{250, 3, 50, "2", "", "3"},
		{250, 9, 0, "3", "", "3"},
		{100, 1, 100, "", "", "1"},
		{0, 1, 0, "", "", "1"},
	} {
		m := pages(c.n, c.page)
		m.Document = "/catalog.ttl"
		triples := Catalog(m)
		base := "https://geo.musterstadt.example"
		if n := len(objects(triples, base+"/#catalog", "dcat:dataset")); n != c.shown {
			t.Errorf("%d datasets, page %d: %d shown, want %d", c.n, c.page, n, c.shown)
		}
		here := fmt.Sprintf("%s/catalog.ttl?page=%d", base, c.page)
		for _, p := range [][3]string{{"hydra:previous", "hydra:previousPage", c.previous}, {"hydra:next", "hydra:nextPage", c.next}, {"hydra:last", "hydra:lastPage", c.lastPage}} {
			var want []string
			if p[2] != "" {
				want = []string{base + "/catalog.ttl?page=" + p[2]}
			}
			for _, predicate := range p[:2] {
				if d := cmp.Diff(want, objects(triples, here, predicate)); d != "" {
					t.Errorf("%d datasets, page %d, %s: %s", c.n, c.page, predicate, d)
				}
			}
		}
	}
}

func TestDatasetIRIsAreTheSameOnAllPages(t *testing.T) {
	whole := map[Triple]bool{}
	for _, tr := range Catalog(pages(150, 0)) {
		whole[tr] = true
	}
	for page := 1; page <= 2; page++ {
		for _, tr := range Catalog(pages(150, page)) {
			if !whole[tr] && !strings.Contains(tr.Subject+tr.Predicate, "?page=") && !strings.Contains(tr.Predicate, "hydra") {
				t.Errorf("page %d says what the whole does not: %+v", page, tr)
			}
		}
	}
}

func TestDialled(t *testing.T) {
	for phone, want := range map[string]string{
		"05241 82-1": "+495241821", "+49 (0) 5241/82-1": "+495241821", "0049 5241 821": "+495241821", "115": "115", "": "", "keins": "",
	} {
		if got := dialled(phone); got != want {
			t.Errorf("dialled(%q) = %q, want %q", phone, got, want)
		}
	}
}
