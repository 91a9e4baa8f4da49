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

const (
	get  = http.MethodGet
	post = http.MethodPost
)

// routes is the whole HTTP interface, and who may use it.
func (s *Server) routes() []route {
	var all []auth.Role
	administrators := []auth.Role{auth.Administrator}
	clerks, desks := []auth.Role{auth.Clerk}, []auth.Role{auth.InfoDesk}
	counters, gates := []auth.Role{auth.Clerk, auth.InfoDesk}, []auth.Role{auth.Gate, auth.Administrator}
	planners := []auth.Role{auth.Planner, auth.Administrator}
	demandKeepers := []auth.Role{auth.Planner, auth.Steward, auth.Administrator}
	roomManagers := []auth.Role{auth.RoomManager, auth.Administrator}
	quotaKeepers := append([]auth.Role{auth.Clerk}, roomManagers...)
	stewards := []auth.Role{auth.Steward, auth.Administrator}
	stationReaders := append([]auth.Role{auth.Clerk, auth.InfoDesk}, planners...)
	roomReaders := append([]auth.Role{auth.Clerk, auth.InfoDesk}, roomManagers...)
	return []route{
		{get, "/", s.home, true, all},
		{get, "/karte", s.mapPage, true, all},
		{get, "/baustellen", s.sitesPage, true, all},
		{get, "/baustellen/{id}", s.sitePage, true, all},
		{get, "/stationen", s.stationsPage, true, all},
		{post, "/stationen", s.stationsPlace, true, all},
		{get, "/stationen/termine.ics", s.stationsCalendar, true, all},
		{get, "/stationen/{stop}", s.stopPage, true, all},
		{get, "/stationen/{stop}/termine.ics", s.stationsCalendar, true, all},
		{get, "/anliegen", s.servicesPage, true, all},
		{get, "/anliegen/{id}", s.servicePage, true, all},
		{get, "/daten", s.datasetsPage, true, all},
		{get, "/daten/{id}", s.datasetPage, true, all},
		{get, "/impressum", s.legalPage, true, all},
		{get, "/datenschutz", s.legalPage, true, all},
		{get, "/barrierefreiheit", s.legalPage, true, all},

		// booking by citizens: pages
		{get, "/termin", s.bookingStart, true, all},
		{post, "/termin/sprache", s.plainSwitch, true, all},
		{get, "/termin/meine", s.bookingLookup, true, all},
		{post, "/termin/meine", s.bookingLookup, true, all},
		{get, "/termin/b/{reference}", s.bookingOwn, true, all},
		{post, "/termin/b/{reference}/bestaetigen", s.bookingConfirm, true, all},
		{post, "/termin/b/{reference}/freigeben", s.bookingRelease, true, all},
		{post, "/termin/b/{reference}/alternative", s.bookingAlternative, true, all},
		{post, "/termin/b/{reference}/konto", s.bookingIntoAccount, true, all},
		{get, "/termin/b/{reference}/verschieben", s.bookingMove, true, all},
		{post, "/termin/b/{reference}/verschieben", s.bookingMove, true, all},
		{get, "/termin/b/{reference}/absagen", s.bookingCancel, true, all},
		{post, "/termin/b/{reference}/absagen", s.bookingCancel, true, all},
		{get, "/termin/b/{reference}/termin.ics", s.bookingICS, true, all},
		{get, "/termin/b/{reference}/termin.pdf", s.bookingPDF, true, all},
		{get, "/termin/b/{reference}/{form:bestaetigen|freigeben|alternative|konto}", s.bookingFormGone, true, all},
		{get, "/termin/w/{number}", s.bookingWaiting, true, all},
		{post, "/termin/w/{number}/angebot", s.bookingOffer, true, all},
		{post, "/termin/w/{number}/zurueckziehen", s.bookingWithdraw, true, all},
		{get, "/termin/{id}", s.bookingVisit, true, all},
		{get, "/termin/{id}/name", s.bookingName, true, all},
		{post, "/termin/{id}/name", s.bookingName, true, all},
		{get, "/termin/{id}/ort", s.bookingPlace, true, all},
		{post, "/termin/{id}/ort", s.bookingPlace, true, all},
		{get, "/termin/{id}/zeiten", s.bookingTimes, true, all},
		{get, "/termin/{id}/warteliste", s.bookingWish, true, all},
		{post, "/termin/{id}/warteliste", s.bookingWish, true, all},
		{post, "/termin/{id}/halten", s.bookingHold, true, all},
		{get, "/termin/{id}/halten", s.bookingFormGone, true, all},

		// the citizen's account
		{get, "/konto", s.ofCitizen(s.konto), true, all},
		{get, "/konto/anmelden", s.kontoSignIn, true, all},
		{post, "/konto/anmelden", s.kontoSignIn, true, all},
		{get, "/konto/neu", s.kontoNew, true, all},
		{post, "/konto/neu", s.kontoNew, true, all},
		{post, "/konto/abmelden", s.kontoSignOut, true, all},
		{post, "/konto/abmelden/ueberall", s.ofCitizen(s.kontoEverywhere), true, all},
		{post, "/konto/termine", s.ofCitizen(s.kontoAdd), true, all},
		{post, "/konto/termine/entfernen", s.ofCitizen(s.kontoRemove), true, all},
		{get, "/konto/postfach", s.ofCitizen(s.kontoInbox), true, all},
		{get, "/konto/einstellungen", s.ofCitizen(s.kontoSettings), true, all},
		{post, "/konto/einstellungen/angaben", s.onKonto("details", s.kontoDetails), true, all},
		{post, "/konto/einstellungen/adresse", s.onKonto("address", s.kontoAddress), true, all},
		{post, "/konto/einstellungen/passwort", s.onKonto("password", s.kontoPassword), true, all},
		{get, "/konto/auskunft.json", s.ofCitizen(s.kontoExport), true, all},
		{get, "/konto/loeschen", s.ofCitizen(s.kontoDelete), true, all},
		{post, "/konto/loeschen", s.ofCitizen(s.kontoDelete), true, all},

		// staff: sign-in and accounts
		{get, "/dienst/anmelden", s.signIn, true, all},
		{post, "/dienst/anmelden", s.signInPosted, true, all},
		{get, "/dienst/anmelden/code", s.atStep(auth.NeedsCode, s.signInCode), true, all},
		{post, "/dienst/anmelden/code", s.atStep(auth.NeedsCode, s.signInCode), true, all},
		{get, "/dienst/anmelden/passwort", s.atStep(auth.NeedsPassword, s.signInPassword), true, all},
		{post, "/dienst/anmelden/passwort", s.atStep(auth.NeedsPassword, s.signInPassword), true, all},
		{get, "/dienst/anmelden/faktor", s.atStep(auth.NeedsEnrol, s.signInEnrol), true, all},
		{post, "/dienst/anmelden/faktor", s.atStep(auth.NeedsEnrol, s.signInEnrol), true, all},
		{get, "/dienst/anmelden/stadtkonto", s.signInElsewhere, true, all},
		{get, "/dienst/anmelden/zurueck", s.signInReturned, true, all},
		{post, "/dienst/abmelden", s.signOut, true, all},
		{get, "/dienst", s.staffHome, true, auth.AllRoles()},
		{get, "/dienst/konto", s.ownAccount, true, auth.AllRoles()},
		{post, "/dienst/konto/passwort", s.onAccount(s.changePassword), true, auth.AllRoles()},
		{post, "/dienst/konto/anmeldung", s.onAccount(s.endSession), true, auth.AllRoles()},
		{get, "/dienst/konto/faktor", s.atStep(auth.Complete, s.signInEnrol), true, auth.AllRoles()},
		{post, "/dienst/konto/faktor", s.atStep(auth.Complete, s.signInEnrol), true, auth.AllRoles()},
		{post, "/dienst/konto/faktor/aus", s.onAccount(s.dropFactor), true, auth.AllRoles()},
		{get, "/dienst/benutzer", s.users, true, administrators},
		{post, "/dienst/benutzer", s.userAdded, true, administrators},
		{get, "/dienst/benutzer-neu", s.newUser, true, administrators},
		{get, "/dienst/benutzer/{id}", s.user, true, administrators},
		{post, "/dienst/benutzer/{id}", s.userEdited, true, administrators},
		{post, "/dienst/benutzer/{id}/sperre", s.userLocked, true, administrators},
		{post, "/dienst/benutzer/{id}/passwort", s.userReset, true, administrators},
		{post, "/dienst/benutzer/{id}/faktor", s.userFactor, true, administrators},

		// staff: visits
		{get, "/dienst/tag", s.staffDay, true, clerks},
		{post, "/dienst/tag", s.staffDayStep, true, clerks},
		{post, "/dienst/tag/nummer", s.staffTicket, true, clerks},
		{post, "/dienst/tag/krank", s.staffSick, true, clerks},
		{get, "/dienst/buchen", s.staffBook, true, counters},
		{post, "/dienst/buchen", s.staffBookForm, true, counters},
		{get, "/dienst/termin/{id}", s.staffBooked, true, counters},
		{get, "/dienst/termin/{id}/verschieben", s.staffMoves, true, counters},
		{post, "/dienst/termin/{id}/verschieben", s.staffMove, true, counters},
		{post, "/dienst/termin/{id}/absagen", s.staffCancel, true, counters},
		{get, "/dienst/infotheke", s.staffDesk, true, desks},
		{post, "/dienst/infotheke/ankunft", s.staffDeskArrival, true, desks},
		{post, "/dienst/infotheke/nummer", s.staffDeskTicket, true, desks},
		{post, "/dienst/infotheke/weg", s.staffDeskLeft, true, desks},
		{get, "/dienst/anzeige", s.staffDisplay, true, all},
		{get, "/dienst/pforte", s.staffGate, true, gates},
		{post, "/dienst/pforte", s.staffGateForm, true, []auth.Role{auth.Gate}},
		{post, "/dienst/pforte/modus", s.staffGateMode, true, administrators},
		{get, "/dienst/berichte", s.staffReports, true, planners},
		{get, "/dienst/berichte.csv", s.staffReportFile, false, planners},

		// staff: rooms, desks, time quotas
		{get, "/dienst/raeume", s.staffRooms, true, roomReaders},
		{post, "/dienst/raeume/schliessen", s.staffRoomsClose, true, roomManagers},
		{post, "/dienst/raeume/absagen", s.staffRoomsCallOff, true, roomManagers},
		{post, "/dienst/raeume/oeffnen", s.staffRoomsReopen, true, roomManagers},
		{get, "/dienst/plaetze", s.staffDesks, true, auth.AllRoles()},
		{post, "/dienst/plaetze", s.staffDesksBook, true, auth.AllRoles()},
		{post, "/dienst/plaetze/zurueck", s.staffDesksCancel, true, auth.AllRoles()},
		{post, "/dienst/plaetze/daheim", s.staffDesksHome, true, auth.AllRoles()},
		{get, "/dienst/kontingente", s.staffQuotas, true, quotaKeepers},
		{post, "/dienst/kontingente", s.staffQuotasOffer, true, quotaKeepers},
		{post, "/dienst/kontingente/zurueckziehen", s.staffQuotasWithdraw, true, quotaKeepers},
		{post, "/dienst/kontingente/ausnahme", s.staffQuotasExcept, true, quotaKeepers},
		{post, "/dienst/kontingente/wie-sonst", s.staffQuotasAsUsual, true, quotaKeepers},
		{post, "/dienst/kontingente/daheim", s.staffQuotasHome, true, quotaKeepers},
		{get, "/dienst/kontingente.ics", s.staffQuotasFile, false, quotaKeepers},
		{post, "/dienst/kontingente/kalender", s.staffQuotasImport, true, quotaKeepers},
		{post, "/dienst/kontingente/grenzen", s.staffQuotasLimit, true, quotaKeepers},

		// staff: the plan of the stations
		{get, "/dienst/stationen", s.staffStations, true, stationReaders},
		{get, "/dienst/stationen/standzeit", s.staffVisitForm, true, planners},
		{post, "/dienst/stationen/standzeit", s.staffVisitSave, true, planners},
		{get, "/dienst/stationen/standzeit/tag", s.staffStationVisit, true, stationReaders},
		{post, "/dienst/stationen/standzeit/gezaehlt", s.staffVisitCount, true, stationReaders},
		{post, "/dienst/stationen/schliesstag", s.staffDayClose, true, planners},
		{post, "/dienst/stationen/schliesstag/oeffnen", s.staffDayReopen, true, planners},
		{post, "/dienst/stationen/standzeit/absagen", s.staffVisitCancel, true, planners},
		{post, "/dienst/stationen/standzeit/zuruecknehmen", s.staffVisitReinstate, true, planners},
		{post, "/dienst/stationen/standzeit/beenden", s.staffVisitEnd, true, planners},
		{get, "/dienst/stationen/halte", s.staffStops, true, stationReaders},
		{get, "/dienst/stationen/halt", s.staffStop, true, stationReaders},
		{post, "/dienst/stationen/halt", s.staffStopSave, true, planners},
		{post, "/dienst/stationen/halt/ruhe", s.staffStopRetire, true, planners},
		{post, "/dienst/stationen/halt/foto", s.staffStopPhoto, true, planners},
		{get, "/dienst/stationen/fuhrpark", s.staffFleet, true, stationReaders},
		{get, "/dienst/stationen/station", s.staffStation, true, stationReaders},
		{post, "/dienst/stationen/station", s.staffStationSave, true, planners},
		{get, "/dienst/stationen/koffer", s.staffKit, true, planners},
		{post, "/dienst/stationen/koffer", s.staffKitSave, true, planners},
		{post, "/dienst/stationen/geraete", s.staffNeeds, true, planners},
		{get, "/stationen/foto/{stop}/{hash}.jpg", s.stopPhoto, false, all},

		// staff: who is responsible
		{get, "/dienst/zustaendigkeit", s.staffRules, true, stewards},
		{post, "/dienst/zustaendigkeit", s.staffRulesSave, true, stewards},
		{post, "/dienst/zustaendigkeit/gebiet", s.staffRulesArea, true, stewards},
		{post, "/dienst/zustaendigkeit/gebiet/weg", s.staffRulesAreaGone, true, stewards},
		{post, "/dienst/zustaendigkeit/team", s.staffRulesTeam, true, stewards},
		{post, "/dienst/zustaendigkeit/probe", s.staffRulesTry, true, stewards},

		// planning: what is published is for everybody, the rest for planners
		{get, "/planung", s.perhapsPlanner(s.planningHome), true, all},
		{get, "/planung/lauf/{id}", s.perhapsPlanner(s.planningRun), true, all},
		{get, "/planung/lauf/{id}/karte.json", s.planningMap, false, all},
		{get, "/planung/lauf/{id}/felder.csv", s.planningCells, false, all},
		{get, "/planung/lauf/{id}/bericht.pdf", s.planningReport, true, all},
		{get, "/planung/lauf/{id}/verschieben", s.planningMove, true, planners},
		{post, "/planung/lauf/{id}/abbrechen", s.planningStop, true, planners},
		{post, "/planung/lauf/{id}/noch-einmal", s.planningAgain, true, planners},
		{post, "/planung/lauf/{id}/frage", s.planningAsk, true, planners},
		{post, "/planung/lauf/{id}/veroeffentlichen", s.planningPublish, true, planners},
		{post, "/planung/lauf/{id}/zuruecknehmen", s.planningUnpublish, true, planners},
		{get, "/planung/lauf/{id}/{form:abbrechen|noch-einmal|frage|veroeffentlichen|zuruecknehmen}", s.planningFormGone, true, planners},
		{get, "/planung/szenario/{id}", s.planningScenario, true, planners},
		{post, "/planung/szenario/{id}", s.planningScenarioPosted, true, planners},
		{post, "/planung/szenario/{id}/kopie", s.planningCopy, true, planners},
		{post, "/planung/szenario/{id}/archiv", s.planningArchive, true, planners},
		{get, "/planung/szenario/{id}/{form:kopie|archiv}", s.planningFormGone, true, planners},
		{get, "/planung/vergleich", s.planningCompare, true, planners},
		{get, "/planung/testphase", s.planningPhases, true, planners},
		{post, "/planung/testphase", s.planningPhasePosted, true, planners},
		{get, "/planung/testphase/{id}", s.planningPhase, true, planners},

		// demand of the station planning
		{get, demandPath, s.planningDemand, true, demandKeepers},
		{post, demandPath + "/bedarf", s.planningDemandRates, true, demandKeepers},
		{post, demandPath + "/einspielen", s.planningDemandImport, true, planners},
		{post, demandPath + "/entfernen", s.planningDemandRemove, true, planners},
		{get, demandPath + "/karte.json", s.planningDemandMap, false, demandKeepers},
		{get, demandPath + "/zellen.csv", s.planningDemandCells, false, demandKeepers},

		{get, "/ogc", s.ogcSlash, false, all},
		{get, "/ogc/", s.ogcLanding, false, all},
		{get, "/ogc/conformance", s.ogcConformance, false, all},
		{get, "/ogc/api", s.ogcDefinition, false, all},
		{get, "/ogc/collections", s.ogcCollections, false, all},
		{get, "/ogc/collections/{id}", s.ogcCollection, false, all},
		{get, "/ogc/collections/{id}/items", s.ogcItems, false, all},
		{get, "/ogc/collections/{id}/items/{feature}", s.ogcItem, false, all},

		// OGC API Processes: siting
		{get, "/ogc/processes", s.ogcProcesses, false, all},
		{get, "/ogc/processes/{id}", s.ogcProcess, false, all},
		{post, "/ogc/processes/{id}/execution", s.ogcExecute, false, planners},
		{get, "/ogc/jobs", s.ogcJobs, false, all},
		{get, "/ogc/jobs/{id}", s.ogcJob, false, all},
		{http.MethodDelete, "/ogc/jobs/{id}", s.ogcDismiss, false, planners},
		{get, "/ogc/jobs/{id}/results", s.ogcResults, false, all},

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
		{get, "/api/v1/proposals", s.proposals, false, all},
		{http.MethodPost, "/api/v1/proposals", s.proposalsPosted, false, all},
		{get, "/api/v1/challenge", s.challenge, false, all},
		{http.MethodPost, "/api/v1/holds", s.hold, false, all},
		{http.MethodPost, "/api/v1/appointments", s.confirm, false, all},
		{get, "/api/v1/appointments/{id}", s.appointment, false, all},
		{http.MethodPatch, "/api/v1/appointments/{id}", s.move, false, all},
		{http.MethodDelete, "/api/v1/appointments/{id}", s.cancel, false, all},
		{get, "/api/v1/appointments/{id}/calendar.ics", s.appointmentCalendar, false, all},
		{http.MethodPost, "/api/v1/wishes", s.wish, false, all},
		{get, "/api/v1/wishes/{id}", s.wishNow, false, all},
		{http.MethodDelete, "/api/v1/wishes/{id}", s.unwish, false, all},
		{get, "/api/v1/slots.ndjson", s.slotLines("slots"), false, all},
		{get, "/api/v1/slots/schedules.ndjson", s.slotLines("schedules"), false, all},
		{get, "/api/v1/slots/locations.ndjson", s.slotLines("locations"), false, all},
		{get, "/api/v1/slots/{manifest:(?:\\$|%24)bulk-publish}", s.slotManifest, false, all},

		// siting: planners ask, everybody reads what is published
		{get, "/api/v1/siting/scenarios", s.sitingScenarios, false, planners},
		{post, "/api/v1/siting/scenarios", s.sitingDraft, false, planners},
		{get, "/api/v1/siting/scenarios/{id}", s.sitingScenario, false, planners},
		{http.MethodPut, "/api/v1/siting/scenarios/{id}", s.sitingRevise, false, planners},
		{http.MethodDelete, "/api/v1/siting/scenarios/{id}", s.sitingArchive, false, planners},
		{get, "/api/v1/siting/runs", s.sitingRuns, false, all},
		{post, "/api/v1/siting/runs", s.sitingStart, false, planners},
		{get, "/api/v1/siting/runs/{id}", s.sitingRun, false, all},
		{http.MethodDelete, "/api/v1/siting/runs/{id}", s.sitingDismiss, false, planners},
		{get, "/api/v1/siting/runs/{id}/events", s.sitingEvents, false, all},
		{get, "/api/v1/siting/runs/{id}/inputs", s.sitingInputs, false, all},
		{get, "/api/v1/siting/runs/{id}/certificate", s.sitingCertificate, false, all},
		{post, "/api/v1/siting/runs/{id}/move", s.sitingMove, false, planners},
		{post, "/api/v1/siting/runs/{id}/publication", s.sitingPublish, false, planners},
		{http.MethodDelete, "/api/v1/siting/runs/{id}/publication", s.sitingUnpublish, false, planners},

		{get, "/healthz", s.healthz, false, all},
		{get, "/readyz", s.readyz, false, all},
		{get, "/robots.txt", s.robots, false, all},
	}
}
