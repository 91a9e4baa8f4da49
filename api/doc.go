// Package api is the house's front door: every HTTP route, the answers in
// JSON, GeoJSON, RDF and files, and the handlers that fill the pages of
// api/web.
//
// A handler is a method func(w, r) error of Server: parse, one call into a
// room, render. routes.go is the table of all of them; an error returned by a
// handler becomes, in failure.go, one sentence with the right status: a page
// for browsers, problem details (RFC 9457) for everyone else.
//
// Public data is read through s.Open, the pool of the read role, which sees
// schema open and nothing else. s.DB is for what booking and stations own.
//
// To add a page: page_<x>.go, a template and struct in api/web, a line in
// routes.go, texts, one scenario in scenarios_test.go.
package api
