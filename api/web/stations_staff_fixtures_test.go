package web

import (
	"fmt"
	"time"
)

// stationPaths are the pages of the stations' plan in all their states.
func stationPaths() []string {
	return []string{"/dienst/stationen", "/dienst/stationen?leer=1", "/dienst/stationen?lesen=1", "/dienst/stationen/standzeit", "/dienst/stationen/standzeit?frage=1", "/dienst/stationen/standzeit?gut=1",
		"/dienst/stationen?schliessen=1", "/dienst/stationen/standzeit/tag", "/dienst/stationen/standzeit/tag?vorbei=1", "/dienst/stationen/standzeit/tag?vorbei=1&gezaehlt=1&lesen=1", "/dienst/stationen/standzeit/tag?abgesagt=1", "/dienst/stationen/standzeit/tag?lesen=1", "/dienst/stationen/halte", "/dienst/stationen/halte?leer=1",
		"/dienst/stationen/halt", "/dienst/stationen/halt?neu=1", "/dienst/stationen/halt?lesen=1", "/dienst/stationen/fuhrpark", "/dienst/stationen/fuhrpark?leer=1", "/dienst/stationen/fuhrpark?lesen=1",
		"/dienst/stationen/station", "/dienst/stationen/station?neu=1", "/dienst/stationen/station?lesen=1", "/dienst/stationen/koffer", "/dienst/stationen/koffer?neu=1"}
}

// fixtureStations is a page below /dienst/stationen; nil when there is none.
func fixtureStations(path string, query map[string][]string) Page {
	on := func(name string) bool { return len(query[name]) > 0 }
	frame := func(tab string) StationFrame { return StationFrame{Tab: tab, Edit: !on("lesen")} }
	bounds := StationMap{Bounds: [4]float64{centreLon - 0.096, centreLat - 0.063, centreLon + 0.096, centreLat + 0.063}, DistrictsURL: "/ogc/collections/districts/items?f=json"}
	switch path {
	case "stationen":
		p := fixtureStationWeek(frame("week"), bounds, on("leer"))
		if on("schliessen") {
			p.CloseDay, p.CloseDE = "2026-11-26", "Personalversammlung"
			p.Confirm = &StationConfirm{Path: "/dienst/stationen/schliesstag", Fields: []FormField{{"trotzdem", "1"}}, Off: []StationBlock{fixtureBlock(3, 26, 9, false), fixtureBlock(4, 26, 8, false)}}
		}
		return p
	case "stationen/standzeit":
		return fixtureStationForm(frame("week"), on("frage"), on("gut"))
	case "stationen/standzeit/tag":
		p := StationVisit{StationFrame: frame("week"), Heading: "Rathausmobil – Bürgerhaus Avenwedde", Pattern: "mobil-avenwedde", Revision: 3, Day: "2026-11-26", Block: fixtureBlock(3, 26, 9, false),
			Address: "Marktweg 4", StopPath: "/dienst/stationen/halt", StationPath: "/dienst/stationen/station", Services: []Link{{Text: "Reisepass beantragen", Path: "/anliegen/reisepass"}},
			Along: []string{"Demo: Fingerabdruck-Koffer"}, Note: "Demo", Recurs: "jede Woche Donnerstag", First: at(1, 12, 0), Last: at(30, 12, 0), Announced: true, WeekPath: "/dienst/stationen",
			ChangePath: "/dienst/stationen/standzeit", EndDay: "2026-11-26", Findings: fixtureStationFindings()[:1]}
		if on("vorbei") {
			p.Begun, p.Findings, p.Count = true, nil, StationCount{Most: 999}
			if on("gezaehlt") {
				p.Count = StationCount{Appointments: 12, NoShows: 1, Booked: true, WalkIns: 7, Walked: true, Seen: "7", Typed: "7", Most: 999}
			}
		} else if on("abgesagt") {
			p.Block.Cancelled, p.Block.Reason, p.Findings = true, "Fahrzeug in der Werkstatt", nil
		} else {
			p.Confirm = &StationConfirm{Path: "/dienst/stationen/standzeit/absagen", Lost: []Stranded{{ID: "K7M42Q9X", Reference: "K7M4 2Q9X", Start: at(26, 9, 0), End: at(26, 9, 10)}}}
		}
		return p
	case "stationen/halte":
		return fixtureStationStops(frame("stops"), bounds, on("leer"))
	case "stationen/halt":
		p := StationStop{StationFrame: frame("stops"), Map: bounds, Network: []Option{{"", "nicht bekannt", false}, {"fibre", "Glasfaser", true}}}
		if !on("neu") {
			p.ID, p.Revision, p.NameDE, p.NameEN, p.Address, p.Lon, p.Lat = "stop-1", 2, "Dorfgemeinschaftshaus Isselhorst", "Isselhorst village hall", "Marktweg 4", "8.4251", "51.9482"
			p.StepFree, p.Power, p.District, p.Note, p.Retired, p.Outside = true, true, "Isselhorst", "Schlüssel beim Hausmeister", true, true
			p.Photo, p.Alt, p.AltDE = "/stationen/foto/stop-1/0.jpg", "Eingang des Hauses mit Rampe", "Eingang des Hauses mit Rampe"
		}
		return p
	case "stationen/fuhrpark":
		return fixtureFleet(frame("fleet"), on("leer"))
	case "stationen/station":
		states := []Option{{"planned", "geplant", false}, {"present", "vorhanden", false}, {"checked", "geprüft", true}}
		p := StationStation{StationFrame: frame("fleet"), Kinds: []Option{{"vehicle", "Fahrzeug", true}, {"kit", "Koffer", false}}, Staff: "2"}
		if !on("neu") {
			p.ID, p.Revision, p.NameDE, p.NameEN, p.NeedsPower, p.Note = "mobil", 4, "Rathausmobil", "Town hall van", true, "Demo"
			p.Devices = []StationDeviceForm{{0, "laptop", "Rechner mit gesicherter Leitung", "Computer", states, "2026-11-20"}, {1, "printer", "Drucker", "Printer", states, ""}}
		}
		p.Devices = append(p.Devices, StationDeviceForm{N: len(p.Devices), States: states})
		return p
	case "stationen/koffer":
		p := StationKit{StationFrame: frame("fleet"), Kinds: []Option{{"case", "Gerätekoffer", true}, {"vehicle", "Fahrzeug", false}}, Devices: []Option{{"printer", "Drucker", true}, {"laptop", "Rechner", false}}}
		if !on("neu") {
			p.ID, p.Revision, p.NameDE = "koffer", 1, "Fingerabdruck-Koffer"
		}
		return p
	}
	return nil
}

func fixtureBlock(number, day, hour int, cancelled bool) StationBlock {
	b := StationBlock{Path: fmt.Sprintf("/dienst/stationen/standzeit/tag?muster=m%d&tag=2026-11-%d", number, day), Start: at(day, hour, 0), End: at(day, hour+3, 30), Station: "Rathausmobil",
		Stop: fixtureStopNames()[number-1], Number: number, X: fmt.Sprintf("%.1f", float64(hour-7)*1000/12), Width: "291.7", Cancelled: cancelled}
	if cancelled {
		b.Reason = "Fahrzeug in der Werkstatt"
	} else if number%2 == 1 {
		b.Appointments, b.Odd = 12, number%3
	}
	return b
}

func fixtureStationFindings() []StationFinding {
	return []StationFinding{{Text: "Rathauskoffer, Dienstag, 24. November, 9:00 bis 12:30 Uhr, Gemeindehaus Spexard: Für Reisepass beantragen, Personalausweis beantragen und 3 weitere fehlt: Fingerabdruckleser, Kartenzahlung.",
		Path: "/dienst/stationen/standzeit/tag?muster=m2", Grave: true},
		{Text: "Rathausmobil, Donnerstag, 26. November, 14:00 bis 17:30 Uhr, Stadtbibliothek: Noch niemand hat dort Zeit freigegeben.", Path: "/dienst/stationen/standzeit/tag?muster=m1"}}
}

func fixtureStationWeek(frame StationFrame, bounds StationMap, empty bool) StationWeek {
	p := StationWeek{StationFrame: frame, Week: at(23, 12, 0), End: at(29, 0, 0), Day: "2026-11-23", Map: bounds,
		WeekPath: [3]string{"/dienst/stationen?tag=2026-11-16", "/dienst/stationen", "/dienst/stationen?tag=2026-11-30"}}
	if empty {
		p.Beyond = true
		return p
	}
	for i, reason := range []string{"Feiertage in Nordrhein-Westfalen, Heiligabend und Silvester", "Feiertage in Nordrhein-Westfalen, Heiligabend und Silvester", "Personalversammlung"} {
		p.ClosedDays = append(p.ClosedDays, StationClosed{At: at(27+i, 12, 0), Day: fmt.Sprintf("2026-11-%d", 27+i), Reason: reason})
	}
	p.Notice, p.Findings = Notice{Text: "Die Standzeit ist geplant und für alle sichtbar."}, fixtureStationFindings()
	for i := range 6 {
		d := StationDay{At: at(23+i, 12, 0), Short: []string{"Mo", "Di", "Mi", "Do", "Fr", "Sa"}[i] + fmt.Sprintf(" %d.11.", 23+i), Today: i == 1}
		if i == 4 {
			d.Closed = "Feiertage in Nordrhein-Westfalen, Heiligabend und Silvester"
		}
		p.Days = append(p.Days, d)
	}
	for n, name := range []string{"Demo: Rathausmobil", "Demo: Rathauskoffer"} {
		row := StationRow{Name: name, Kind: []string{"vehicle", "kit"}[n], Path: "/dienst/stationen/station"}
		for i, d := range p.Days {
			cell := StationCell{At: d.At, Today: d.Today, Closed: d.Closed}
			if d.Closed == "" && (i+n)%3 != 2 {
				cell.Blocks = append(cell.Blocks, fixtureBlock(1+(i+3*n)%8, 23+i, 8, i == 3))
				if i%2 == 0 {
					cell.Blocks = append(cell.Blocks, fixtureBlock(1+(i+4*n)%8, 23+i, 14, false))
				}
			}
			if i == 0 {
				for n := range cell.Blocks {
					cell.Blocks[n].Past, cell.Blocks[n].Came = true, []string{"8 mit, 4 ohne Termin", "12 mit Termin, ohne Termin nicht gezählt"}[n%2]
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		p.Rows = append(p.Rows, row)
	}
	for i, name := range fixtureStopNames()[:8] {
		lon, lat := around(float64(i)*0.8, 0.6)
		p.Stops = append(p.Stops, StationStopWeek{Number: i + 1, Name: name, Address: fmt.Sprintf("Demo: Marktweg %d", i*3+1), Path: "/dienst/stationen/halt", Lon: lon, Lat: lat,
			Blocks: []StationBlock{fixtureBlock(i+1, 23+i%5, 8, i == 3)}})
	}
	return p
}

func fixtureStationForm(frame StationFrame, question, fine bool) StationForm {
	p := StationForm{StationFrame: frame, Back: "/dienst/stationen", Stations: []Option{{"mobil", "Demo: Rathausmobil", true}}, Stops: fixtureOptions(), First: "2026-11-26", Opens: "09:00", Closes: "12:30",
		Kinds: []Option{{"woche", "regelmäßig", true}, {"einmal", "nur an diesem Tag", false}}, Every: []Option{{"1", "jede Woche", true}, {"2", "alle 2 Wochen", false}},
		Ends: []Option{{"offen", "kein Ende", true}, {"bis", "bis zu einem Tag", false}}, Kits: []Option{{"k", "Demo: Fingerabdruck-Koffer", false}}}
	for i, d := range []string{"Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"} {
		p.Weekdays = append(p.Weekdays, Option{Value: d[:2], Label: d, On: i == 3})
	}
	for _, s := range fixtureServices("de")[:12] {
		p.Services = append(p.Services, Option{Value: s.ID, Label: s.Name, On: s.Minutes == 10})
	}
	if question || fine {
		p.Heading, p.Pattern, p.Revision, p.Appointments = "Standzeit ändern", "m1", 2, 14
		p.Confirm = &StationConfirm{Path: "/dienst/stationen/standzeit", Fields: []FormField{{"muster", "m1"}, {"trotzdem", "1"}}, Asked: fine,
			Next: []Period{{at(26, 9, 0), at(26, 12, 30)}, {at(26, 9, 0).AddDate(0, 0, 7), at(26, 12, 30).AddDate(0, 0, 7)}}}
	}
	if question {
		p.Confirm.Lost = []Stranded{{ID: "K7M42Q9X", Reference: "K7M4 2Q9X", Start: at(26, 9, 0), End: at(26, 9, 10)}, {ID: "X", Reference: "X7M4 2Q9X", Start: at(26, 10, 0), End: at(26, 10, 10)}}
		p.Confirm.Findings, p.Confirm.Skipped = fixtureStationFindings()[:1], []time.Time{at(25, 12, 0)}
	}
	return p
}

func fixtureStationStops(frame StationFrame, bounds StationMap, empty bool) StationStops {
	p := StationStops{StationFrame: frame, Map: bounds}
	if empty {
		return p
	}
	for i, name := range fixtureStopNames() {
		lon, lat := around(float64(i)*0.8, 0.6)
		row := StationStopRow{Number: i + 1, Name: name, Address: fmt.Sprintf("Demo: Marktweg %d", i*3+1), District: districtNames()[i], Facts: []string{"stufenlos", "Strom", "Parkplatz", "Glasfaser"},
			Path: "/dienst/stationen/halt", Lon: lon, Lat: lat, Retired: i == 8}
		if i < 6 {
			row.Next = at(24+i, 9, 0)
		}
		p.Stops = append(p.Stops, row)
	}
	return p
}

func fixtureFleet(frame StationFrame, empty bool) StationFleet {
	p := StationFleet{StationFrame: frame}
	if empty {
		return p
	}
	devices := []StationDevice{{"laptop", "Rechner mit gesicherter Leitung", "checked", at(20, 12, 0)}, {"printer", "Drucker", "present", time.Time{}}, {"payment", "Kartenzahlung", "planned", time.Time{}}}
	p.Stations = []StationCard{{Name: "Demo: Rathausmobil", Kind: "vehicle", Staff: 2, Path: "/dienst/stationen/station", NeedsPower: true, Note: "Demo", Equipment: devices,
		Lacks: []StationLack{{"Reisepass beantragen", "Kartenzahlung", "Drucker"}, {"Ummeldung", "", "Drucker"}}}, {Name: "Demo: Rathauskoffer", Kind: "kit", Staff: 1, Path: "/dienst/stationen/station", Retired: true}}
	p.Kits = []StationKitRow{{Name: "Demo: Fingerabdruck-Koffer", Kind: "case", Devices: "Fingerabdruckleser", Path: "/dienst/stationen/koffer", Next: at(26, 9, 0), At: "Stadtbibliothek"}, {Name: "Demo: Anhänger", Kind: "vehicle", Path: "/dienst/stationen/koffer", Retired: true}}
	p.Needs = []StationNeed{{Service: "Reisepass beantragen", ID: "reisepass", Names: "Fingerabdruckleser, Drucker", Devices: []Option{{"printer", "Drucker", true}, {"laptop", "Rechner", false}}}, {Service: "Ummeldung", ID: "ummeldung"}}
	return p
}
