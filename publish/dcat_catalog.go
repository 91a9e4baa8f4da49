package publish

import (
	"strconv"
	"time"

	"github.com/ortsnah/ortsnah/catalog"
)

// catalog describes the catalogue itself (DCAT-AP.de 3.0, class dcat:Catalog)
// with a record of each dataset shown.
func (g *graph) catalog(m Model, shown []Entry) {
	c := g.catalogIRI()
	g.is(c, "dcat:Catalog")
	g.text(c, "dct:title", catalogTitle(g.townName()))
	g.text(c, "dct:description", catalogDescription(g.townName()))
	g.ref(c, "dct:publisher", g.publisher("", catalog.Body{}))
	g.ref(c, "foaf:homepage", g.base+"/")
	g.is(g.base+"/", "foaf:Document")
	g.ref(c, "dct:language", eu("language", "DEU"))
	g.ref(c, "dct:language", eu("language", "ENG"))
	g.ref(c, "dct:license", licenceCC0)
	themes := "http://publications.europa.eu/resource/authority/data-theme"
	g.ref(c, "dcat:themeTaxonomy", themes)
	g.is(themes, "skos:ConceptScheme")
	g.text(themes, "dct:title", catalog.Text{DE: "EU Data Theme", EN: "EU Data Theme"})
	g.places(c, nil)
	issued, modified := span(m.Datasets)
	g.dateTime(c, "dct:issued", issued)
	g.dateTime(c, "dct:modified", modified)
	g.ref(c, "dcat:service", g.serviceIRI())
	for _, e := range shown {
		d := g.datasetIRI(e.ID)
		g.ref(c, "dcat:dataset", d)
		g.ref(c, "dcat:record", d+"#record")
		g.is(d+"#record", "dcat:CatalogRecord")
		g.ref(d+"#record", "foaf:primaryTopic", d)
		g.dateTime(d+"#record", "dct:issued", e.Created)
		g.dateTime(d+"#record", "dct:modified", e.Modified)
	}
}

// licenceCC0 is the licence of the metadata, as the harvesters' rules ask.
const licenceCC0 = "http://dcat-ap.de/def/licenses/cc-zero"

// span is when the first dataset appeared and the last one changed.
func span(datasets []Entry) (issued, modified time.Time) {
	for _, e := range datasets {
		if issued.IsZero() || e.Created.Before(issued) {
			issued = e.Created
		}
		if e.Modified.After(modified) {
			modified = e.Modified
		}
	}
	return issued, modified
}

// paging says which page of the catalogue this is, in both vocabularies that
// harvesters know: hydra:PagedCollection (older CKAN, ckanext-dcat) and
// hydra:PartialCollectionView (Hydra Core Vocabulary, section 4.1).
func (g *graph) paging(m Model) {
	document := m.Document
	if document == "" {
		document = "/catalog.rdf"
	}
	page := func(n int) string { return g.base + document + "?page=" + strconv.Itoa(n) }
	last := max(1, (len(m.Datasets)+PageSize-1)/PageSize)
	p := page(m.Page)
	g.is(p, "hydra:PagedCollection", "hydra:PartialCollectionView")
	g.integer(p, "hydra:totalItems", len(m.Datasets))
	g.integer(p, "hydra:itemsPerPage", PageSize)
	g.ref(g.catalogIRI(), "hydra:view", p)
	g.integer(g.catalogIRI(), "hydra:totalItems", len(m.Datasets))
	g.link(p, page(1), "hydra:first", "hydra:firstPage")
	g.link(p, page(last), "hydra:last", "hydra:lastPage")
	if m.Page > 1 {
		g.link(p, page(min(m.Page-1, last)), "hydra:previous", "hydra:previousPage")
	}
	if m.Page < last {
		g.link(p, page(m.Page+1), "hydra:next", "hydra:nextPage")
	}
}

func (g *graph) link(subject, target string, predicates ...string) {
	for _, p := range predicates {
		g.ref(subject, p, target)
	}
}
