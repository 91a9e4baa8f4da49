package web

import (
	"html/template"
	"net/url"
)

// nearPaths are the citizens' pages of stations in all their states.
func nearPaths() []string {
	return []string{"/stationen", "/stationen?nah=1", "/stationen?nah=leer", "/stationen?wahl=1", "/stationen?fehler=1", "/stationen/stop-1", "/stationen/stop-1?leer=1"}
}

func fixtureStationsPage(stop, lang string, query url.Values) Page {
	items := "/ogc/collections/construction-sites/items?f=json"
	ground := StopMap{Bounds: [4]float64{centreLon - 0.096, centreLat - 0.063, centreLon + 0.096, centreLat + 0.063}, SitesURL: items}
	calendar := func(path string) Subscription {
		return Subscription{Open: template.URL("webcal://ortsnah.example/stationen" + path), URL: "https://ortsnah.example/stationen" + path, Path: "/stationen" + path}
	}
	stops, visits := fixtureStops(lang), fixtureVisits(lang)
	if stop != "" {
		p := StopPage{Stop: stops[1], State: "Zurzeit ist hier keine Standzeit geplant.", BookPath: "/termin", Calendar: calendar("/" + stop + "/termine.ics"), Map: ground, MapPath: "/karte?auswahl=stops/stop-1"}
		p.Stop.Visits = nil
		if !query.Has("leer") {
			p.Stop.Visits, p.State, p.Open, p.Parking = visits[:5], "Jetzt geöffnet bis 12:30 Uhr.", true, true
			p.Habits, p.Sites = []string{"jeden Montag, 09:30 bis 12:00 Uhr", "alle 2 Wochen am Donnerstag, 14:00 bis 17:00 Uhr"}, fixtureSites(lang)[:2]
			p.Photo, p.Alt = "/stationen/foto/stop-1/0.jpg", "Eingang des Hauses mit Rampe"
			p.ItemURL, p.Datasets = "/ogc/collections/stops/items/stop-1?f=json", []Link{{Text: "Standzeiten", Path: "/daten/visits"}}
		}
		return p
	}
	p := Stations{Visits: visits, Districts: fixtureOptions(), DatasetID: "visits", Calendar: calendar("/termine.ics"), Map: ground,
		Services: []Option{{Value: "reisepass", Label: "Reisepass beantragen", On: true}},
		Modes:    []Option{{"", "zu Fuß", false}, {"rad", "mit dem Rad", true}}, Whens: []Option{{"", "so bald wie möglich", true}, {"heute", "heute", false}},
		Keep: []BookingField{{Name: "mit", Value: "rad"}}, ResetPath: "/stationen?mit=rad"}
	switch {
	case query.Has("wahl"):
		p.Address, p.Choices = "Lindenweg 1", []string{"Lindenweg 1, Ost", "Lindenweg 1, West"}
	case query.Has("fehler"):
		p.Address, p.Error = "Geheimweg 7", "Diese Adresse haben wir nicht gefunden."
	case query.Get("nah") == "leer":
		p.Here = "Ihrem Standort"
		p.Near = &NearStations{None: "Jetzt ist keine Station geöffnet, die Sie rechtzeitig erreichen.", WiderPath: "/stationen?mit=rad", Basis: "Der Weg ist aus der Luftlinie geschätzt.", Unreachable: []Link{{Text: "Insel", Path: "/stationen/insel"}}}
	case query.Has("nah"):
		p.Address, p.Here, p.Lon, p.Lat = "Berliner Straße 70", "Berliner Straße 70", centreLon, centreLat
		p.Near = &NearStations{Basis: "Der Weg führt über das Straßennetz, mit den Baustellen am Tag der Standzeit.", Attribution: "© OpenStreetMap-Mitwirkende (ODbL)"}
		for i := range 3 {
			n := NearStop{Number: i + 1, Stop: stops[i], Visit: visits[i], Open: i == 0, Sentence: "Jetzt geöffnet, 12 Minuten mit dem Rad, bis 12:30 Uhr.", Path: "/stationen/stop-1", BookPath: "/termin"}
			if i == 1 {
				n.Arrival, n.Roadworks, n.Cancelled = "Wenn Sie um 09:17 Uhr aufbrechen, sind Sie zur Öffnung dort.", "Wegen Baustellen dauert der Weg 2 Minuten länger.", visits[2:3]
			}
			p.Near.Stops = append(p.Near.Stops, n)
		}
	}
	return p
}
