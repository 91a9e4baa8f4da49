package api

import (
	"net/http"
	"slices"
)

// route is one line of the table. A page also exists below /en.
type route struct {
	method  string
	path    string
	handler handler
	page    bool
}

func (rt route) methods() []string {
	if rt.method == http.MethodGet {
		return []string{http.MethodGet, http.MethodHead}
	}
	return []string{rt.method}
}

// oneSlash says whether a slash too many at the end leads to the page: people
// type it. Addresses that end with one themselves are exact.
func (rt route) oneSlash() bool { return !slices.Contains([]string{"/", "/ogc", "/ogc/"}, rt.path) }

const get = http.MethodGet

// routes is the whole HTTP interface. Who may: everyone, all of it is public;
// routes for staff will carry their role here.
func (s *Server) routes() []route {
	return []route{
		{get, "/", s.home, true},
		{get, "/karte", s.mapPage, true},
		{get, "/baustellen", s.sitesPage, true},
		{get, "/baustellen/{id}", s.sitePage, true},
		{get, "/stationen", s.stationsPage, true},
		{get, "/anliegen", s.servicesPage, true},
		{get, "/anliegen/{id}", s.servicePage, true},
		{get, "/daten", s.datasetsPage, true},
		{get, "/daten/{id}", s.datasetPage, true},
		{get, "/impressum", s.legalPage, true},
		{get, "/datenschutz", s.legalPage, true},
		{get, "/barrierefreiheit", s.legalPage, true},

		{get, "/ogc", s.ogcSlash, false},
		{get, "/ogc/", s.ogcLanding, false},
		{get, "/ogc/conformance", s.ogcConformance, false},
		{get, "/ogc/api", s.ogcDefinition, false},
		{get, "/ogc/collections", s.ogcCollections, false},
		{get, "/ogc/collections/{id}", s.ogcCollection, false},
		{get, "/ogc/collections/{id}/items", s.ogcItems, false},
		{get, "/ogc/collections/{id}/items/{feature}", s.ogcItem, false},

		{get, "/catalog.{format:rdf|ttl|jsonld|nt}", s.catalogFile, false},
		{get, "/catalog", s.catalogNegotiated, false},
		{get, "/datasets/{id}", s.datasetNegotiated, false},
		{get, "/datasets/{id}/{version:[0-9]+}/{file}", s.download, false},
		{get, "/datasets/{id}/latest/{format}", s.latestDownload, false},

		{get, "/api/v1/openapi.json", s.openAPI, false},
		{get, "/api/v1/jurisdiction", s.jurisdiction, false},
		{get, "/api/v1/stations/nearest", s.nearestStations, false},
		{get, "/api/v1/services", s.servicesJSON, false},
		{get, "/api/v1/services/{id}", s.serviceJSON, false},

		{get, "/healthz", s.healthz, false},
		{get, "/readyz", s.readyz, false},
		{get, "/robots.txt", s.robots, false},
	}
}
