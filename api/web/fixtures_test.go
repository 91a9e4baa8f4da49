package web

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// The fixtures are a town of about the real size: 14 districts, 40 construction
// sites, 9 stops, 60 services. Texts are as long as real ones.

var berlin = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}()

func at(day, hour, minute int) time.Time {
	return time.Date(2026, time.November, day, hour, minute, 0, 0, berlin)
}

const centreLon, centreLat = 8.3833, 51.9045

func districtNames() []string {
	return []string{"Innenstadt", "Kattenstroth", "Sundern", "Nordhorn", "Pavenstädt", "Blankenhagen", "Avenwedde-Bahnhof", "Avenwedde-Mitte", "Friedrichsdorf", "Isselhorst", "Ebbesloh", "Hollen", "Niehorst", "Spexard"}
}

// around is a point at an angle and a share of the town's radius.
func around(angle, share float64) (lon, lat float64) {
	return centreLon + 0.095*share*math.Cos(angle), centreLat + 0.062*share*math.Sin(angle)
}

func fixtureSites(lang string) []Site {
	streets := []string{"Berliner Straße", "Carl-Bertelsmann-Straße", "Verler Straße", "Kahlertstraße", "Neuenkirchener Straße", "Isselhorster Straße", "Brockhäger Straße", "Friedrich-Ebert-Straße"}
	reasons := []string{"Kanalbau", "Glasfaser", "Fernwärme", "Fahrbahndecke", "Gasleitung", "Brückensanierung"}
	impacts := []string{"full", "partial", "none"}
	detour := "Über Brockhäger Straße und Nordring, ausgeschildert mit U12."
	text := "Der Kanal wird in offener Bauweise erneuert. Anliegerinnen und Anlieger erreichen ihre Grundstücke bis zur Baugrube."
	if lang == "en" {
		detour, text = "Via Brockhäger Straße and Nordring, signposted as U12.", "The sewer is renewed in an open trench. Residents can reach their plots up to the trench."
	}
	var sites []Site
	for i := range 40 {
		lon, lat := around(float64(i)*2.4, 0.2+0.7*float64(i%7)/7)
		impact := impacts[i%3]
		status := []string{"running", "running", "planned", "finished"}[i%4]
		if i == 5 {
			status = "cancelled"
		}
		s := Site{
			ID: fmt.Sprintf("site-%02d", i), Title: "Demo: " + reasons[i%6] + ", " + streets[i%8], Street: streets[i%8] + " 12 bis 48",
			District: districtNames()[i%14], Start: at(1+i%20, 0, 0), End: at(1+i%20, 0, 0).AddDate(0, 0, 3+i*2), Status: status,
			Reason: reasons[i%6], Impact: impact, Description: text, Responsible: "Stadt Gütersloh (Demo)", StepFree: []string{Yes, No, Unknown}[i%3],
			Lon: lon, Lat: lat, Updated: at(20, 7, 30),
			Modes: []Mode{{"car", impact}, {"bike", impacts[(i+1)%3]}, {"foot", "none"}, {"bus", impact}, {"emergency", "none"}, {"heavy", impact}},
		}
		if impact == "full" {
			s.Detour = detour
		}
		sites = append(sites, s)
	}
	return sites
}

func fixtureVisits(lang string) []Visit {
	services := fixtureServices(lang)
	stops := fixtureStopNames()
	var visits []Visit
	for i := range 18 {
		stop := i % len(stops)
		lon, lat := around(float64(stop)*0.8, 0.6)
		v := Visit{
			ID: fmt.Sprintf("visit-%d", i), StopID: fmt.Sprintf("stop-%d", stop), Station: "Rathausmobil 1 (Demo)", Stop: stops[stop],
			Address: fmt.Sprintf("Demo: Marktweg %d", stop*3+1), District: districtNames()[stop], Start: at(23+i/3, 8+2*(i%3), 0), End: at(23+i/3, 12+i%3, 30),
			StepFree: []string{Yes, Yes, No, Unknown}[i%4], Lon: lon, Lat: lat, Cancelled: i == 2,
		}
		if i == 2 {
			v.Note = map[string]string{"de": "Fahrzeug in der Werkstatt. Nächster Halt am 30. November.", "en": "Vehicle in repair. Next visit on 30 November."}[lang]
		}
		for _, s := range services[:6+i%4] {
			v.Services = append(v.Services, Link{Text: s.Name, Path: "/anliegen/" + s.ID})
		}
		visits = append(visits, v)
	}
	return visits
}

func fixtureStopNames() []string {
	return []string{"Stadtbibliothek", "Dorfgemeinschaftshaus Isselhorst", "Bürgerhaus Avenwedde", "Marktplatz Friedrichsdorf", "Gemeindehaus Spexard", "Nachbarschaftszentrum Blankenhagen", "Haus der Begegnung Pavenstädt", "Sporthalle Sundern", "Feuerwehrhaus Niehorst"}
}

func fixtureStops(lang string) []Stop {
	var stops []Stop
	visits := fixtureVisits(lang)
	for i, name := range fixtureStopNames() {
		lon, lat := around(float64(i)*0.8, 0.6)
		stop := Stop{ID: fmt.Sprintf("stop-%d", i), Name: name, Address: fmt.Sprintf("Demo: Marktweg %d", i*3+1), District: districtNames()[i], StepFree: Yes, Lon: lon, Lat: lat}
		for _, v := range visits {
			if v.StopID == stop.ID {
				stop.Visits = append(stop.Visits, v)
			}
		}
		stops = append(stops, stop)
	}
	stops[8].Visits = nil
	return stops
}

func fixtureServices(lang string) []Service {
	type s = Service
	de := []s{
		{"reisepass", "Reisepass beantragen", "Einen Reisepass für Erwachsene oder Kinder beantragen oder verlängern.", 10, []string{"counter", "mobile"}, false},
		{"personalausweis", "Personalausweis beantragen", "Einen neuen Personalausweis beantragen, zum Beispiel weil der alte abläuft.", 10, []string{"counter", "mobile"}, false},
		{"ummeldung", "Wohnung ummelden", "Den Umzug innerhalb der Stadt oder aus einer anderen Gemeinde melden.", 15, []string{"counter", "online", "mobile"}, false},
		{"fuehrungszeugnis", "Führungszeugnis beantragen", "Ein Führungszeugnis für Arbeit oder Ehrenamt beantragen.", 10, []string{"counter", "online", "mobile"}, false},
		{"rentenberatung", "Rentenberatung", "Beratung zu Rente, Kontenklärung und Anträgen.", 60, []string{"counter", "phone", "video"}, false},
		{"aufenthaltstitel", "Aufenthaltstitel verlängern", "Eine Aufenthaltserlaubnis verlängern oder einen anderen Aufenthaltstitel beantragen.", 30, []string{"counter"}, false},
		{"bauberatung", "Bauberatung", "Fragen zu Bauvorhaben, Genehmigungen und Abständen klären.", 45, []string{"counter", "phone", "video"}, false},
		{"kinderschutz", "Kind in Gefahr", "Wenn Sie sich um ein Kind sorgen, sind wir sofort da.", 0, []string{"counter", "phone"}, true},
		{"wohngeld", "Wohngeld beantragen", "Zuschuss zur Miete oder zur Belastung des eigenen Hauses.", 30, []string{"counter", "online", "mobile"}, false},
		{"hundesteuer", "Hund anmelden", "Einen Hund zur Hundesteuer anmelden oder abmelden.", 10, []string{"counter", "online", "mobile"}, false},
	}
	en := []string{"Apply for a passport", "Apply for an identity card", "Report a change of address", "Apply for a certificate of conduct", "Pension advice", "Extend a residence permit", "Building advice", "Child in danger", "Apply for housing benefit", "Register a dog"}
	var out []Service
	for i := range 60 {
		v := de[i%len(de)]
		if lang == "en" {
			v.Name, v.Summary = en[i%len(en)], "What you need to know about it in one or two plain sentences."
		}
		if i >= len(de) {
			v.ID = fmt.Sprintf("%s-%d", v.ID, i)
			v.Name = fmt.Sprintf("%s (%d)", v.Name, i)
		}
		out = append(out, v)
	}
	return out
}

func fixtureDatasets() []Dataset {
	kinds := []struct{ id, title, text, theme string }{
		{"construction-sites", "Baustellen", "Baustellen mit Zeitraum, Sperrungen nach Verkehrsmittel und Umleitungen.", "Verkehr"},
		{"districts", "Stadtteile", "Grenzen der Stadtteile, aus Haltestellennamen abgeleitet und angenähert.", "Regionen und Städte"},
		{"stops", "Haltepunkte der Rathausstationen", "Orte, an denen die mobilen Rathausstationen halten.", "Regierung und öffentlicher Sektor"},
		{"visits", "Standzeiten der Rathausstationen", "Wann welche Station an welchem Haltepunkt steht.", "Regierung und öffentlicher Sektor"},
		{"rooms", "Räume im Rathaus", "Räume mit Größe, Stockwerk und Ausstattung.", "Regierung und öffentlicher Sektor"},
		{"services", "Anliegen", "Leistungen der Stadt mit Dauer und Unterlagen.", "Regierung und öffentlicher Sektor"},
		{"municipality", "Stadtgrenze", "Die Grenze der Stadt.", "Regionen und Städte"},
	}
	var out []Dataset
	for i, k := range kinds {
		out = append(out, Dataset{ID: k.id, Title: k.title, Description: k.text, Theme: k.theme, Formats: []string{"GeoJSON", "CSV", "GeoParquet"}, Licence: "CC BY 4.0", Publisher: "Stadt Gütersloh (Demo)", Modified: at(20, 7, 30), Rows: int64(40 + i*1000)})
	}
	return out
}

func fixtureDataset() DatasetPage {
	d := fixtureDatasets()[0]
	return DatasetPage{
		Dataset: d, LicenceURL: "https://creativecommons.org/licenses/by/4.0/", Contact: Link{Text: "Geoinformation (Demo)", URL: "mailto:geo@example.org"},
		Issued: at(1, 0, 0), Start: at(1, 0, 0), End: at(30, 0, 0), Periodicity: "täglich", Spatial: "Gütersloh", Keywords: []string{"Baustelle", "Sperrung", "Umleitung"}, Demo: true,
		Fields: []Field{
			{Name: "id", Type: "Text", Label: "Kennung", Required: true},
			{Name: "impact", Type: "Text", Label: "Auswirkung", Text: "Stärkste Auswirkung auf ein Verkehrsmittel.", Codes: []Code{{"full", "gesperrt"}, {"partial", "eingeschränkt"}, {"none", "frei"}}},
			{Name: "residual_width", Type: "Zahl", Unit: "m", Label: "Restbreite"},
			{Name: "start", Type: "Zeitpunkt", Label: "Beginn", Required: true},
		},
		Distributions: []Distribution{
			{Format: "GeoJSON", MediaType: "application/geo+json", URL: "/datasets/construction-sites/3/construction-sites.geojson", Size: 48213, SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Modified: at(20, 7, 30), Use: "Für Webkarten und QGIS."},
			{Format: "CSV", MediaType: "text/csv", URL: "/datasets/construction-sites/3/construction-sites.csv", Size: 12088, SHA256: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752", Use: "Für Tabellenprogramme."},
			{Format: "GeoParquet", MediaType: "application/vnd.apache.parquet", URL: "/datasets/construction-sites/3/construction-sites.parquet", Size: 23100300, SHA256: "fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13", Use: "Für Auswertungen mit DuckDB, Pandas oder R."},
		},
		Versions: []Version{{Number: 3, Published: at(20, 7, 30), Rows: 40, Added: 2, Removed: 1, Changed: 4, URL: "/datasets/construction-sites/3"}, {Number: 2, Published: at(13, 7, 30), Rows: 39, Added: 1, URL: "/datasets/construction-sites/2"}, {Number: 1, Published: at(1, 7, 30), Rows: 38, Added: 38}},
		Preview:  Preview{ItemsURL: "/ogc/collections/construction-sites/items?limit=1000&f=json", Table: fixtureTable()},
		APIURL:   "/ogc/collections/construction-sites", Metadata: []Link{{Text: "Turtle", URL: "/datasets/construction-sites.ttl"}, {Text: "JSON-LD", URL: "/datasets/construction-sites.jsonld"}},
		Feeds:  []Link{{Text: "Änderungen (Atom)", URL: "/feeds/construction-sites.atom"}, {Text: "WZDx 4.2", URL: "/feeds/wzdx.json"}},
		JSONLD: `{"@context":"https://schema.org/","@type":"Dataset","name":"Baustellen </script>"}`,
	}
}

func fixtureTable() Table {
	t := Table{Columns: []string{"id", "title", "street", "district", "impact", "start", "end", "responsible"}}
	for _, s := range fixtureSites("de")[:10] {
		t.Rows = append(t.Rows, Row{URL: "/ogc/collections/construction-sites/items/" + s.ID, Cells: []string{s.ID, s.Title, s.Street, s.District, s.Impact, s.Start.Format(time.RFC3339), s.End.Format(time.RFC3339), s.Responsible}})
	}
	return t
}

func fixtureDistricts() []District {
	var out []District
	for i, name := range districtNames() {
		d := District{ID: fmt.Sprintf("%02d", i+1), Code: fmt.Sprintf("%02d", i+1), Name: name, Approximate: true, Responsible: []Link{{Text: "Baubezirk B" + fmt.Sprint(1+i%4)}, {Text: "Bürgerbüro", Path: "/anliegen/ummeldung"}}}
		d.Lon, d.Lat = around(float64(i)*math.Pi/7+math.Pi/14, 0.6)
		out = append(out, d)
	}
	return out
}

func fixtureRooms() []RoomSite {
	lon, lat := centreLon, centreLat
	return []RoomSite{{ID: "rathaus", Name: "Rathaus", Address: "Berliner Straße 70, 33330 Gütersloh", StepFree: Yes, Lon: lon, Lat: lat, Rooms: []Room{
		{"Raum 1.01", 1, "1. Etage", Yes, []string{"Bildschirm"}}, {"Raum 1.02", 4, "1. Etage", Yes, []string{"Bildschirm", "Drucker", "Induktionsschleife"}}, {"Großer Besprechungsraum", 12, "2. Etage", No, nil},
	}}}
}

func feature(id string, geometry map[string]any, properties map[string]any) map[string]any {
	return map[string]any{"type": "Feature", "id": id, "geometry": geometry, "properties": properties}
}

// fixtureGeoJSON is a collection of the town as the OGC API would answer.
func fixtureGeoJSON(collection string) []byte {
	var features []any
	ring := func(from, to, inner, outer float64) []any {
		var out []any
		point := func(angle, share float64) {
			lon, lat := around(angle, share)
			out = append(out, []float64{lon, lat})
		}
		for a := from; a <= to+1e-9; a += math.Pi / 28 {
			point(a, outer)
		}
		for a := to; a >= from-1e-9; a -= math.Pi / 28 {
			point(a, inner)
		}
		return append(out, out[0])
	}
	polygon := func(r []any) map[string]any { return map[string]any{"type": "Polygon", "coordinates": []any{r}} }
	switch collection {
	case "municipality":
		features = append(features, feature("05754008", polygon(ring(0, 2*math.Pi, 0, 1)), map[string]any{"name": "Gütersloh"}))
	case "neighbours":
		for i, name := range []string{"Verl", "Bielefeld", "Steinhagen", "Halle (Westf.)", "Harsewinkel", "Herzebrock-Clarholz", "Rheda-Wiedenbrück", "Rietberg"} {
			features = append(features, feature(name, polygon(ring(float64(i)*math.Pi/4, float64(i+1)*math.Pi/4, 1, 1.9)), map[string]any{"name": name}))
		}
	case "districts":
		for i, d := range fixtureDistricts() {
			features = append(features, feature(d.ID, polygon(ring(float64(i)*math.Pi/7, float64(i+1)*math.Pi/7, 0, 1)), map[string]any{"name": d.Name, "code": d.Code}))
		}
	case "construction-sites":
		for i, s := range fixtureSites("de") {
			line := [][]float64{{s.Lon - 0.003, s.Lat - 0.001}, {s.Lon, s.Lat}, {s.Lon + 0.003, s.Lat + 0.0004*float64(i%5)}}
			features = append(features, feature(s.ID, map[string]any{"type": "LineString", "coordinates": line}, map[string]any{"title": s.Title, "impact": s.Impact}))
		}
	default:
		return nil
	}
	raw, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
	if err != nil {
		panic(err)
	}
	return raw
}
