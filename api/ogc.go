package api

import (
	"context"
	"net/http"
	"net/url"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/catalog"
)

// link is a typed link of OGC API (OGC 17-069r4, section 7.3; RFC 8288).
type link struct {
	Href     string `json:"href"`
	Rel      string `json:"rel"`
	Type     string `json:"type,omitzero"`
	Title    string `json:"title,omitzero"`
	Hreflang string `json:"hreflang,omitzero"`
}

// Media types of the OGC API's representations.
const (
	jsonMedia    = "application/json"
	geoJSONMedia = "application/geo+json"
	htmlMedia    = "text/html; charset=utf-8"
	openAPI30    = "application/vnd.oai.openapi+json;version=3.0"
	crs84URI     = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
)

// conformance lists the classes that the server passes (OGC 17-069r4, annex A).
func conformance() []string {
	const class = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
	return append([]string{class + "core", class + "oas30", class + "geojson", class + "html"}, processClasses()...)
}

// documentOffers are the representations of everything that is not a feature.
func documentOffers() []offer { return []offer{{"json", jsonMedia}, {"html", htmlMedia}} }

// ogcDocument reads the parameters of a document of the API and picks its
// representation. Parameter lang chooses the language of the HTML.
func ogcDocument(w http.ResponseWriter, r *http.Request, offers []offer) (offer, error) {
	w.Header().Add("Vary", "Accept")
	v, err := parameters(r, "f", "lang")
	if err != nil {
		return offer{}, err
	}
	if err := checkLanguage(v); err != nil {
		return offer{}, err
	}
	return negotiate(r, v.Get("f"), offers)
}

func checkLanguage(v url.Values) error {
	if l := v.Get("lang"); v.Has("lang") && l != "de" && l != "en" {
		return ortsnah.E(ortsnah.Invalid, "api.bad_language", "value", l).About("lang")
	}
	return nil
}

// selfLinks are the links of a document to itself and its other form.
func (s *Server) selfLinks(r *http.Request, path string, o offer, offers []offer) []link {
	var links []link
	for _, other := range offers {
		rel := "alternate"
		if other == o {
			rel = "self"
		}
		links = append(links, link{Href: s.base(r) + path + "?f=" + other.name, Rel: rel, Type: mediaOf(other)})
	}
	return links
}

func mediaOf(o offer) string {
	if o.media == htmlMedia {
		return "text/html"
	}
	return o.media
}

// ogcSlash sends /ogc to the landing page.
func (s *Server) ogcSlash(w http.ResponseWriter, _ *http.Request) error {
	return redirect(w, http.StatusMovedPermanently, "/ogc/")
}

// ogcLanding answers /ogc/ (OGC 17-069r4, section 7.2).
func (s *Server) ogcLanding(w http.ResponseWriter, r *http.Request) error {
	o, err := ogcDocument(w, r, documentOffers())
	if err != nil {
		return err
	}
	lang, base := web.LangOf(r), s.base(r)
	title := i18n.Text(lang, "api.ogc.title", map[string]any{"town": s.townName(lang)})
	about := i18n.Text(lang, "api.ogc.description", nil)
	if o.name == "html" {
		return s.page(w, r, web.OGCLanding{Title: title, Description: about, Links: []web.Link{
			{Text: i18n.Text(lang, "api.ogc.collections", nil), URL: "/ogc/collections"},
			{Text: i18n.Text(lang, "api.ogc.processes", nil), URL: "/ogc/processes"},
			{Text: i18n.Text(lang, "api.ogc.jobs", nil), URL: "/ogc/jobs"},
			{Text: i18n.Text(lang, "api.ogc.conformance", nil), URL: "/ogc/conformance"},
			{Text: i18n.Text(lang, "api.ogc.definition", nil), URL: "/ogc/api?f=html"},
			{Text: i18n.Text(lang, "api.ogc.datasets", nil), Path: "/daten"},
			{Text: "JSON", URL: "/ogc/?f=json"},
		}})
	}
	links := append(s.selfLinks(r, "/ogc/", o, documentOffers()),
		link{Href: base + "/ogc/api?f=json", Rel: "service-desc", Type: openAPI30, Title: "OpenAPI 3.0"},
		link{Href: base + "/ogc/api?f=html", Rel: "service-doc", Type: "text/html", Title: i18n.Text(lang, "api.ogc.definition", nil)},
		link{Href: base + "/ogc/conformance", Rel: "conformance", Type: jsonMedia},
		link{Href: base + "/ogc/collections", Rel: "data", Type: jsonMedia},
		link{Href: base + "/catalog.jsonld", Rel: "describedby", Type: "application/ld+json", Title: "DCAT-AP.de"})
	links = append(links, processLinks(base, lang)...)
	return writeJSON(w, r, jsonMedia, map[string]any{"title": title, "description": about, "links": links})
}

// townName is the town's name, or what to call a deployment without one.
func (s *Server) townName(lang string) string {
	if s.Town.Name == "" {
		return i18n.Text(lang, "api.town_without_name", nil)
	}
	return s.Town.Name
}

// ogcConformance answers /ogc/conformance (section 7.4).
func (s *Server) ogcConformance(w http.ResponseWriter, r *http.Request) error {
	o, err := ogcDocument(w, r, documentOffers())
	if err != nil {
		return err
	}
	if o.name == "html" {
		return s.page(w, r, web.OGCConformance{Classes: conformance()})
	}
	return writeJSON(w, r, jsonMedia, map[string]any{"conformsTo": conformance(),
		"links": s.selfLinks(r, "/ogc/conformance", o, documentOffers())})
}

// collection is a dataset as OGC API describes it (section 7.14).
type collection struct {
	ID          string         `json:"id"`
	Title       string         `json:"title"`
	Description string         `json:"description"`
	Extent      map[string]any `json:"extent,omitempty"`
	ItemType    string         `json:"itemType"`
	CRS         []string       `json:"crs"`
	StorageCRS  string         `json:"storageCrs"`
	Links       []link         `json:"links"`
}

// collections are the datasets that have data.
func (s *Server) collections(ctx context.Context) ([]catalog.Dataset, error) {
	all, err := catalog.Datasets(ctx, s.Open)
	if err != nil {
		return nil, err
	}
	var ready []catalog.Dataset
	for _, d := range all {
		if d.Version > 0 {
			ready = append(ready, d)
		}
	}
	return ready, nil
}

// ogcCollections answers /ogc/collections (section 7.13).
func (s *Server) ogcCollections(w http.ResponseWriter, r *http.Request) error {
	o, err := ogcDocument(w, r, documentOffers())
	if err != nil {
		return err
	}
	all, err := s.collections(r.Context())
	if err != nil {
		return err
	}
	if o.name == "html" {
		var p web.OGCCollections
		for _, d := range all {
			lang := web.LangOf(r)
			p.Collections = append(p.Collections, web.OGCCollection{ID: d.ID,
				Title: d.Metadata.Title.In(lang), Description: d.Metadata.Description.In(lang)})
		}
		return s.page(w, r, p)
	}
	list := []collection{}
	for _, d := range all {
		c, err := s.collection(r, d, "alternate")
		if err != nil {
			return err
		}
		list = append(list, c)
	}
	return writeJSON(w, r, jsonMedia, map[string]any{"collections": list,
		"links": s.selfLinks(r, "/ogc/collections", o, documentOffers())})
}

// ogcCollection answers /ogc/collections/{id}.
func (s *Server) ogcCollection(w http.ResponseWriter, r *http.Request) error {
	o, err := ogcDocument(w, r, documentOffers())
	if err != nil {
		return err
	}
	d, err := s.readyDataset(r)
	if err != nil {
		return err
	}
	if o.name == "html" {
		p, err := s.collectionPage(r, d)
		if err != nil {
			return err
		}
		return s.page(w, r, p)
	}
	c, err := s.collection(r, d, "self")
	if err != nil {
		return err
	}
	return writeJSON(w, r, jsonMedia, c)
}

// readyDataset is the dataset that the path names, when it has data.
func (s *Server) readyDataset(r *http.Request) (catalog.Dataset, error) {
	id := pathVar(r, "id")
	d, err := s.dataset(r.Context(), id)
	if err == nil && d.Version == 0 {
		err = noData(id)
	}
	return d, err
}

func (s *Server) collection(r *http.Request, d catalog.Dataset, rel string) (collection, error) {
	e, err := s.extent(r.Context(), d)
	if err != nil {
		return collection{}, err
	}
	lang, base := web.LangOf(r), s.base(r)
	own := base + "/ogc/collections/" + d.ID
	c := collection{ID: d.ID, Title: d.Metadata.Title.In(lang), Description: d.Metadata.Description.In(lang),
		ItemType: "feature", CRS: []string{crs84URI}, StorageCRS: crs84URI, Extent: e.json()}
	c.Links = []link{
		{Href: own + "?f=json", Rel: rel, Type: jsonMedia},
		{Href: own + "?f=html", Rel: "alternate", Type: "text/html"},
		{Href: own + "/items?f=json", Rel: "items", Type: geoJSONMedia, Title: c.Title},
		{Href: own + "/items?f=html", Rel: "items", Type: "text/html", Title: c.Title},
		{Href: base + "/datasets/" + d.ID, Rel: "describedby", Type: "text/turtle", Title: "DCAT-AP.de"},
	}
	if l, ok := catalog.LicenceOf(d.Metadata.Licence); ok {
		c.Links = append(c.Links, link{Href: l.URL, Rel: "license", Type: "text/html", Title: l.Title})
	}
	return c, nil
}

// json is the extent as OGC 17-069r4, section 7.13.4 has it.
func (e extent) json() map[string]any {
	doc := map[string]any{}
	if e.bounds != nil {
		doc["spatial"] = map[string]any{"bbox": [][4]float64{e.box()}, "crs": crs84URI}
	}
	if !e.from.IsZero() || !e.to.IsZero() {
		doc["temporal"] = map[string]any{"interval": [][2]any{{instant(e.from), instant(e.to)}},
			"trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"}
	}
	return doc
}
