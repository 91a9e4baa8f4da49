package web

// Page is one of the page structs of this package. The list is closed: a page
// names its template and nobody outside can add one.
//
// Conventions of all page structs:
//   - Texts are plain strings in the language of the request (LangOf).
//   - Fields named Path are language-neutral paths of pages, with query
//     ("/baustellen?status=running"); the templates put "/en" in front where it
//     belongs. Fields named URL are used as they are ("/ogc/…", "https://…").
//   - Times are instants; they are shown in the town's time zone. Periods are
//     half-open [Start, End).
//   - Lon and Lat are degrees, CRS84; boxes are west, south, east, north.
//   - An empty string, zero time or nil slice means "not known": the template
//     leaves the line out.
type Page interface {
	// template is the file below templates/ without its ending; it is also
	// the prefix of the page's texts.
	template() string
	// nav is the path of the entry of the main navigation the page is under.
	nav() string
	// title is the heading, empty when the text "<template>.title" is it.
	title() string
}

func (Home) template() string           { return "home" }
func (Map) template() string            { return "map" }
func (Sites) template() string          { return "sites" }
func (SitePage) template() string       { return "site" }
func (Stations) template() string       { return "stations" }
func (Services) template() string       { return "services" }
func (ServicePage) template() string    { return "service" }
func (Datasets) template() string       { return "datasets" }
func (DatasetPage) template() string    { return "dataset" }
func (ErrorPage) template() string      { return "error" }
func (Legal) template() string          { return "legal" }
func (OGCLanding) template() string     { return "ogc_landing" }
func (OGCConformance) template() string { return "ogc_conformance" }
func (OGCCollections) template() string { return "ogc_collections" }
func (OGCCollection) template() string  { return "ogc_collection" }
func (OGCItems) template() string       { return "ogc_items" }
func (OGCItem) template() string        { return "ogc_item" }

func (Home) nav() string           { return "/" }
func (Map) nav() string            { return "/karte" }
func (Sites) nav() string          { return "/baustellen" }
func (SitePage) nav() string       { return "/baustellen" }
func (Stations) nav() string       { return "/stationen" }
func (Services) nav() string       { return "/anliegen" }
func (ServicePage) nav() string    { return "/anliegen" }
func (Datasets) nav() string       { return "/daten" }
func (DatasetPage) nav() string    { return "/daten" }
func (ErrorPage) nav() string      { return "" }
func (Legal) nav() string          { return "" }
func (OGCLanding) nav() string     { return "/daten" }
func (OGCConformance) nav() string { return "/daten" }
func (OGCCollections) nav() string { return "/daten" }
func (OGCCollection) nav() string  { return "/daten" }
func (OGCItems) nav() string       { return "/daten" }
func (OGCItem) nav() string        { return "/daten" }

func (Home) title() string            { return "" }
func (Map) title() string             { return "" }
func (Sites) title() string           { return "" }
func (p SitePage) title() string      { return p.Site.Title }
func (Stations) title() string        { return "" }
func (Services) title() string        { return "" }
func (p ServicePage) title() string   { return p.Service.Name }
func (Datasets) title() string        { return "" }
func (p DatasetPage) title() string   { return p.Dataset.Title }
func (ErrorPage) title() string       { return "" }
func (Legal) title() string           { return "" }
func (p OGCLanding) title() string    { return p.Title }
func (OGCConformance) title() string  { return "" }
func (OGCCollections) title() string  { return "" }
func (p OGCCollection) title() string { return p.Title }
func (p OGCItems) title() string      { return p.Collection.Title }
func (p OGCItem) title() string       { return p.Title }
