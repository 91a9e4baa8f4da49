package publish

import (
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/catalog"
)

// legislationHVD is Implementing Regulation (EU) 2023/138 on high-value datasets.
const legislationHVD = "http://data.europa.eu/eli/reg_impl/2023/138/oj"

// dataset describes a dataset (DCAT-AP.de 3.0, class dcat:Dataset) and its
// distributions. It is a dcat:Resource by name too, because validators that
// know no inference ask that of the topic of a catalogue record.
func (g *graph) dataset(e Entry) {
	d, meta := g.datasetIRI(e.ID), e.Metadata
	g.is(d, "dcat:Dataset", "dcat:Resource")
	g.add(d, "dct:identifier", Text(d, ""))
	g.text(d, "dct:title", titleOf(e))
	g.text(d, "dct:description", g.description(e))
	g.ref(d, "dct:publisher", g.publisher(e.ID, meta.Publisher))
	g.ref(d, "dcat:contactPoint", g.contact(e.ID, meta.Contact))
	g.ref(d, "dcatde:contributorID", g.contributor())
	for _, theme := range meta.Themes {
		g.ref(d, "dcat:theme", eu("data-theme", theme))
	}
	for _, k := range g.keywords(e) {
		g.text(d, "dcat:keyword", k)
	}
	g.places(d, e.Bounds)
	g.period(d, e)
	g.ref(d, "dct:accessRights", eu("access-right", "PUBLIC"))
	g.ref(d, "dct:language", eu("language", "DEU"))
	g.ref(d, "dct:accrualPeriodicity", eu("frequency", or(meta.Periodicity, "UNKNOWN")))
	g.dateTime(d, "dct:issued", e.Created)
	g.dateTime(d, "dct:modified", e.Modified)
	g.add(d, "dcat:version", Text(strconv.Itoa(e.Version), ""))
	g.ref(d, "dcatap:availability", eu("planned-availability", "STABLE"))
	g.ref(d, "dcat:landingPage", g.base+"/daten/"+e.ID)
	g.provenance(d, meta)
	g.highValue(d, meta)
	for _, f := range e.Files {
		g.ref(d, "dcat:distribution", g.file(e, f))
	}
	g.ref(d, "dcat:distribution", g.api(e))
}

// titleOf is the dataset's title, its id when the steward has given none.
func titleOf(e Entry) catalog.Text {
	if e.Metadata.Title.DE == "" {
		return catalog.Text{DE: e.ID}
	}
	return e.Metadata.Title
}

func (g *graph) invented(e Entry) bool { return e.Metadata.Demo || g.town.Demo }

func (g *graph) description(e Entry) catalog.Text {
	t := e.Metadata.Description
	if t.DE == "" {
		t = titleOf(e)
	}
	if !g.invented(e) {
		return t
	}
	t.DE += " " + demoNote().DE
	if t.EN != "" {
		t.EN += " " + demoNote().EN
	}
	return t
}

func (g *graph) keywords(e Entry) []catalog.Text {
	if g.invented(e) {
		return append([]catalog.Text{demoKeyword()}, e.Metadata.Keywords...)
	}
	return e.Metadata.Keywords
}

// provenance says where the data comes from, as text and as address.
func (g *graph) provenance(d string, meta catalog.Metadata) {
	if meta.Provenance.DE != "" {
		g.ref(d, "dct:provenance", d+"#provenance")
		g.is(d+"#provenance", "dct:ProvenanceStatement")
		g.text(d+"#provenance", "rdfs:label", meta.Provenance)
	}
	if meta.Source != "" {
		g.ref(d, "dct:relation", meta.Source)
	}
}

// highValue marks subject as (part of) a high-value dataset where the
// metadata says so. Codes are those of http://data.europa.eu/bna/.
func (g *graph) highValue(subject string, meta catalog.Metadata) {
	if len(meta.HVD) == 0 {
		return
	}
	g.ref(subject, "dcatap:applicableLegislation", legislationHVD)
	for _, code := range meta.HVD {
		g.ref(subject, "dcatap:hvdCategory", categoryIRI(code))
	}
}

func categoryIRI(code string) string {
	if strings.Contains(code, "//") {
		return code
	}
	return "http://data.europa.eu/bna/" + code
}

// places says what area subject is about: the municipality by its official
// keys, and the box of the data (of the town when bounds is nil).
func (g *graph) places(subject string, bounds *orb.Bound) {
	const keys = "http://dcat-ap.de/def/politicalGeocoding/"
	if g.town.AGS != "" {
		g.ref(subject, "dct:spatial", keys+"municipalityKey/"+g.town.AGS)
		g.is(keys+"municipalityKey/"+g.town.AGS, "dct:Location")
	}
	if g.town.ARS != "" {
		g.ref(subject, "dct:spatial", keys+"regionalKey/"+g.town.ARS)
		g.is(keys+"regionalKey/"+g.town.ARS, "dct:Location")
	}
	if g.isDataset(subject) {
		g.ref(subject, "dcatde:politicalGeocodingLevelURI", keys+"Level/municipality")
	}
	if b := g.town.Bounds; bounds == nil && len(b) == 4 {
		bounds = &orb.Bound{Min: orb.Point{b[0], b[1]}, Max: orb.Point{b[2], b[3]}}
	}
	if bounds == nil {
		return
	}
	place := strings.TrimSuffix(subject, "#catalog") + "#place"
	g.ref(subject, "dct:spatial", place)
	g.is(place, "dct:Location")
	g.add(place, "dcat:bbox", Typed(boxWKT(*bounds), "gsp:wktLiteral"))
}

func (g *graph) isDataset(subject string) bool {
	return strings.HasPrefix(subject, g.base+"/datasets/")
}

// boxWKT is a box as WKT polygon in CRS84, which is what a wktLiteral without
// a CRS means (OGC 11-052r4, section 8.5.1), rounded outwards to about 1 m.
func boxWKT(b orb.Bound) string {
	w, s := decimal(outward(b.Min[0], -1)), decimal(outward(b.Min[1], -1))
	e, n := decimal(outward(b.Max[0], 1)), decimal(outward(b.Max[1], 1))
	return "POLYGON((" + strings.Join([]string{w + " " + s, e + " " + s, e + " " + n, w + " " + n, w + " " + s}, ",") + "))"
}

// period says what time the data is about: that of its features, or since it
// was first published for a state without times.
func (g *graph) period(d string, e Entry) {
	from, to := e.From, e.To
	if from.IsZero() && to.IsZero() {
		from = e.Created
	}
	if from.IsZero() {
		return
	}
	g.ref(d, "dct:temporal", d+"#period")
	g.is(d+"#period", "dct:PeriodOfTime")
	g.date(d+"#period", "dcat:startDate", from)
	g.date(d+"#period", "dcat:endDate", to)
}

// or is the first text unless it is empty.
func or(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}
