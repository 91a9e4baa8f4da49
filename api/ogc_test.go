package api

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const geojson = "application/geo+json"

func ogcScenarios() []scenario {
	const c = "/ogc/collections/points"
	return []scenario{
		{"/ogc", "", 301, "/ogc/", nil, nil},
		{"/ogc/", "", 200, jsonMedia, []string{"service-desc", "service-doc", "conformance", `"data"`}, nil},
		{"/ogc/", browser, 200, html, []string{"/ogc/collections"}, nil},
		{"/ogc/?f=html&lang=en", "", 200, html, []string{`lang="en"`}, nil},
		{"/ogc/?f=xml", "", 400, problemMedia, []string{"json, html"}, nil},
		{"/ogc/?lang=fr", "", 400, problemMedia, []string{"lang"}, nil},
		{"/ogc/?x=1", "", 400, problemMedia, []string{"unknown_parameter"}, nil},
		{"/ogc/", "image/png", 406, problemMedia, []string{"application/json"}, nil},
		{"/ogc/conformance", "application/json;q=0.5, text/html;q=0.4", 200, jsonMedia, []string{"conf/core", "conf/oas30"}, nil},
		{"/ogc/conformance", browser, 200, html, []string{"conf/core"}, nil},
		{"/ogc/api", "", 200, openAPI30, []string{"3.0.3", "/collections/points/items"}, nil},
		{"/ogc/api", browser, 200, html, []string{"GET /ogc/collections/points/items"}, nil},
		{"/ogc/collections", "", 200, jsonMedia, []string{`"id":"points"`}, []string{`"id":"transit-stops"`}},
		{"/ogc/collections", browser, 200, html, []string{"Punkte"}, nil},
		{c, "", 200, jsonMedia, []string{`"storageCrs"`, "temporal", "license"}, nil},
		{c + "?f=html", "", 200, html, []string{"Punkte", "heißt wie ein Parameter"}, nil},
		{"/ogc/collections/no", "", 404, problemMedia, []string{"no_dataset"}, nil},
		{"/ogc/collections/no", browser, 404, html, []string{"no"}, nil},
		{"/ogc/collections/transit-stops", "", 404, problemMedia, []string{"no_data_yet"}, nil},
		{c + "/items", "", 200, geojson, []string{`"numberReturned":10`, `"numberMatched":25`, `"rel":"next"`}, []string{"p000010"}},
		{c + "/items", "application/json", 200, jsonMedia, nil, nil},
		{c + "/items", browser, 200, html, []string{"Punkt 9", "after="}, []string{"Punkt 10<"}},
		{c + "/items", "image/png", 406, problemMedia, nil, nil},
		{c + "/items?limit=1000000", "", 200, geojson, []string{`"numberReturned":25`}, []string{`"next"`}},
		{c + "/items?limit=0", "", 400, problemMedia, []string{"limit"}, nil},
		{c + "/items?limit=-1", "", 400, problemMedia, nil, nil},
		{c + "/items?limit=ten", "", 400, problemMedia, nil, nil},
		{c + "/items?limit=1&limit=2", "", 400, problemMedia, []string{"repeated_parameter"}, nil},
		{c + "/items?limit=", "", 400, problemMedia, nil, nil},
		{c + "/items?after=-1", "", 400, problemMedia, nil, nil},
		{c + "/items?after=99999999", "", 200, geojson, []string{`"features":[]`, `"numberReturned":0`}, nil},
		{c + "/items?bbox=1,2,3", "", 400, problemMedia, []string{"bad_bbox"}, nil},
		{c + "/items?bbox=1,2,3,x", "", 400, problemMedia, nil, nil},
		{c + "/items?bbox=1,2,3,NaN", "", 400, problemMedia, nil, nil},
		{c + "/items?bbox=1,9,3,4", "", 400, problemMedia, nil, nil},
		{c + "/items?bbox=1,2,300,4", "", 400, problemMedia, nil, nil},
		{c + "/items?bbox=", "", 400, problemMedia, nil, nil},
		{c + "/items?bbox=1,2,9,3,4,5", "", 400, problemMedia, nil, nil},
		{c + "/items?bbox=8.2,51.8,-5,8.5,52,5&limit=100", "", 200, geojson, []string{`"numberReturned":25`, `"numberMatched":25`}, nil},
		{c + "/items?bbox=0,0,1,1", "", 200, geojson, []string{`"features":[]`, `"numberMatched":0`}, nil},
		{c + "/items?bbox=0,0,1,1&f=html", "", 200, html, []string{"Kein Eintrag"}, nil},
		{c + "/items?datetime=2026-11-23T10:00:00Z", "", 200, geojson, []string{`"numberReturned":1`, "p000002"}, nil},
		{c + "/items?datetime=gestern", "", 400, problemMedia, []string{"bad_datetime"}, nil},
		{c + "/items?datetime=", "", 400, problemMedia, nil, nil},
		{c + "/items?datetime=2026-11-24T00:00:00Z/2026-11-23T00:00:00Z", "", 400, problemMedia, nil, nil},
		{c + "/items?datetime=2026-11-24T00:00:00Z/x", "", 400, problemMedia, nil, nil},
		{c + "/items?datetime=2026-02-30T00:00:00Z", "", 400, problemMedia, nil, nil},
		{c + "/items?name=Punkt%203", "", 200, geojson, []string{"p000003", `"numberReturned":1`}, nil},
		{c + "/items?even=true&n=4", "", 200, geojson, []string{"p000004", `"numberReturned":1`}, nil},
		{c + "/items?n=4.5", "", 400, problemMedia, []string{"bad_value"}, nil},
		{c + "/items?name=%00", "", 400, problemMedia, []string{"bad_text"}, nil},
		{c + "/items?secret=geheim", "", 400, problemMedia, []string{"unknown_parameter", "bbox"}, []string{"allowed: secret"}},
		{c + "/items?name='%20OR%201=1", "", 200, geojson, []string{`"features":[]`}, nil},
		{c + "/items?crs=EPSG:25832", "", 400, problemMedia, []string{"crs"}, nil},
		{c + "/items?a=%zz", "", 400, problemMedia, []string{"bad_query"}, nil},
		{c + "/items/p000003", "", 200, geojson, []string{`"id":"p000003"`, `"links":[`}, nil},
		{c + "/items/p000003", browser, 200, html, []string{"Punkt 3", "23. November 2026, 12:00 Uhr"}, nil},
		{c + "/items/no", "", 404, problemMedia, []string{"no_feature"}, nil},
		{c + "/items/%00", "", 404, problemMedia, nil, nil},
		{c + "/items/p000003?limit=1", "", 400, problemMedia, nil, nil},
		{"/ogc/collections/construction-sites/items/a%2Fb%20c", "", 200, geojson, []string{`"id":"a/b c"`, "items/a%2Fb%20c?f=json"}, nil},
		{"/ogc/collections/construction-sites/items?status=active&limit=2", "", 200, geojson, []string{`"numberReturned":2`, "status=active"}, []string{"numberMatched"}},
		{"/ogc/collections/construction-sites/items?datetime=2026-11-24", "", 200, geojson, []string{"s-1", `"numberReturned":2`}, []string{"s-2", "s-3"}},
		{"/ogc/collections/services/items?f=html", "", 200, html, []string{"Reisepass"}, []string{"data-preview"}},
		{"/ogc/no", "", 404, problemMedia, nil, nil},
	}
}

// featureCollection is a page of features as a client reads it.
type featureCollection struct {
	Type     string `json:"type"`
	Features []struct {
		ID         string         `json:"id"`
		Geometry   *geometry      `json:"geometry"`
		Properties map[string]any `json:"properties"`
	} `json:"features"`
	Links          []link    `json:"links"`
	TimeStamp      time.Time `json:"timeStamp"`
	NumberMatched  *int      `json:"numberMatched"`
	NumberReturned int       `json:"numberReturned"`
}

type geometry struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
}

func (f featureCollection) href(rel string) string {
	for _, l := range f.Links {
		if l.Rel == rel {
			return l.Href
		}
	}
	return ""
}

// TestPaging walks along the next links: every feature once, in any page size,
// with and without a filter, for programs and for people.
func TestPaging(t *testing.T) {
	x := smallTown(t)
	x.stagePoints(25)
	for _, query := range []string{"limit=10", "limit=1", "limit=5", "limit=24", "limit=25", "limit=26", "", "even=true&limit=3", "bbox=8.3,51.8,8.4,52&limit=7"} {
		want := 25
		if strings.Contains(query, "even") {
			want = 13
		}
		seen := map[string]int{}
		path := "/ogc/collections/points/items?" + query
		for pages := 0; path != ""; pages++ {
			var f featureCollection
			x.json(path, &f)
			for _, feature := range f.Features {
				seen[feature.ID]++
			}
			if len(f.Features) != f.NumberReturned || pages > 30 || (len(f.Features) == 0 && f.href("next") != "") {
				t.Fatalf("%s: %d features, %d said", path, len(f.Features), f.NumberReturned)
			}
			path = strings.TrimPrefix(f.href("next"), x.http.URL)
		}
		if len(seen) != want {
			t.Errorf("%s: %d features, want %d", query, len(seen), want)
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("%s: %s came %d times", query, id, n)
			}
		}
	}
}

// TestExecutableTestSuite is the case list of the OGC executable test suite
// for Features Part 1 (ets-ogcapi-features10), by its class names.
func TestExecutableTestSuite(t *testing.T) {
	x := smallTown(t)
	x.stagePoints(25)
	for name, check := range map[string]func(*testing.T, *town){
		"LandingPage": etsLandingPage, "ApiDefinition": etsAPIDefinition, "Conformance": etsConformance,
		"Collections": etsCollections, "Features": etsFeatures, "Feature": etsFeature, "BBox": etsBBox,
		"Limit": etsLimit, "Time": etsTime, "ErrorConditions": etsErrorConditions,
	} {
		t.Run(name, func(t *testing.T) { check(t, &town{Server: x.Server, t: t, http: x.http, logs: x.logs}) })
	}
}

type linked struct {
	Links      []link   `json:"links"`
	ConformsTo []string `json:"conformsTo"`
}

func hasLink(links []link, rel, media string) bool {
	for _, l := range links {
		if l.Rel == rel && (media == "" || strings.HasPrefix(l.Type, media)) && strings.HasPrefix(l.Href, "http") {
			return true
		}
	}
	return false
}

func etsLandingPage(t *testing.T, x *town) {
	var doc linked
	x.json("/ogc/", &doc, "Accept", jsonMedia)
	for rel, media := range map[string]string{"service-desc": openAPI30, "service-doc": html, "conformance": jsonMedia, "data": jsonMedia, "self": jsonMedia, "alternate": html} {
		if !hasLink(doc.Links, rel, media) {
			t.Errorf("no link %s %s", rel, media)
		}
	}
	for _, l := range doc.Links { // every link answers with the type it names
		a := x.get(strings.TrimPrefix(l.Href, x.http.URL))
		if a.StatusCode != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), l.Type) {
			t.Errorf("%s: %d %s, want %s", l.Href, a.StatusCode, a.Header.Get("Content-Type"), l.Type)
		}
	}
}

func etsConformance(t *testing.T, x *town) {
	var doc linked
	x.json("/ogc/conformance", &doc)
	want := "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"
	if len(doc.ConformsTo) == 0 || doc.ConformsTo[0] != want {
		t.Errorf("%v", doc.ConformsTo)
	}
}

type collectionsDocument struct {
	Links       []link       `json:"links"`
	Collections []collection `json:"collections"`
}

func etsCollections(t *testing.T, x *town) {
	var doc collectionsDocument
	x.json("/ogc/collections", &doc)
	if !hasLink(doc.Links, "self", jsonMedia) || !hasLink(doc.Links, "alternate", html) || len(doc.Collections) < 5 {
		t.Fatalf("%d collections, %v", len(doc.Collections), doc.Links)
	}
	for _, c := range doc.Collections {
		if !hasLink(c.Links, "items", geojson) || !hasLink(c.Links, "items", html) || c.Title == "" {
			t.Errorf("%s: %v", c.ID, c.Links)
		}
		var one collection
		x.json("/ogc/collections/"+c.ID, &one)
		if one.ID != c.ID || !hasLink(one.Links, "self", jsonMedia) || fmt.Sprint(one.Extent) != fmt.Sprint(c.Extent) {
			t.Errorf("%s: %v differs from %v", c.ID, one, c)
		}
		for _, l := range one.Links {
			if l.Rel == "license" || l.Rel == "describedby" {
				continue
			}
			if a := x.get(strings.TrimPrefix(l.Href, x.http.URL)); a.StatusCode != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), l.Type) {
				t.Errorf("%s: %d %s", l.Href, a.StatusCode, a.Header.Get("Content-Type"))
			}
		}
	}
}

func etsFeatures(t *testing.T, x *town) {
	var doc collectionsDocument
	x.json("/ogc/collections", &doc)
	for _, c := range doc.Collections {
		var f featureCollection
		a := x.json("/ogc/collections/"+c.ID+"/items", &f)
		if f.Type != "FeatureCollection" || a.Header.Get("Content-Type") != geojson || !f.TimeStamp.Equal(clock()) || f.NumberReturned != len(f.Features) {
			t.Errorf("%s: %s", c.ID, a.body)
		}
		if !hasLink(f.Links, "self", geojson) || !hasLink(f.Links, "alternate", html) {
			t.Errorf("%s: %v", c.ID, f.Links)
		}
		if f.NumberMatched != nil && *f.NumberMatched < f.NumberReturned {
			t.Errorf("%s: %d of %d", c.ID, f.NumberReturned, *f.NumberMatched)
		}
	}
}

func etsFeature(t *testing.T, x *town) {
	var f featureCollection
	x.json("/ogc/collections/construction-sites/items", &f)
	for _, feature := range f.Features {
		var one struct {
			Type, ID   string
			Geometry   *geometry
			Properties map[string]any
			Links      []link
		}
		x.json("/ogc/collections/construction-sites/items/"+url.PathEscape(feature.ID), &one)
		if one.Type != "Feature" || one.ID != feature.ID || fmt.Sprint(one.Properties) != fmt.Sprint(feature.Properties) ||
			!hasLink(one.Links, "self", geojson) || !hasLink(one.Links, "alternate", html) || !hasLink(one.Links, "collection", jsonMedia) {
			t.Errorf("%s: %+v", feature.ID, one)
		}
	}
}

func etsBBox(t *testing.T, x *town) {
	for bbox, want := range map[string]int{
		"-180,-90,180,90":             25,
		"8.3,51.8999,8.30005,51.9001": 1, // the first point only
		"8.3,51.9,8.3,51.9":           1, // a box without area
		"8.30005,51.8,8.30025,52":     2,
		"177,65,-177,70":              0, // across the 180th meridian
		"8,-90,-170,90":               25,
		"-10,51,8.29,52":              0,
		"-10.5,51,-4,10.1,53,300.25":  25,
		"8.2, 51.8, 8.5, 52":          25,
	} {
		var f featureCollection
		x.json("/ogc/collections/points/items?limit=100&bbox="+url.QueryEscape(bbox), &f)
		if f.NumberReturned != want {
			t.Errorf("%s: %d features, want %d", bbox, f.NumberReturned, want)
		}
	}
	// A polygon that the box lies in, and features without geometry.
	var f featureCollection
	x.json("/ogc/collections/districts/items?bbox=8.385,51.905,8.386,51.906", &f)
	if f.NumberReturned != 1 || f.Features[0].ID != "01" {
		t.Errorf("%+v", f)
	}
	x.json("/ogc/collections/services/items?bbox=-180,-90,180,90", &f)
	if f.NumberReturned != 0 {
		t.Errorf("%d services have a place", f.NumberReturned)
	}
}

func etsLimit(t *testing.T, x *town) {
	for limit, want := range map[int]int{1: 1, 2: 2, 24: 24, 25: 25, 10000: 25, 10001: 25} {
		var f featureCollection
		x.json(fmt.Sprintf("/ogc/collections/points/items?limit=%d", limit), &f)
		if len(f.Features) != want || (f.href("next") != "") != (want < 25) {
			t.Errorf("limit %d: %d features, next %q", limit, len(f.Features), f.href("next"))
		}
	}
}

func etsTime(t *testing.T, x *town) {
	for datetime, want := range map[string]int{
		"2026-11-23T08:00:00Z":                      1,
		"2026-11-23T09:00:00+01:00":                 1,
		"2026-11-23T08:30:00Z":                      0,
		"2026-11-23T08:00:00Z/2026-11-23T10:00:00Z": 3,
		"../2026-11-23T10:00:00Z":                   3,
		"/2026-11-23T10:00:00Z":                     3,
		"2026-11-24T07:00:00Z/..":                   2,
		"2026-11-24T07:00:00Z/":                     2,
		"../..":                                     25,
		"2026-11-24":                                10, // the local day, from 23 o'clock UTC
		"2026-11-24/..":                             10,
		"1066-10-14T00:00:00Z":                      0,
	} {
		var f featureCollection
		x.json("/ogc/collections/points/items?limit=100&datetime="+url.QueryEscape(datetime), &f)
		if f.NumberReturned != want {
			t.Errorf("%s: %d features, want %d", datetime, f.NumberReturned, want)
		}
	}
	var f featureCollection
	x.json("/ogc/collections/districts/items?datetime=1900-01-01T00:00:00Z", &f)
	if f.NumberReturned != 2 {
		t.Errorf("features without time: %d, want all", f.NumberReturned)
	}
}

func etsErrorConditions(t *testing.T, x *town) {
	for path, want := range map[string]int{
		"/ogc/collections/points/items?unknown=1":            400,
		"/ogc/collections/points/items?limit=abc":            400,
		"/ogc/collections/points/items?bbox=1,2,3,4,5":       400,
		"/ogc/collections/points/items?datetime=2026-99-99Z": 400,
		"/ogc/collections/unknown/items":                     404,
		"/ogc/collections/points/items/unknown":              404,
		"/ogc/collections?unknown=1":                         400,
		"/ogc/conformance?unknown=1":                         400,
	} {
		a := x.get(path)
		var p struct{ Status int }
		if err := json.Unmarshal([]byte(a.body), &p); err != nil || a.StatusCode != want || p.Status != want {
			t.Errorf("%s: %d, want %d\n%s", path, a.StatusCode, want, a.body)
		}
	}
}

// TestGDAL reads a collection with an independent client, page by page.
func TestGDAL(t *testing.T) {
	x := smallTown(t)
	x.stagePoints(2500)
	for collection, want := range map[string]string{"points": "Feature Count: 2500", "construction-sites": "Feature Count: 5", "services": "Feature Count: 5"} {
		out, err := exec.CommandContext(t.Context(), "ogrinfo", "-ro", "-al", "-so", "OAPIF:"+x.http.URL+"/ogc/collections/"+collection).CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) || strings.Contains(string(out), "ERROR") {
			t.Errorf("%s: %v\n%s", collection, err, out)
		}
	}
}
