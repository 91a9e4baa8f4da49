package publish

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Model is everything the catalogue says, in the town's own terms. Equal
// models give equal triples: nothing in it depends on when it is read.
type Model struct {
	Base     string // public address of the deployment, e.g. "https://geo.example.de"
	Town     catalog.Town
	Datasets []Entry // ordered by id
	Page     int     // from 1; 0 describes all datasets in one document
	Document string  // path of the document that is paged; "" is "/catalog.rdf"
}

// Entry is one dataset of the catalogue.
type Entry struct {
	catalog.Dataset
	catalog.Extent
	Files []catalog.Distribution // of one version, the newest that has files
}

// PageSize is the number of datasets on a page of the catalogue.
const PageSize = 100

// LoadModel reads the public datasets with their files. baseURL is the public
// address of the deployment, with or without a trailing slash. Datasets
// without a version are left out: there is nothing to download yet.
func LoadModel(ctx context.Context, db postgis.DB, baseURL string) (Model, error) {
	m := Model{Base: strings.TrimRight(baseURL, "/")}
	var err error
	if m.Town, err = catalog.LoadTown(ctx, db); err != nil {
		return Model{}, err
	}
	datasets, err := catalog.Datasets(ctx, db)
	if err != nil {
		return Model{}, err
	}
	files, err := catalog.Distributions(ctx, db, "")
	if err != nil {
		return Model{}, err
	}
	for _, d := range datasets {
		if d.Version == 0 {
			continue
		}
		e := Entry{Dataset: d, Files: newest(files, d.ID)}
		if e.Extent, err = catalog.Measure(ctx, db, d); err != nil {
			return Model{}, err
		}
		m.Datasets = append(m.Datasets, e)
	}
	return m, nil
}

// newest picks the files of the dataset's newest version that has any: two
// versions are never mixed, because distributions of a dataset hold the same.
func newest(files []catalog.Distribution, dataset string) []catalog.Distribution {
	var own []catalog.Distribution
	for _, f := range files {
		if f.Dataset == dataset && (len(own) == 0 || f.Version == own[0].Version) {
			own = append(own, f)
		}
	}
	return own
}

// Catalog describes the model as DCAT-AP.de 3.0. All IRIs are below the
// model's base: a dataset is <base>/datasets/{id}, a file
// <base>/datasets/{id}/{version}/{file}; parts that other catalogues leave
// blank are fragments of these.
func Catalog(m Model) []Triple {
	m.Base = strings.TrimRight(m.Base, "/")
	g := &graph{base: m.Base, town: m.Town}
	shown := m.Datasets
	if m.Page > 0 {
		start := min((m.Page-1)*PageSize, len(shown))
		shown = shown[start:min(start+PageSize, len(shown))]
		g.paging(m)
	}
	g.catalog(m, shown)
	g.service(m.Datasets, shown)
	for _, e := range shown {
		g.dataset(e)
	}
	return sorted(g.triples)
}

// DatasetTriples describes one dataset of the model, for the dataset's own
// address; nil when the model has no dataset of that id.
func DatasetTriples(m Model, id string) []Triple {
	i := slices.IndexFunc(m.Datasets, func(e Entry) bool { return e.ID == id })
	if i < 0 {
		return nil
	}
	g := &graph{base: strings.TrimRight(m.Base, "/"), town: m.Town}
	g.dataset(m.Datasets[i])
	g.service(m.Datasets, m.Datasets[i:i+1])
	return sorted(g.triples)
}

// graph collects triples. Its methods name predicates and classes by their
// usual prefixes.
type graph struct {
	base    string
	town    catalog.Town
	triples []Triple
}

func (g *graph) add(subject, predicate string, object Term) {
	g.triples = append(g.triples, Triple{Ref(subject).Value, expand(predicate), object})
}

func (g *graph) is(subject string, classes ...string) {
	for _, c := range classes {
		g.add(subject, "rdf:type", Ref(expand(c)))
	}
}

func (g *graph) ref(subject, predicate, iri string) { g.add(subject, predicate, Ref(iri)) }

// text adds the languages that t has; nothing when it is empty.
func (g *graph) text(subject, predicate string, t catalog.Text) {
	if t.DE != "" {
		g.add(subject, predicate, Text(t.DE, "de"))
	}
	if t.EN != "" {
		g.add(subject, predicate, Text(t.EN, "en"))
	}
}

func (g *graph) dateTime(subject, predicate string, t time.Time) {
	if !t.IsZero() {
		g.add(subject, predicate, Typed(t.UTC().Format(time.RFC3339), "xsd:dateTime"))
	}
}

func (g *graph) date(subject, predicate string, t time.Time) {
	if !t.IsZero() {
		g.add(subject, predicate, Typed(t.UTC().Format(time.DateOnly), "xsd:date"))
	}
}

func (g *graph) integer(subject, predicate string, n int) {
	g.add(subject, predicate, Typed(strconv.Itoa(n), "xsd:integer"))
}

func (g *graph) catalogIRI() string          { return g.base + "/#catalog" }
func (g *graph) serviceIRI() string          { return g.base + "/ogc/#service" }
func (g *graph) datasetIRI(id string) string { return g.base + "/datasets/" + id }

// eu is an entry of an authority table of the EU Publications Office.
func eu(table, code string) string {
	return "http://publications.europa.eu/resource/authority/" + table + "/" + code
}
