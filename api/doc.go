// Package api is the house's front door: every HTTP route, the answers in
// JSON, GeoJSON, RDF and files, and the handlers that fill the pages of
// api/web.
//
// A handler is a method func(w, r) error of Server: parse, one call into a
// room, render. routes.go is the table of all of them; an error returned by a
// handler becomes, in failure.go, one sentence with the right status: a page
// for browsers, problem details (RFC 9457) for everyone else.
//
// Answers are built in few places: params.go reads parameters and negotiates
// the representation, answer.go knows validators and caching, page.go what
// lists of pages share. ogc*.go is OGC API Features, catalogue.go and
// download.go the catalogue and its files, rest_*.go the JSON interface that
// openapi.json describes, page_*.go the pages. state.go remembers datasets
// while listen.go hears of new versions.
//
// Public data is read through s.Open, the pool of the read role, which sees
// schema open and nothing else. s.DB is for what booking and stations own.
//
// To add a page: page_<x>.go, a template and struct in api/web, a line in
// routes.go, texts, one scenario in scenarios_test.go.
package api
