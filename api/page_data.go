package api

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/publish"
)

// listed is a dataset in the list with what facets count.
type listed struct {
	dataset catalog.Dataset
	entry   web.Dataset
	values  map[string][]facetValue // facet name → values
}

type facetValue struct{ value, label string }

// facets are the names of the filters of /daten, in their order.
func facets() []string { return []string{"theme", "format", "licence", "publisher"} }

// datasetMatches is the search in datasets, in both languages.
func datasetMatches(d catalog.Dataset, query string) bool {
	texts := []string{d.ID, d.Metadata.Title.DE, d.Metadata.Title.EN, d.Metadata.Description.DE, d.Metadata.Description.EN}
	for _, k := range d.Metadata.Keywords {
		texts = append(texts, k.DE, k.EN)
	}
	return contains(query, texts...)
}

// listed reads the datasets that have data, with the formats of their files.
func (s *Server) listed(ctx context.Context, lang string) ([]listed, error) {
	ready, err := s.collections(ctx)
	if err != nil {
		return nil, err
	}
	files, err := catalog.Distributions(ctx, s.Open, "")
	if err != nil {
		return nil, err
	}
	var list []listed
	for _, d := range ready {
		l := listed{dataset: d, entry: s.datasetEntry(d, lang), values: map[string][]facetValue{}}
		for _, f := range newestFiles(files, d.ID) {
			title := formatTitle(f.Format)
			l.entry.Formats = append(l.entry.Formats, title)
			l.values["format"] = append(l.values["format"], facetValue{f.Format, title})
		}
		for _, t := range d.Metadata.Themes {
			l.values["theme"] = append(l.values["theme"], facetValue{t, label(lang, "theme."+t)})
		}
		l.values["licence"] = []facetValue{{d.Metadata.Licence, l.entry.Licence}}
		l.values["publisher"] = []facetValue{{l.entry.Publisher, l.entry.Publisher}}
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b listed) int {
		return cmp.Or(strings.Compare(fold(a.entry.Title), fold(b.entry.Title)), strings.Compare(a.entry.ID, b.entry.ID))
	})
	return list, nil
}

// newestFiles are the files of the newest version that has any.
func newestFiles(files []catalog.Distribution, id string) []catalog.Distribution {
	var own []catalog.Distribution
	for _, f := range files { // newest version first
		if f.Dataset == id && (len(own) == 0 || f.Version == own[0].Version) {
			own = append(own, f)
		}
	}
	return own
}

func formatTitle(name string) string {
	if f, err := publish.FormatNamed(name); err == nil {
		return f.Title
	}
	return name
}

func (s *Server) datasetEntry(d catalog.Dataset, lang string) web.Dataset {
	e := web.Dataset{ID: d.ID, Title: d.Metadata.Title.In(lang), Description: d.Metadata.Description.In(lang),
		Licence: d.Metadata.Licence, Publisher: either(d.Metadata.Publisher.Name, s.Town.Publisher.Name, s.townName(lang)),
		Modified: d.Modified, Rows: int64(d.Rows)}
	if l, ok := catalog.LicenceOf(d.Metadata.Licence); ok {
		e.Licence = l.Title
	}
	var themes []string
	for _, t := range d.Metadata.Themes {
		themes = append(themes, label(lang, "theme."+t))
	}
	e.Theme = strings.Join(themes, ", ")
	return e
}

// datasetsPage answers /daten: values of one facet widen, facets narrow.
func (s *Server) datasetsPage(w http.ResponseWriter, r *http.Request) error {
	lang, v := web.LangOf(r), r.URL.Query()
	all, err := s.listed(r.Context(), lang)
	if err != nil {
		return err
	}
	p := web.Datasets{Query: typed(v.Get("q")), Catalogs: []web.Link{
		{Text: "RDF/XML", URL: "/catalog.rdf"}, {Text: "Turtle", URL: "/catalog.ttl"}, {Text: "JSON-LD", URL: "/catalog.jsonld"},
		{Text: "N-Triples", URL: "/catalog.nt"}, {Text: "OGC API", URL: "/ogc/"}}}
	all = slices.DeleteFunc(all, func(l listed) bool { return !datasetMatches(l.dataset, p.Query) })
	for _, name := range facets() {
		if f := facet(name, all, v); narrows(f, len(all)) {
			p.Facets = append(p.Facets, f)
		}
	}
	var wanted []web.Dataset
	for _, l := range all {
		if l.fits(v, "") {
			wanted = append(wanted, l.entry)
		}
	}
	p.Total = len(wanted)
	p.Items, p.NextPath = pageOf(wanted, "/daten", v)
	return s.page(w, r, p)
}

// fits reports whether the dataset passes all facets but the one called except.
func (l listed) fits(v url.Values, except string) bool {
	for _, name := range facets() {
		chosen := v[name]
		if name == except || len(chosen) == 0 {
			continue
		}
		if !slices.ContainsFunc(l.values[name], func(f facetValue) bool { return slices.Contains(chosen, f.value) }) {
			return false
		}
	}
	return true
}

// facet counts what each value would show beside the other facets' choices.
func facet(name string, all []listed, v url.Values) web.Facet {
	f := web.Facet{Name: name}
	for _, l := range all {
		for _, value := range l.values[name] {
			i := slices.IndexFunc(f.Values, func(x web.FacetValue) bool { return x.Value == value.value })
			if i < 0 {
				i = len(f.Values)
				f.Values = append(f.Values, web.FacetValue{Value: value.value, Label: value.label,
					On: slices.Contains(v[name], value.value), Path: toggled(v, name, value.value)})
			}
			if l.fits(v, name) {
				f.Values[i].Count++
			}
		}
	}
	f.Values = slices.DeleteFunc(f.Values, func(x web.FacetValue) bool { return x.Count == 0 && !x.On })
	slices.SortFunc(f.Values, func(a, b web.FacetValue) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Label, b.Label))
	})
	return f
}

// narrows reports whether a facet is a choice: some value is chosen or would
// leave a dataset out.
func narrows(f web.Facet, all int) bool {
	return slices.ContainsFunc(f.Values, func(v web.FacetValue) bool { return v.On || v.Count < all })
}

// toggled is the list with one value of a facet switched.
func toggled(v url.Values, name, value string) string {
	out := url.Values{}
	for _, n := range append([]string{"q"}, facets()...) {
		out[n] = slices.Clone(v[n])
	}
	if i := slices.Index(out[name], value); i >= 0 {
		out[name] = slices.Delete(out[name], i, i+1)
	} else {
		out[name] = append(out[name], value)
	}
	if q := out.Encode(); q != "" {
		return "/daten?" + q
	}
	return "/daten"
}

// previewRows is how many rows the page of a dataset shows.
const previewRows = 20

// datasetPage answers /daten/{id}.
func (s *Server) datasetPage(w http.ResponseWriter, r *http.Request) error {
	d, err := s.dataset(r.Context(), pathVar(r, "id"))
	if err != nil {
		return err
	}
	lang := web.LangOf(r)
	p := s.aboutDataset(d, lang)
	e, err := s.extent(r.Context(), d)
	if err != nil {
		return err
	}
	p.Start, p.End = e.from, e.to
	if err := s.datasetFiles(r.Context(), &p, d, lang); err != nil {
		return err
	}
	table, _, _, err := s.table(r, d, catalog.Query{Limit: previewRows})
	if err != nil {
		return err
	}
	p.Preview = web.Preview{Bounds: e.box(), Table: table}
	if e.bounds != nil {
		p.Preview.ItemsURL = "/ogc/collections/" + d.ID + "/items?f=json&limit=1000"
	}
	if p.JSONLD, err = s.schemaOrg(s.base(r), d, p, e); err != nil {
		return err
	}
	return s.page(w, r, p)
}

// aboutDataset fills what the dataset itself says.
func (s *Server) aboutDataset(d catalog.Dataset, lang string) web.DatasetPage {
	m := d.Metadata
	p := web.DatasetPage{Dataset: s.datasetEntry(d, lang), Issued: d.Created, Demo: m.Demo || s.Town.Demo,
		Spatial: s.Town.Name, Fields: fieldRows(d, lang)}
	if l, ok := catalog.LicenceOf(m.Licence); ok {
		p.LicenceURL = l.URL
	}
	c := m.Contact
	if c.Name == "" {
		c = s.Town.Contact
	}
	p.Contact = web.Link{Text: either(c.Name, c.Email, c.URL), URL: c.URL}
	if c.Email != "" {
		p.Contact.URL = "mailto:" + c.Email
	}
	if m.Periodicity != "" {
		p.Periodicity = label(lang, "periodicity."+m.Periodicity)
	}
	for _, k := range m.Keywords {
		p.Keywords = append(p.Keywords, k.In(lang))
	}
	if d.Version > 0 {
		p.APIURL = "/ogc/collections/" + d.ID
		p.Metadata = []web.Link{{Text: "RDF/XML", URL: "/datasets/" + d.ID + "?f=rdf"}, {Text: "Turtle", URL: "/datasets/" + d.ID + "?f=ttl"},
			{Text: "JSON-LD", URL: "/datasets/" + d.ID + "?f=jsonld"}}
	}
	return p
}

// datasetFiles fills the downloads and the versions.
func (s *Server) datasetFiles(ctx context.Context, p *web.DatasetPage, d catalog.Dataset, lang string) error {
	files, err := catalog.Distributions(ctx, s.Open, d.ID)
	if err != nil {
		return err
	}
	for _, f := range newestFiles(files, d.ID) {
		p.Dataset.Formats = append(p.Dataset.Formats, formatTitle(f.Format))
		p.Distributions = append(p.Distributions, web.Distribution{Format: formatTitle(f.Format), MediaType: f.MediaType,
			URL: fileURL(f), Size: f.Bytes, SHA256: f.SHA256, Modified: f.Created, Use: useOf(f.Format, lang)})
	}
	versions, err := catalog.Versions(ctx, s.Open, d.ID)
	if err != nil {
		return err
	}
	for _, v := range versions {
		row := web.Version{Number: v.Number, Published: v.Created, Rows: int64(v.Rows), Added: int64(v.Added),
			Removed: int64(v.Removed), Changed: int64(v.Changed)}
		if i := slices.IndexFunc(files, func(f catalog.Distribution) bool { return f.Version == v.Number && f.Format == "geojson" }); i >= 0 {
			row.URL = fileURL(files[i])
		}
		p.Versions = append(p.Versions, row)
	}
	return nil
}

// useOf says for whom a format is, "" for one without such a text.
func useOf(format, lang string) string {
	if i18n.Has("api.use." + format) {
		return label(lang, "use."+format)
	}
	return ""
}
