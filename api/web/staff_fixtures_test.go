package web

import "net/http"

// withStaff signs somebody in on the staff's pages of the fixtures.
func withStaff(req *http.Request) *http.Request {
	return req.WithContext(WithStaff(req.Context(), Staff{Name: "Demo Person", Entries: []StaffEntry{
		{"/dienst/tag", "staff.nav.day"}, {"/dienst/buchen", "staff.nav.book"}, {"/dienst/infotheke", "staff.nav.desk"},
		{"/dienst/pforte", "staff.nav.gate"}, {"/dienst/raeume", "staff.nav.rooms"}, {"/dienst/stationen", "staff.nav.stations"}, {"/dienst/berichte", "staff.nav.reports"}, {"/dienst/zustaendigkeit", "staff.nav.jurisdiction"}}}))
}

// staffPaths are the staff's pages in all their states.
func staffPaths() []string {
	return append(append(rulesPaths(), stationPaths()...), "/dienst/tag", "/dienst/tag?leer=1", "/dienst/buchen", "/dienst/buchen?anliegen=reisepass", "/dienst/buchen?anliegen=nichts", "/dienst/termin/K7M42Q9X",
		"/dienst/termin/K7M42Q9X/verschieben", "/dienst/infotheke", "/dienst/infotheke?nummer=K7M42Q9X", "/dienst/pforte", "/dienst/pforte?modus=orientierung",
		"/dienst/anzeige", "/dienst/anzeige?leer=1", "/dienst/berichte", "/dienst/berichte?leer=1")
}

// fixtureStaff is a page of the staff, nil when there is none.
func fixtureStaff(path, lang string, query map[string][]string) Page {
	empty := len(query["leer"]) > 0
	if page := fixtureStations(path, query); page != nil {
		return page
	}
	switch path {
	case "zustaendigkeit":
		return fixtureRules(query)
	case "tag":
		return fixtureStaffDay(empty)
	case "buchen":
		return fixtureBook(lang, query["anliegen"])
	case "termin/K7M42Q9X", "termin/K7M42Q9X/verschieben":
		p := StaffBooked{Notice: Notice{Text: "Der Termin ist gebucht."}, ID: "K7M42Q9X", Reference: "K7M4 2Q9X", Start: at(23, 8, 0), End: at(23, 8, 10), Channel: "counter",
			Place: "Rathaus, Berliner Straße 70", Room: "E1", Persons: 2, Concerns: []string{"Reisepass beantragen"}, Documents: []Document{{"Biometrisches Foto", ""}}, Status: "booked", Movable: true}
		if path != "termin/K7M42Q9X" {
			p.Searched, p.Proposals = true, fixtureProposals()
		}
		return p
	case "infotheke":
		p := StaffDesk{Site: "rathaus", Sites: fixtureOptions()[:2], Waiting: fixtureCalls(), Drawn: &fixtureCalls()[0], Offices: []StaffOffice{{"bb", "Bürgerbüro", 2}, {"so", "Fachbereich Soziales, Wohngeld und Grundsicherung", 0}},
			Exempt: []StaffExempt{{"kind", "Kind in Gefahr", "Jugendamt", "05241 82-0"}}}
		if len(query["nummer"]) > 0 {
			v := fixtureArrival()
			v.Late, p.Found, p.Query = true, &v, "K7M42Q9X"
		}
		return p
	case "pforte":
		return fixtureGate(len(query["modus"]) == 0)
	case "anzeige":
		p := StaffDisplay{At: at(23, 8, 12), Place: "Rathaus"}
		if !empty {
			p.Called = []StaffCall{{Ticket: "B-017", Room: "E1", New: true}, {Ticket: "K7M4 2Q9X", Room: "F1"}}
		}
		return p
	case "berichte":
		p := StaffReports{From: "2026-11-01", To: "2026-11-30", Offices: fixtureOptions()[:3], CSVPath: "/dienst/berichte.csv"}
		if !empty {
			p.Lines = []StaffReport{{at(23, 12, 0), "Bürgerbüro", "Reisepass beantragen", "120", "100", "20", "0", "<5", "16,7 %", "4 min"}}
			p.Unmet, p.Wishes = []StaffUnmet{{"Rentenberatung", "alles belegt", "12"}}, []StaffWish{{"Rentenberatung", "7"}}
		}
		return p
	}
	return nil
}

func fixtureStaffDay(empty bool) StaffDay {
	p := StaffDay{Day: at(23, 12, 0), DayValue: "2026-11-23", Label: "A1", Today: true, PreviousPath: "/dienst/tag?tag=2026-11-22", NextPath: "/dienst/tag?tag=2026-11-24"}
	if empty {
		p.Today, p.TodayPath, p.Notice = false, "/dienst/tag", Notice{Text: "Diesen Termin gibt es nicht.", Error: true}
		return p
	}
	v := StaffVisit{ID: "K7M42Q9X", Reference: "K7M4 2Q9X", Start: at(23, 8, 0), End: at(23, 8, 10), Name: "Demo Featherstonehaugh-Cholmondeley", Contact: "05241 12345", Note: "kommt mit Kinderwagen",
		Persons: 2, Concerns: []string{"Reisepass beantragen", "Ummeldung"}, Room: "E1", Channel: "counter", Status: "booked", StepFree: true, Late: true, Movable: true, Steps: []string{"arrived", "no_show"}}
	here, call, past := v, v, v
	here.Status, here.Arrived, here.Badge, here.Late, here.Steps = "arrived", at(23, 7, 55), "12", false, []string{"called", "in_service"}
	call.Channel, call.Room, call.Name, call.Late, call.Steps = "phone", "", "", false, []string{"in_service", "no_show"}
	past.Status, past.Late, past.Movable, past.Steps = "no_show", false, false, nil
	p.Now, p.Later, p.Past = []StaffVisit{here}, []StaffVisit{v, call}, []StaffVisit{past}
	calls := fixtureCalls()
	p.Calls, p.Serving = calls[:1], calls[1:]
	p.Rooms = []Option{{"1", "E1 (frei bis 10:30)", false}, {"2", "F1", true}}
	return p
}

func fixtureCalls() []StaffCall {
	return []StaffCall{{ID: 1, Ticket: "B-017", Concern: "Kind in Gefahr", Office: "Jugendamt", Urgent: true, Since: at(23, 8, 5), State: "waiting"},
		{ID: 2, Ticket: "B-016", Office: "Bürgerbüro", Since: at(23, 8, 0), Room: "E1", State: "called"}, {ID: 3, Ticket: "B-015", Office: "Bürgerbüro", Since: at(23, 7, 58), Room: "E2", State: "in_service"}}
}

func fixtureProposals() []StaffProposal {
	return []StaffProposal{{Value: "a", Start: at(23, 8, 0), End: at(23, 8, 10), Place: "Rathaus", Reasons: []string{"frühester Termin"}, On: true}, {Value: "b", Start: at(24, 8, 0), End: at(24, 8, 10), Place: "Bücherei West"}}
}

func fixtureBook(lang string, concern []string) StaffBook {
	services := fixtureServices(lang)
	p := StaffBook{Found: services, Persons: 1}
	if len(concern) > 0 {
		p.Concern, p.NeedsName, p.NeedsPlace, p.Searched, p.Channels = &services[0], true, true, true, []Option{{"phone", "am Telefon", false}}
		p.Proposals = fixtureProposals()
	}
	if len(concern) > 0 && concern[0] == "nichts" {
		p.Proposals, p.Why, p.Exempt, p.Notice = nil, "Alles ist belegt.", true, Notice{Text: "Bitte wählen Sie eine Zeit.", Error: true}
	}
	return p
}

func fixtureArrival() StaffArrival {
	return StaffArrival{ID: "K7M42Q9X", Reference: "K7M4 2Q9X", Start: at(23, 8, 0), End: at(23, 8, 10), Room: "E1", Place: "Rathaus, Berliner Straße 70", Persons: 3, Status: "booked", StepFree: true, CanCheckIn: true}
}

func fixtureGate(controls bool) StaffGate {
	p := StaffGate{Day: at(23, 12, 0), At: at(23, 8, 12), Site: "rathaus", Sites: fixtureOptions()[:2], Controls: controls, CanCheckIn: controls, CanSet: !controls, Expected: 4, Entered: 1}
	v, in := fixtureArrival(), fixtureArrival()
	in.ID, in.CanCheckIn, in.Badge, in.Status = "AAAAAAAA", false, "12", "arrived"
	if controls {
		v.Name = "Demo Featherstonehaugh-Cholmondeley"
	}
	early, late := v, v
	early.ID, late.ID = "BBBBBBBB", "CCCCCCCC"
	p.Windows = []StaffWindow{{From: at(23, 7, 30), To: at(23, 8, 0), Past: true, Expected: 1, Visits: []StaffArrival{early}}, {From: at(23, 8, 0), To: at(23, 8, 30), Current: true, Visits: []StaffArrival{v, in}},
		{From: at(23, 8, 30), To: at(23, 9, 0), Visits: []StaffArrival{late}}}
	return p
}
