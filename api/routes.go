package api

import (
	"net/http"
	"slices"

	"github.com/ortsnah/ortsnah/api/auth"
)

// route is one line of the table. A page also exists below /en.
type route struct {
	method  string
	path    string
	handler handler
	page    bool
	who     []auth.Role // one of these is needed; empty: everyone may
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

// routes is the whole HTTP interface, and who may use it.
func (s *Server) routes() []route {
	var all []auth.Role
	return []route{
		{get, "/", s.home, true, all},
		{get, "/karte", s.mapPage, true, all},
		{get, "/baustellen", s.sitesPage, true, all},
		{get, "/baustellen/{id}", s.sitePage, true, all},
		{get, "/stationen", s.stationsPage, true, all},
		{get, "/anliegen", s.servicesPage, true, all},
		{get, "/anliegen/{id}", s.servicePage, true, all},
		{get, "/daten", s.datasetsPage, true, all},
		{get, "/daten/{id}", s.datasetPage, true, all},
		{get, "/impressum", s.legalPage, true, all},
		{get, "/datenschutz", s.legalPage, true, all},
		{get, "/barrierefreiheit", s.legalPage, true, all},

		// booking by citizens: pages

		// staff

		{get, "/ogc", s.ogcSlash, false, all},
		{get, "/ogc/", s.ogcLanding, false, all},
		{get, "/ogc/conformance", s.ogcConformance, false, all},
		{get, "/ogc/api", s.ogcDefinition, false, all},
		{get, "/ogc/collections", s.ogcCollections, false, all},
		{get, "/ogc/collections/{id}", s.ogcCollection, false, all},
		{get, "/ogc/collections/{id}/items", s.ogcItems, false, all},
		{get, "/ogc/collections/{id}/items/{feature}", s.ogcItem, false, all},

		{get, "/catalog.{format:rdf|ttl|jsonld|nt}", s.catalogFile, false, all},
		{get, "/catalog", s.catalogNegotiated, false, all},
		{get, "/datasets/{id}", s.datasetNegotiated, false, all},
		{get, "/datasets/{id}/{version:[0-9]+}/{file}", s.download, false, all},
		{get, "/datasets/{id}/latest/{format}", s.latestDownload, false, all},

		{get, "/api/v1/openapi.json", s.openAPI, false, all},
		{get, "/api/v1/jurisdiction", s.jurisdiction, false, all},
		{get, "/api/v1/stations/nearest", s.nearestStations, false, all},
		{get, "/api/v1/services", s.servicesJSON, false, all},
		{get, "/api/v1/services/{id}", s.serviceJSON, false, all},

		// booking by citizens: JSON

		{get, "/healthz", s.healthz, false, all},
		{get, "/readyz", s.readyz, false, all},
		{get, "/robots.txt", s.robots, false, all},
	}
}
