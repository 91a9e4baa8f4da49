package web

import "time"

// The HTML of the OGC API: every resource can be read by a person. Its address
// is the same in both languages; lang=en asks for English.

// OGCLanding is "/ogc/".
type OGCLanding struct {
	Title       string
	Description string
	Links       []Link
}

// OGCConformance is "/ogc/conformance".
type OGCConformance struct {
	Classes []string // URIs
}

// OGCCollections is "/ogc/collections".
type OGCCollections struct {
	Collections []OGCCollection
}

// OGCCollection is "/ogc/collections/{id}".
type OGCCollection struct {
	ID          string
	Title       string
	Description string
	Bounds      [4]float64
	Start, End  time.Time
	CRS         []string
	ItemsURL    string
	DatasetPath string // "/daten/{id}"
	Fields      []Field
	Links       []Link
}

// OGCItems is "/ogc/collections/{id}/items".
type OGCItems struct {
	Collection OGCCollection
	Table      Table
	Returned   int
	Matched    int64 // -1: not counted
	NextURL    string
	PrevURL    string
	JSONURL    string // this page as GeoJSON, drawn on the preview map
}

// OGCItem is "/ogc/collections/{id}/items/{featureId}".
type OGCItem struct {
	Collection OGCCollection
	ID         string
	Title      string
	Properties []Property
	JSONURL    string
	Bounds     [4]float64
}

// Property is one value of an item.
type Property struct {
	Name, Label, Value string
}
