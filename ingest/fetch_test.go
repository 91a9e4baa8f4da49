package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
)

// server answers on the loopback interface as its paths say.
func server(t *testing.T) string {
	t.Helper()
	hang := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/ok.geojson", func(w http.ResponseWriter, r *http.Request) {
		if _, _, ok := r.BasicAuth(); r.URL.Query().Has("login") && !ok {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.Header.Get("If-None-Match") == `"v1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", `"v1"`)
		fmt.Fprint(w, among(goodFeature))
	})
	mux.HandleFunc("/named", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Disposition", `attachment; filename="../../orte.csv"`)
		fmt.Fprint(w, "lon;lat\n8,3;51,9\n")
	})
	mux.HandleFunc("/once", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ok.geojson", http.StatusFound) })
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "file:///etc/passwd")
		w.WriteHeader(http.StatusFound)
	})
	mux.HandleFunc("/500", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<!doctype html><title>Anmeldung</title>") })
	mux.HandleFunc("/empty.geojson", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/silent", func(http.ResponseWriter, *http.Request) { <-hang })
	mux.HandleFunc("/stalled", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, strings.Repeat(" ", 5000)+before)
		w.(http.Flusher).Flush()
		<-hang
	})
	mux.HandleFunc("/short", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100000")
		fmt.Fprint(w, before)
	})
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(func() { close(hang); s.Close() })
	return s.URL
}

func TestFetch(t *testing.T) {
	base := server(t)
	o := Options{AllowPrivate: true, FirstByte: 300 * time.Millisecond, StallAfter: 300 * time.Millisecond, MaxSize: 10 << 20}
	for _, c := range []struct {
		path, key string
		good      int
		change    func(*Options)
	}{
		{path: "/ok.geojson", good: 3},
		{path: "/once", good: 3},
		{path: "/named", good: 1},
		{path: "/ok.geojson?login=1", key: "ingest.source_locked"},
		{path: "/ok.geojson", key: "ingest.not_modified", change: func(o *Options) { o.NoneMatch = `"v1"` }},
		{path: "/ok.geojson", key: "ingest.private_address", change: func(o *Options) { o.AllowPrivate = false }},
		{path: "/loop", key: "ingest.too_many_redirects"},
		{path: "/file", key: "ingest.unknown_scheme"},
		{path: "/500", key: "ingest.source_status"},
		{path: "/404", key: "ingest.source_missing"},
		{path: "/page", key: "ingest.web_page"},
		{path: "/empty.geojson", key: "ingest.empty_file"},
		{path: "/silent", key: "ingest.source_silent"},
		{path: "/stalled", key: "ingest.source_stalled"},
		{path: "/short", key: "ingest.source_broke_off"},
		{path: "/endless", key: "ingest.source_too_large"},
	} {
		t.Run(c.path+" "+c.key, func(t *testing.T) {
			o := o
			if c.change != nil {
				c.change(&o)
			}
			got := readSource(t, base+c.path, o)
			if c.key == "" {
				if got.fatal != nil || got.good != c.good || len(got.rows) > 0 {
					t.Errorf("%+v, want %d good", got, c.good)
				}
				return
			}
			checkWhole(t, got, c.key, 0, 0, 0)
			if NotModified(got.fatal) != (c.key == "ingest.not_modified") {
				t.Error("NotModified is wrong")
			}
		})
	}
}

func TestFetchRefuses(t *testing.T) {
	for address, key := range map[string]string{
		"http://localhost:1/x":          "ingest.private_address",
		"http://127.0.0.1/x":            "ingest.private_address",
		"http://[::1]/x":                "ingest.private_address",
		"http://[::ffff:10.0.0.1]/x":    "ingest.private_address",
		"http://169.254.169.254/latest": "ingest.private_address",
		"http://2130706433/x":           "ingest.source_away",
		"http:///x":                     "ingest.bad_url",
		"ftp://example.org/x":           "ingest.unknown_scheme",
		"WFS:http://127.0.0.1:1/wfs":    "ingest.private_address",
		"WFS:file:///etc/passwd":        "ingest.bad_url",
	} {
		if got := keyOf(readSource(t, address, Options{Connect: time.Second}).fatal); got != key && !(key == "ingest.source_away" && got == "ingest.private_address") {
			t.Errorf("%s: %s, want %s", address, got, key)
		}
	}
}

func TestIsPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "2a00:1450:4001:81b::200e": true, "193.0.6.139": true,
		"0.0.0.0": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "127.9.9.9": false, "169.254.169.254": false,
		"100.64.0.1": false, "192.0.0.8": false, "198.18.0.1": false, "224.0.0.1": false, "255.255.255.255": false, "240.0.0.1": false,
		"::": false, "::1": false, "fe80::1%eth0": false, "fd00::1": false, "::ffff:127.0.0.1": false, "::ffff:8.8.8.8": true,
		"::127.0.0.1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "2001:db8::1": false, "ff02::1": false,
	} {
		if got := isPublic(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

// TestSecretsStayOut holds errors and names free of what a URL may hide.
func TestSecretsStayOut(t *testing.T) {
	u, err := url.Parse(server(t) + "/500?token=GEHEIM#GEHEIM")
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("GEHEIM", "GEHEIM")
	for _, address := range []string{u.String(), strings.Replace(u.String(), u.Host, "nirgends.invalid", 1), "WFS:" + u.String(), "http://GEHEIM:GEHEIM@[::1/x"} {
		_, err := Open(t.Context(), address, Options{AllowPrivate: true, SpoolDir: t.TempDir()})
		if err == nil {
			t.Fatal("no error")
		}
		if strings.Contains(err.Error(), "GEHEIM") || strings.Contains(sourceName(address), "GEHEIM") {
			t.Errorf("%s\n%s", err, sourceName(address))
		}
	}
	if got := sourceName("/srv/stadt/orte.csv"); got != "orte.csv" {
		t.Error(got)
	}
}

func TestCancelledFetch(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := Open(ctx, server(t)+"/stalled", Options{AllowPrivate: true, SpoolDir: t.TempDir()})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// TestSweep removes the spool of a program that is gone and no other.
func TestSweep(t *testing.T) {
	parent := t.TempDir()
	alive, err := newSpool(parent, 1)
	if err != nil {
		t.Fatal(err)
	}
	dead := filepath.Join(parent, spoolPrefix+"dead")
	other := filepath.Join(parent, "etwas-anderes")
	if err := errors.Join(os.Mkdir(dead, 0o700), os.WriteFile(filepath.Join(dead, ".lock"), nil, 0o600), os.Mkdir(other, 0o700)); err != nil {
		t.Fatal(err)
	}
	next, err := newSpool(parent, 1)
	if err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]bool{alive.dir: true, next.dir: true, other: true, dead: false} {
		if _, err := os.Stat(dir); (err == nil) != want {
			t.Errorf("%s: %v, want it there: %v", dir, err, want)
		}
	}
	if err := errors.Join(alive.close(), next.close()); err != nil {
		t.Error(err)
	}
}

// TestProxyAsksForTheSecret keeps other users of the machine out of GDAL's proxy.
func TestProxyAsksForTheSecret(t *testing.T) {
	p, err := startProxy(Options{AllowPrivate: true}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for user, status := range map[*url.Userinfo]int{nil: http.StatusProxyAuthRequired, url.UserPassword("ortsnah", "x"): http.StatusProxyAuthRequired,
		url.UserPassword("ortsnah", p.secret): http.StatusInternalServerError} {
		client := http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: p.address, User: user})}}
		resp, err := client.Get(server(t) + "/500")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != status {
			t.Errorf("%v: %d, want %d", user, resp.StatusCode, status)
		}
	}
}

// wfs is a service of one feature type, as GDAL asks it.
func wfs(t *testing.T) string {
	t.Helper()
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := map[string]string{}
		for name, v := range r.URL.Query() {
			q[strings.ToLower(name)] = v[0]
		}
		w.Header().Set("Content-Type", "text/xml")
		switch q["request"] {
		case "GetCapabilities":
			fmt.Fprintf(w, `<wfs:WFS_Capabilities version="1.1.0" xmlns:wfs="http://www.opengis.net/wfs" xmlns:ows="http://www.opengis.net/ows" xmlns:o="http://o">
<ows:OperationsMetadata><ows:Operation name="GetFeature"><ows:DCP><ows:HTTP><ows:Get xlink:href="%s" xmlns:xlink="http://www.w3.org/1999/xlink"/></ows:HTTP></ows:DCP></ows:Operation></ows:OperationsMetadata>
<wfs:FeatureTypeList><wfs:FeatureType><wfs:Name>o:orte</wfs:Name><wfs:DefaultSRS>urn:ogc:def:crs:EPSG::25832</wfs:DefaultSRS></wfs:FeatureType></wfs:FeatureTypeList></wfs:WFS_Capabilities>`, s.URL+"/?")
		case "DescribeFeatureType":
			fmt.Fprint(w, `<xs:schema targetNamespace="http://o" xmlns:o="http://o" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:gml="http://www.opengis.net/gml" elementFormDefault="qualified"><xs:import namespace="http://www.opengis.net/gml"/>
<xs:element name="orte" type="o:orteType" substitutionGroup="gml:_Feature"/><xs:complexType name="orteType"><xs:complexContent><xs:extension base="gml:AbstractFeatureType"><xs:sequence>
<xs:element name="name" type="xs:string"/><xs:element name="geom" type="gml:PointPropertyType"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType></xs:schema>`)
		default:
			fmt.Fprint(w, `<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" xmlns:gml="http://www.opengis.net/gml" xmlns:o="http://o" numberOfFeatures="1"><gml:featureMembers>
<o:orte gml:id="orte.1"><o:name>Rathaus</o:name><o:geom><gml:Point srsName="urn:ogc:def:crs:EPSG::25832"><gml:pos>450000 5750000</gml:pos></gml:Point></o:geom></o:orte></gml:featureMembers></wfs:FeatureCollection>`)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestReadWFS(t *testing.T) {
	address := wfs(t)
	checkLines(t, recordLines(t, "WFS:"+address, Options{AllowPrivate: true}),
		` | POINT(450000 5750000) | gml_id="orte.1" name="Rathaus" | 25832`)
	checkLines(t, recordLines(t, address+"/?service=WFS", Options{AllowPrivate: true, Format: "wfs"}),
		` | POINT(450000 5750000) | gml_id="orte.1" name="Rathaus" | 25832`)
	if got := readSource(t, "WFS:"+address, Options{}); ortsnah.KindOf(got.fatal) != ortsnah.Forbidden {
		t.Errorf("private address: %+v", got)
	}
}
