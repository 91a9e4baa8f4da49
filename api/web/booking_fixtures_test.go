package web

import (
	"net/url"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah/api/i18n"
)

// fixtureBooking is a page of the citizens' way to an appointment.
func fixtureBooking(path, lang string, query url.Values) Page {
	frame := Booking{Plain: query.Get("leicht") != "", Here: "/termin/" + path}
	switch first, rest, _ := strings.Cut(path, "/"); {
	case path == "":
		return fixtureBookingStart(lang, frame, query.Get("q"))
	case path == "meine":
		p := BookingLookup{Booking: frame}
		if query.Get("fehler") != "" {
			p.Reference, p.Error = "7K3M9QXA", i18n.Text(lang, "booking_lookup.error", nil)
		}
		return p
	case first == "b":
		return fixtureOwn(lang, rest, frame, query)
	case first == "w":
		p := BookingWaiting{Booking: frame, Number: "W00000123", Concern: "Reisepass beantragen", State: "waiting", Period: i18n.Period(lang, at(23, 0, 0), at(30, 0, 0)), Persons: 2, Code: "7K3M9 QXABC DEFGH JKMNP", Again: "/termin/reisepass/zeiten"}
		if query.Get("stand") != "" {
			p.State, p.Code = "offered", ""
			p.Offers = []BookingOffer{{Reference: "8K3M9QXB", Visit: fixtureFacts(lang), Until: i18n.Moment(lang, at(25, 9, 0))}}
		}
		return p
	case rest == "warteliste":
		frame.Back = "/termin/" + first + "/zeiten"
		p := BookingWish{Booking: frame, Concern: "Reisepass beantragen", Action: "/termin/" + first + "/warteliste", First: "2026-11-23", Last: "2026-12-21", Earliest: "2026-11-23", EraseDays: 30}
		if query.Get("fehler") != "" {
			p.Errors = []BookingFieldError{{"bis", i18n.Text(lang, "booking_wish.bad_day", nil)}}
		}
		return p
	case rest == "name":
		frame.Step, frame.Back = 2, "/termin/"+first
		p := BookingName{Booking: frame, Concern: "Aufenthaltstitel verlängern", Action: "/termin/" + first + "/name?personen=2"}
		if query.Get("fehler") != "" {
			p.Error = i18n.Text(lang, "booking_name.error", nil)
		}
		return p
	case rest == "ort":
		frame.Step, frame.Back = 2, "/termin/"+first
		p := BookingPlace{Booking: frame, Concern: "Bauberatung", About: "plot", Action: "/termin/" + first + "/ort"}
		if query.Get("wahl") != "" {
			p.Address, p.Choices = "Lindenweg 1", []string{"Lindenweg 1, Avenwedde-Bahnhof", "Lindenweg 1, Isselhorst"}
		}
		return p
	case rest == "zeiten":
		return fixtureTimes(lang, first, frame, query)
	default:
		return fixtureVisit(lang, first, frame, query)
	}
}

func fixtureConcerns(lang string) []BookingConcern {
	var out []BookingConcern
	for i, s := range fixtureServices(lang)[:18] {
		out = append(out, BookingConcern{ID: s.ID, Name: s.Name, Summary: s.Summary, Minutes: s.Minutes, Online: i%3 == 2, AtOnce: s.Urgent})
	}
	return out
}

func fixtureBookingStart(lang string, frame Booking, query string) Page {
	frame.Step = 1
	p := BookingStart{Booking: frame, Query: query}
	all := fixtureConcerns(lang)
	switch query {
	case "":
		p.Groups = []BookingGroup{{"buergerbuero", "Bürgerbüro", all[:5]}, {"auslaenderbehoerde", "Ausländerbehörde", all[5:9]}, {"soziales", "Soziales, Senioren und Integration", all[9:]}}
		if !frame.Plain {
			p.Wanted = all[2:6]
		}
	case "nichts":
	default:
		p.Found = all[:3]
	}
	return p
}

func fixtureVisit(lang, id string, frame Booking, query url.Values) Page {
	frame.Step, frame.Back = 2, "/termin"
	for i, c := range fixtureConcerns(lang) {
		if c.ID != id {
			continue
		}
		p := BookingVisit{Booking: frame, Concern: c, Office: "Bürgerbüro", Address: "Berliner Straße 70, 33330 Gütersloh", Phone: "05241 82-0 (Demo)",
			Persons: "1", Further: i % 2 * 5, Visit: !c.AtOnce, More: []Option{{Value: "ummeldung", Label: "Wohnung ummelden"}, {Value: "hundesteuer", Label: "Hund anmelden"}}}
		if c.Online {
			p.OnlineURL = "https://www.example.org/online"
		}
		if i%2 == 0 {
			for _, way := range []string{"here", "phone", "video"} {
				p.Channels = append(p.Channels, Option{Value: strings.TrimPrefix(way, "here"), Label: i18n.Text(lang, "booking_visit.way."+way, nil), On: way == "here"})
			}
		}
		if query.Get("personen") == "0" {
			p.Persons, p.Error = "0", i18n.Text(lang, "booking.bad_persons", map[string]any{"most": 100})
		}
		return p
	}
	return ErrorPage{Status: 404, Sentence: "Dieses Anliegen gibt es nicht."}
}

func fixtureSlot(lang string, day, hour, minute, place int) BookingSlot {
	start, name := at(day, hour, minute), fixtureStopNames()[place]
	address, lon, lat := "Demo: Marktweg 4", 0.0, 0.0
	lon, lat = around(float64(place)*0.8, 0.6)
	if place == 0 {
		name, address, lon, lat = "Rathaus", "Berliner Straße 70, 33330 Gütersloh", centreLon, centreLat
	}
	when := i18n.Opening(lang, start, start.Add(10*time.Minute))
	return BookingSlot{Value: start.UTC().Format(time.RFC3339) + " site/rathaus", Label: when + ", " + name, When: when, Day: i18n.Weekday(lang, start), Hours: i18n.Hours(lang, start, start.Add(10*time.Minute)), Clock: i18n.Clock(start),
		Place: name, Address: address, StepFree: place != 2, Lon: lon, Lat: lat}
}

func fixtureTimes(lang, id string, frame Booking, query url.Values) Page {
	frame.Step, frame.Back = 3, "/termin/"+id
	p := BookingTimes{Booking: frame, Concerns: []string{"Reisepass beantragen"}, Minutes: 10, Persons: 2, Change: "/termin/" + id, ListPath: "/termin/" + id + "/warteliste", Action: "/termin/" + id + "/halten",
		Fields: []BookingField{{"einmal", "ABCDEFGHIJKLMNOPQRST"}}}
	calendar := query.Get("ansicht") == "kalender"
	for _, tab := range []string{"best", "early", "near", "calendar"} {
		p.Tabs = append(p.Tabs, BookingTab{ID: tab, Path: "/termin/" + id + "/zeiten" + map[string]string{"calendar": "?ansicht=kalender"}[tab], On: (tab == "calendar") == calendar && (calendar || tab == "best")})
	}
	switch {
	case query.Get("leer") != "":
		p.Why = &BookingWhy{Reason: i18n.Text(lang, "booking.why_full", nil), Phone: "05241 82-0", OnlineURL: "https://www.example.org/online", OtherPath: "/termin/" + id + "/zeiten", ListPath: "/termin/" + id + "/warteliste"}
	case calendar:
		p.Month, p.Day = fixtureMonth(lang, query.Get("tag")), fixtureDay(lang, query.Get("tag"))
	default:
		for i := range 5 {
			p.Slots = append(p.Slots, fixtureSlot(lang, 24+i, 8+i, 10*i, []int{0, 1, 0, 3, 0}[i]))
		}
		p.Slots[0].Reasons = []string{i18n.Text(lang, "booking.reason_earliest", nil)}
		p.Slots[1].Reasons = []string{i18n.Text(lang, "booking.reason_nearest", nil)}
		p.Slots[1].Distance = "1,2 km"
		p.Slots[2].Reasons = []string{i18n.Text(lang, "booking_times.reason.weekday", map[string]any{"weekday": p.Slots[2].Day})}
		p.Slots[3].Reasons = []string{i18n.Text(lang, "booking_times.reason.elsewhere", nil)}
		p.Slots[4].Reasons = []string{i18n.Text(lang, "booking_times.reason.later", nil)}
	}
	if query.Get("vergeben") != "" {
		p.Notice = Notice{Text: i18n.Text(lang, "booking.taken", nil), Error: true}
	}
	return p
}

func fixtureMonth(lang, chosen string) *BookingMonth {
	m := &BookingMonth{Name: i18n.Month(lang, at(1, 0, 0)), Next: "/termin/reisepass/zeiten?ansicht=kalender&monat=2026-12", Total: 90}
	for i := range 7 {
		long := i18n.DayOfWeek(lang, at(2+i, 0, 0))
		m.Weekdays = append(m.Weekdays, BookingWeekday{long[:2], long})
	}
	week := make([]BookingDate, 6)
	for d := 1; d <= 30; d++ {
		day := at(d, 0, 0)
		entry := BookingDate{Number: d, Name: i18n.Weekday(lang, day)}
		if wd := day.Weekday(); d > 22 && wd != time.Saturday && wd != time.Sunday {
			date := day.Format(time.DateOnly)
			entry.Count, entry.Path, entry.On = d*3, "/termin/reisepass/zeiten?ansicht=kalender&tag="+date+"#tag", date == chosen
		}
		if week = append(week, entry); len(week) == 7 {
			m.Weeks, week = append(m.Weeks, week), nil
		}
	}
	m.Weeks = append(m.Weeks, append(week, make([]BookingDate, 7-len(week))...))
	return m
}

func fixtureDay(lang, date string) *BookingDay {
	day, err := time.ParseInLocation(time.DateOnly, date, berlin)
	if err != nil {
		return nil
	}
	p := BookingDayPlace{Name: "Rathaus", Address: "Berliner Straße 70, 33330 Gütersloh"}
	for hour := 8; hour < 12; hour++ {
		h := BookingHour{Clock: i18n.Clock(at(1, hour, 0))}
		for minute := 0; minute < 60; minute += 5 {
			h.Slots = append(h.Slots, fixtureSlot(lang, day.Day(), hour, minute, 0))
		}
		p.Hours = append(p.Hours, h)
	}
	return &BookingDay{Name: i18n.Weekday(lang, day), Places: []BookingDayPlace{p}}
}

func fixtureFacts(lang string) BookingFacts {
	return BookingFacts{Reference: "7K3M9QXA", Status: "booked", Concerns: []string{"Reisepass beantragen", "Wohnung ummelden"}, Start: at(30, 8, 0), End: at(30, 8, 25),
		Label: i18n.Opening(lang, at(30, 8, 0), at(30, 8, 25)), Channel: "counter", Place: "Rathaus", Address: "Berliner Straße 70, 33330 Gütersloh", StepFree: Yes,
		MapPath: "/karte?ebene=rooms", Persons: 2, Office: "Bürgerbüro", Phone: "05241 82-0",
		Documents: []Document{{"Personalausweis oder Reisepass", ""}, {"Biometrisches Foto", ""}, {"Geburtsurkunde", "nur beim ersten Antrag"}}}
}

func fixtureOwn(lang, rest string, frame Booking, query url.Values) Page {
	facts := fixtureFacts(lang)
	_, page, _ := strings.Cut(rest, "/")
	switch page {
	case "absagen":
		frame.Back = "/termin/b/7K3M9QXA"
		return BookingCancel{Booking: frame, Visit: facts}
	case "verschieben":
		p := fixtureTimes(lang, "reisepass", Booking{Plain: frame.Plain, Here: frame.Here}, query).(BookingTimes)
		p.Step, p.Back, p.Moving, p.Old = 0, "/termin/b/7K3M9QXA", facts.Reference, facts.Label+", Rathaus"
		return p
	case "angaben":
		frame.Step = 4
		p := BookingDetails{Booking: frame, Visit: facts, Until: "10:14", EraseDays: 30, Confirm: "/termin/b/7K3M9QXA/bestaetigen", Release: "/termin/b/7K3M9QXA/freigeben", Name: "Müller-Lüdenscheidt"}
		if query.Get("fehler") != "" {
			p.Name, p.PhoneNeeded, p.NameNeeded = "", true, true
			p.Errors = []BookingFieldError{{"nachname", i18n.Text(lang, "booking_details.name.error", nil)}, {"telefon", i18n.Text(lang, "booking_details.phone.error", nil)}}
		}
		return p
	}
	p := BookingAppointment{Booking: frame, Visit: facts, Movable: true, Calendar: "/termin/b/7K3M9QXA/termin.ics", PDF: "/termin/b/7K3M9QXA/termin.pdf",
		QR: QR{Size: 10, Path: "M4 4h2v1h-2zM5 5h1v1h-1z"}, Again: "/termin/reisepass/zeiten",
		Notices: []BookingNote{{At: at(23, 9, 0), Text: i18n.Text(lang, "booking_appointment.notice.booked", nil)}}}
	switch query.Get("stand") {
	case "neu":
		p.Fresh, p.Code = true, "7K3M9 QXABC DEFGH JKMNP"
	case "cancelled":
		p.Visit.Status, p.EndedByTown, p.QR, p.Movable = "cancelled", true, QR{}, false
		p.Alternatives = []BookingOffer{{Reference: "8K3M9QXB", Visit: fixtureFacts(lang), Until: i18n.Moment(lang, at(25, 9, 0))}}
	case "expired":
		p.Visit.Status, p.QR, p.Movable = "expired", QR{}, false
	}
	return p
}

// bookingPaths are all kinds of pages of the citizens' way in all their states.
func bookingPaths() []string {
	return []string{
		"/termin", "/termin?leicht=1", "/termin?q=pass", "/termin?q=nichts", "/termin/reisepass", "/termin/personalausweis?leicht=1", "/termin/ummeldung", "/termin/reisepass?personen=0", "/termin/kinderschutz",
		"/termin/aufenthaltstitel/name", "/termin/aufenthaltstitel/name?fehler=1", "/termin/bauberatung/ort", "/termin/bauberatung/ort?wahl=1",
		"/termin/reisepass/zeiten", "/termin/reisepass/zeiten?vergeben=1", "/termin/reisepass/zeiten?leer=1", "/termin/reisepass/zeiten?ansicht=kalender", "/termin/reisepass/zeiten?ansicht=kalender&tag=2026-11-25",
		"/termin/b/7K3M9QXA/angaben", "/termin/b/7K3M9QXA/angaben?fehler=1", "/termin/b/7K3M9QXA?stand=neu", "/termin/b/7K3M9QXA", "/termin/b/7K3M9QXA?stand=cancelled", "/termin/b/7K3M9QXA?stand=expired",
		"/termin/b/7K3M9QXA/absagen", "/termin/b/7K3M9QXA/verschieben", "/termin/meine", "/termin/meine?fehler=1",
		"/termin/reisepass/warteliste", "/termin/reisepass/warteliste?fehler=1", "/termin/w/W00000123", "/termin/w/W00000123?stand=offered",
	}
}
