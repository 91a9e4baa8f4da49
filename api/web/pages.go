package web

import "time"

// Yes, No and Unknown are the values of fields that answer a question which
// may be open, such as StepFree.
const (
	Yes     = "yes"
	No      = "no"
	Unknown = ""
)

// Link is a text with a target: Path (page of this town) or URL (anything).
type Link struct {
	Text string
	Path string
	URL  string
}

// Option is one value of a filter form's select field.
type Option struct {
	Value string
	Label string
	On    bool
}

// Chosen says in words what the list is filtered by, for the form that is
// closed on a phone.
func (p Sites) Chosen() []string { return chosen(p.Query, p.Statuses, p.Districts, p.Modes) }

func chosen(query string, lists ...[]Option) []string {
	var words []string
	if query != "" {
		words = append(words, "„"+query+"“")
	}
	for _, list := range lists {
		for _, o := range list {
			if o.On {
				words = append(words, o.Label)
			}
		}
	}
	return words
}

// Facet is one group of filter links: every value is a link that adds it to,
// or, when it is on, takes it out of the current selection.
type Facet struct {
	Name   string // query parameter; its heading is the text "facet.<Name>"
	Values []FacetValue
}

// FacetValue is one line of a Facet.
type FacetValue struct {
	Value string // of the query parameter
	Label string
	Count int
	Path  string // the page with this value toggled
	On    bool
}

// Home is "/": search, what comes next, numbers. With a Query the page shows
// Groups (or that nothing was found) instead of the rest.
type Home struct {
	Query      string // parameter q
	Groups     []ResultGroup
	NextVisits []Visit   // at most 4
	Services   []Service // about 6 that people often need
	Sites      []Site    // at most 4: running now, strongest impact first
	Counts     Counts
}

// Counts are the numbers on the home page.
type Counts struct {
	Services, Datasets, RunningSites, VisitsThisWeek int
}

// ResultGroup holds the search results of one kind.
type ResultGroup struct {
	Kind    string // "services", "districts", "datasets", "stations", "construction-sites"
	Total   int    // all that match, Results may be the first few
	Results []Result
	Path    string // page with all of them
}

// Result is one search result.
type Result struct {
	Title string
	Text  string // one line: summary, period, address
	Path  string
}

// Map is "/karte". Every entry is in the list beside the map; the map draws
// lines and areas from the collections' GeoJSON and points from the list, and
// shows the list's entry in its panel: one source for both.
type Map struct {
	Bounds [4]float64 // of the municipality, degrees
	Layers []Layer    // in the order of the check boxes
	// NeighboursURL is GeoJSON drawn around the town (see Town.MunicipalityURL
	// for the town itself); may be empty.
	NeighboursURL string
	Sites         []Site
	Stops         []Stop
	Districts     []District
	RoomSites     []RoomSite
	Selected      string // parameter auswahl: "<layer>/<id>", opened when the page loads
}

// Layer is one check box of the map.
type Layer struct {
	ID       string // "construction-sites", "stops", "districts", "rooms"
	On       bool   // parameter ebene (may repeat; none: all)
	ItemsURL string // GeoJSON with feature ids = ID of the entries; empty for stops and rooms
}

// Site is a construction site (Baustelle).
type Site struct {
	ID          string // id of the GeoJSON feature
	Title       string
	Street      string
	District    string // name
	Start, End  time.Time
	Status      string // "planned", "running", "finished", "cancelled"
	Reason      string
	Impact      string // strongest of Modes: "none", "partial", "full"
	Modes       []Mode
	Description string
	Detour      string
	Responsible string
	StepFree    string // is there a step-free footway: Yes, No, Unknown
	Lon, Lat    float64
	Updated     time.Time // when the office last confirmed it
}

// Mode is what a construction site means for one way of moving.
type Mode struct {
	Mode   string // "car", "bike", "foot", "bus", "emergency", "heavy"
	Impact string // "none", "partial", "full"
}

// Stop is a place where mobile stations stop, with the next visits.
type Stop struct {
	ID       string
	Name     string
	Address  string
	District string
	StepFree string
	Lon, Lat float64
	Visits   []Visit // in order of time, the next one first
}

// Visit is a mobile station at a stop (Standzeit).
type Visit struct {
	ID         string
	StopID     string
	Station    string // name of the vehicle or kit
	Stop       string // name of the place
	Address    string
	District   string
	Start, End time.Time
	Services   []Link // path of the service page
	StepFree   string
	Cancelled  bool
	Note       string
	Lon, Lat   float64
}

// District is a Stadtteil.
type District struct {
	ID          string // id of the GeoJSON feature
	Code        string
	Name        string
	Approximate bool   // border derived, not official
	Responsible []Link // offices for this district: text with optional path
	Lon, Lat    float64
}

// RoomSite is a building with rooms that can be booked.
type RoomSite struct {
	ID       string
	Name     string
	Address  string
	StepFree string
	Lon, Lat float64
	Rooms    []Room
}

// Room is a room with its public attributes.
type Room struct {
	Name      string
	Persons   int
	Floor     string
	StepFree  string
	Equipment []string
}

// Sites is "/baustellen". Filters are GET parameters: q, status, stadtteil, mode.
type Sites struct {
	Query               string
	Statuses, Districts []Option // without the "all" entry, the template adds it
	Modes               []Option
	Items               []Site
	Total               int
	NextPath            string // next page of the list
	DatasetID           string // "construction-sites": link to the open data
	Feeds               []Link // WZDx, DATEX II, …
}

// SitePage is "/baustellen/{id}".
type SitePage struct {
	Site     Site
	Bounds   [4]float64
	ItemURL  string // GeoJSON feature
	MapPath  string // "/karte?auswahl=construction-sites/…"
	Datasets []Link
}

// Services is "/anliegen". Filters: q, kanal (channel).
type Services struct {
	Query    string
	Channels []Option
	Items    []Service // in order of name
}

// Service is a concern (Anliegen) in a list.
type Service struct {
	ID       string
	Name     string
	Summary  string
	Minutes  int      // duration of an appointment; 0: no appointment
	Channels []string // "counter", "phone", "video", "online", "mobile"
	Urgent   bool     // dealt with at once, never by appointment
}

// ServicePage is "/anliegen/{id}". With the parameter adresse or name the
// handler fills Responsible or Hint.
type ServicePage struct {
	Service                 Service
	Description             string
	MinutesPerFurtherPerson int
	Documents               []Document
	Office                  string // name of the department
	OfficeAddress           string
	OnlineURL               string // the form, when there is one
	BookPath                string // to an appointment; empty: none is needed or given
	Jurisdiction            string // "anyone", "alphabetic", "geographic"
	Address, Name           string // what the person entered
	Responsible             *Responsible
	Hint                    string // a sentence when the look-up found nothing
	NextVisits              []Visit
	Related                 []Link
}

// Document is something to bring (Unterlage).
type Document struct {
	Name      string
	Condition string // "nur wenn …"; empty: always
}

// Responsible is the answer of the jurisdiction rules.
type Responsible struct {
	Team     string
	District string
	Rule     string // the sentence that says which rule decided
}

// Datasets is "/daten". Filters: q and one parameter for each facet's Name
// ("theme", "format", "licence", "publisher").
type Datasets struct {
	Query    string
	Facets   []Facet
	Items    []Dataset
	Total    int
	NextPath string
	Catalogs []Link // catalog.ttl, …
}

// Dataset is a dataset in a list.
type Dataset struct {
	ID          string
	Title       string
	Description string
	Theme       string
	Formats     []string
	Licence     string
	Publisher   string
	Modified    time.Time
	Rows        int64
}

// DatasetPage is "/daten/{id}".
type DatasetPage struct {
	Dataset       Dataset
	LicenceURL    string
	Contact       Link
	Issued        time.Time
	Start, End    time.Time // temporal coverage
	Periodicity   string
	Spatial       string
	Keywords      []string
	Demo          bool // contains invented data
	Fields        []Field
	Distributions []Distribution
	Versions      []Version
	Preview       Preview
	APIURL        string // "/ogc/collections/{id}"
	Metadata      []Link // the dataset as Turtle, JSON-LD, …
	Feeds         []Link
	JSONLD        string // schema.org Dataset as JSON; written into the page
}

// Field is one entry of the data dictionary.
type Field struct {
	Name     string
	Type     string
	Unit     string
	Label    string
	Text     string
	Required bool
	Codes    []Code
}

// Code is one value of a field's code list.
type Code struct {
	Value, Label string
}

// Distribution is one file of a dataset.
type Distribution struct {
	Format    string // "GeoJSON"
	MediaType string
	URL       string
	Size      int64 // bytes
	SHA256    string
	Modified  time.Time
	Use       string // a sentence: for whom this format is
}

// Version is one published state of a dataset.
type Version struct {
	Number                  int
	Published               time.Time
	Rows                    int64
	Added, Removed, Changed int64
	URL                     string
}

// Preview is the first rows of a dataset and, when it has geometry, its map.
type Preview struct {
	Bounds   [4]float64
	ItemsURL string // GeoJSON; empty: no map
	Table    Table
}

// Table is a plain table: Rows[i][j] belongs to Columns[j].
type Table struct {
	Columns []string
	Rows    []Row
}

// Row is one line of a Table.
type Row struct {
	URL   string // of the item; empty: no link
	Cells []string
}

// ErrorPage is the page for a failure. Sentence comes from i18n.Error and says
// what happened; Next, which may be empty, says what to do now.
type ErrorPage struct {
	Status   int
	Sentence string
	Next     string
}

// Legal is "/impressum", "/datenschutz", "/barrierefreiheit"; Kind is the path
// without its slash. The texts are in i18n.
type Legal struct {
	Kind string
}
