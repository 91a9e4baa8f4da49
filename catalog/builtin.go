package catalog

import (
	"context"

	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Ids of the built-in datasets.
const (
	Municipality      = "municipality"
	Neighbours        = "neighbours"
	Districts         = "districts"
	Addresses         = "addresses"
	ConstructionSites = "construction-sites"
	Stations          = "stations"
	Stops             = "stops"
	Visits            = "visits"
	Rooms             = "rooms"
	Services          = "services"
	TransitStops      = "transit-stops"
)

// Builtin returns the datasets that every deployment has, without rows. They
// are registered at start; their metadata may be edited afterwards.
func Builtin() []Dataset {
	return []Dataset{
		{ID: Municipality, Schema: municipalitySchema(), Metadata: about("REGI", "UNKNOWN",
			Text{"Stadtgebiet", "Municipality"},
			Text{"Die Grenze des Stadtgebiets.", "The boundary of the municipality."},
			Text{"Stadtgrenze", "boundary"}, Text{"Gemeinde", "municipality"})},
		{ID: Neighbours, Schema: municipalitySchema(), Metadata: about("REGI", "UNKNOWN",
			Text{"Nachbargemeinden", "Neighbouring municipalities"},
			Text{"Die Gemeinden, die an das Stadtgebiet grenzen, vereinfacht für Übersichtskarten.", "The municipalities that border the town, simplified for overview maps."},
			Text{"Nachbargemeinden", "neighbours"}, Text{"Grenze", "boundary"})},
		{ID: Districts, Schema: districtSchema(), Metadata: about("REGI", "IRREG",
			Text{"Stadtteile", "Districts"},
			Text{"Die Stadtteile mit dem für Bauangelegenheiten zuständigen Team. Ein Punkt auf einer gemeinsamen Grenze gehört zum Stadtteil mit der kleineren Nummer.", "The districts with the team responsible for building matters. A point on a common border belongs to the district with the lower code."},
			Text{"Stadtteile", "districts"}, Text{"Zuständigkeit", "jurisdiction"})},
		{ID: Addresses, Schema: addressSchema(), Metadata: about("REGI", "IRREG",
			Text{"Adressen", "Addresses"},
			Text{"Adressen mit ihrer Lage, mit denen die Adresssuche arbeitet.", "Addresses with their position, as used by the address search."},
			Text{"Adressen", "addresses"}, Text{"Hauskoordinaten", "house coordinates"})},
		{ID: ConstructionSites, Schema: constructionSchema(), Metadata: about("TRAN", "DAILY",
			Text{"Baustellen", "Construction sites"},
			Text{"Laufende und geplante Baustellen im Straßenraum: Ort, Zeitraum, betroffene Verkehrsarten und Umleitung.", "Current and planned roadworks: place, period, affected modes of transport and detour."},
			Text{"Baustellen", "construction sites"}, Text{"Verkehr", "traffic"}, Text{"Straßensperrung", "road closure"})},
		{ID: Stations, Schema: stationSchema(), Metadata: about("GOVE", "IRREG",
			Text{"Mobile Rathausstationen", "Mobile town-hall stations"},
			Text{"Die Fahrzeuge und Koffer, mit denen das Rathaus in die Stadtteile kommt, mit ihrer Ausstattung.", "The vehicles and kits with which the town hall comes to the districts, with their equipment."},
			Text{"Rathausstation", "mobile town hall"}, Text{"Bürgerservice", "citizen service"})},
		{ID: Stops, Schema: stopSchema(), Metadata: about("GOVE", "IRREG",
			Text{"Haltepunkte der Rathausstationen", "Stops of the mobile stations"},
			Text{"Die Orte, an denen mobile Rathausstationen halten.", "The places where mobile town-hall stations stop."},
			Text{"Haltepunkt", "stop"}, Text{"Bürgerservice", "citizen service"})},
		{ID: Visits, Schema: visitSchema(), Metadata: about("GOVE", "DAILY",
			Text{"Standzeiten der Rathausstationen", "Visits of the mobile stations"},
			Text{"Wann welche mobile Rathausstation an welchem Haltepunkt geöffnet ist und welche Anliegen sie dort bearbeitet.", "When which mobile station is open at which stop and which services it offers there."},
			Text{"Standzeit", "visit"}, Text{"Öffnungszeiten", "opening hours"})},
		{ID: Rooms, Schema: roomSchema(), Metadata: about("GOVE", "IRREG",
			Text{"Buchbare Räume", "Bookable rooms"},
			Text{"Räume, in denen Termine stattfinden: Gebäude, Größe, Ausstattung und Barrierefreiheit.", "Rooms where appointments take place: building, size, equipment and accessibility."},
			Text{"Räume", "rooms"}, Text{"Rathaus", "town hall"})},
		{ID: Services, Schema: serviceSchema(), Metadata: about("GOVE", "IRREG",
			Text{"Anliegen", "Services"},
			Text{"Die Anliegen, die die Stadtverwaltung bearbeitet: Dauer, nötige Unterlagen, Zugangswege und Art der Zuständigkeit.", "The services of the town's administration: duration, documents, channels and kind of jurisdiction."},
			Text{"Anliegen", "public services"}, Text{"Leistungen", "services"}, Text{"Unterlagen", "documents"})},
		{ID: TransitStops, Schema: transitSchema(), Metadata: about("TRAN", "UNKNOWN",
			Text{"Haltestellen", "Public transport stops"},
			Text{"Bus- und Bahnhaltestellen im Stadtgebiet.", "Bus and rail stops in the town."},
			Text{"Haltestellen", "public transport stops"}, Text{"ÖPNV", "public transport"})},
	}
}

// RegisterBuiltin registers the built-in datasets that do not exist yet.
func RegisterBuiltin(ctx context.Context, db postgis.DB) error {
	for _, d := range Builtin() {
		d.Public = true
		if err := Register(ctx, db, d); err != nil {
			return err
		}
	}
	return nil
}

func about(theme, periodicity string, title, description Text, keywords ...Text) Metadata {
	return Metadata{Title: title, Description: description, Keywords: keywords,
		Themes: []string{theme}, Periodicity: periodicity, Licence: "dl-zero-de/2.0"}
}

func field(name string, t Type, de, en string) Field {
	return Field{Name: name, Type: t, Title: Text{de, en}}
}

func (f Field) as(r Role) Field          { f.Role = r; return f }
func (f Field) in(unit string) Field     { f.Unit = unit; return f }
func (f Field) required() Field          { f.Required = true; return f }
func (f Field) oneOf(codes []Code) Field { f.Codes = codes; return f }

func noteField() Field { return field("note", String, "Hinweis", "Note") }

func municipalitySchema() Schema {
	return Schema{Shape: Polygon, Key: "ags", Fields: []Field{
		field("name", String, "Name", "Name").as(RoleTitle).required(),
		field("kind", String, "Art", "Kind"),
		field("ags", String, "Amtlicher Gemeindeschlüssel", "Official municipality key").required(),
		field("ars", String, "Amtlicher Regionalschlüssel", "Official regional key"),
		field("area_km2", Number, "Fläche", "Area").in("km2"),
		field("population", Integer, "Einwohnerzahl", "Population").in("{person}"),
		noteField(),
	}}
}

func districtSchema() Schema {
	return Schema{Shape: Polygon, Key: "code", Fields: []Field{
		field("code", String, "Nummer", "Code").required(),
		field("name", String, "Name", "Name").as(RoleTitle).required(),
		field("building_team", String, "Team für Bauangelegenheiten", "Team for building matters"),
		field("approximate", Boolean, "Grenze nur ungefähr", "Boundary is approximate"),
		noteField(),
	}}
}

func addressSchema() Schema {
	return Schema{Shape: Point, Key: "id", Fields: []Field{
		field("id", String, "Kennung", "Identifier").required(),
		field("street", String, "Straße", "Street").required(),
		field("house_number", String, "Hausnummer", "House number"),
		field("label", String, "Adresse", "Address").as(RoleTitle).required(),
		field("district", String, "Stadtteil (Nummer)", "District (code)"),
		noteField(),
	}}
}

func impactCodes() []Code {
	return []Code{
		{"none", Text{"keine Einschränkung", "no restriction"}},
		{"partial", Text{"eingeschränkt", "restricted"}},
		{"closed", Text{"gesperrt", "closed"}},
	}
}

func constructionSchema() Schema {
	return Schema{Shape: Any, Key: "id", Fields: []Field{
		field("id", String, "Kennung", "Identifier").required(),
		field("title", String, "Bezeichnung", "Title").as(RoleTitle).required(),
		field("description", String, "Beschreibung", "Description"),
		field("kind", String, "Art der Arbeiten", "Kind of work"),
		field("street", String, "Straße", "Street"),
		field("district", String, "Stadtteil (Nummer)", "District (code)"),
		field("start", Date, "Beginn", "Start").as(RoleStart),
		field("end", Date, "Ende (letzter Tag)", "End (last day)").as(RoleEnd),
		field("status", String, "Stand", "Status").oneOf([]Code{
			{"planned", Text{"geplant", "planned"}},
			{"active", Text{"läuft", "in progress"}},
			{"finished", Text{"beendet", "finished"}},
			{"cancelled", Text{"abgesagt", "cancelled"}},
		}),
		field("impact", String, "Einschränkung insgesamt", "Overall impact").oneOf(impactCodes()),
		field("affects_car", String, "Auto", "Car").oneOf(impactCodes()),
		field("affects_bike", String, "Fahrrad", "Bicycle").oneOf(impactCodes()),
		field("affects_foot", String, "Zu Fuß", "On foot").oneOf(impactCodes()),
		field("affects_bus", String, "Bus und Bahn", "Bus and rail").oneOf(impactCodes()),
		field("affects_emergency", String, "Rettungsdienst", "Emergency services").oneOf(impactCodes()),
		field("affects_heavy", String, "Schwerverkehr", "Heavy goods vehicles").oneOf(impactCodes()),
		field("step_free", Boolean, "Gehweg stufenlos", "Footway is step-free"),
		field("detour", String, "Umleitung", "Detour"),
		field("responsible_body", String, "Verantwortlich", "Responsible body"),
		noteField(),
		field("source_properties", JSON, "Angaben der Quelle", "Attributes of the source"),
	}}
}

func stationSchema() Schema {
	return Schema{Shape: NoShape, Key: "id", Fields: []Field{
		field("id", String, "Kennung", "Identifier").required(),
		field("name", String, "Name", "Name").as(RoleTitle).required(),
		field("name_en", String, "Name (englisch)", "Name (English)"),
		field("kind", String, "Art", "Kind").oneOf([]Code{
			{"vehicle", Text{"Fahrzeug", "vehicle"}}, {"kit", Text{"Koffer", "kit"}},
		}),
		field("equipment", JSON, "Ausstattung", "Equipment"),
		noteField(),
	}}
}

func stopSchema() Schema {
	return Schema{Shape: Point, Key: "id", Fields: []Field{
		field("id", String, "Kennung", "Identifier").required(),
		field("name", String, "Name", "Name").as(RoleTitle).required(),
		field("name_en", String, "Name (englisch)", "Name (English)"),
		field("address", String, "Adresse", "Address"),
		field("district", String, "Stadtteil (Nummer)", "District (code)"),
		field("step_free", Boolean, "Stufenlos erreichbar", "Step-free access"),
		noteField(),
	}}
}

func visitSchema() Schema {
	return Schema{Shape: Point, Key: "id", Fields: []Field{
		field("id", String, "Kennung", "Identifier").required(),
		field("title", String, "Bezeichnung", "Title").as(RoleTitle).required(),
		field("station", String, "Station", "Station").required(),
		field("stop", String, "Haltepunkt", "Stop").required(),
		field("address", String, "Adresse", "Address"),
		field("district", String, "Stadtteil (Nummer)", "District (code)"),
		field("start", DateTime, "Von", "From").as(RoleStart).required(),
		field("end", DateTime, "Bis", "Until").as(RoleEnd).required(),
		field("status", String, "Stand", "Status").oneOf([]Code{
			{"planned", Text{"findet statt", "takes place"}}, {"cancelled", Text{"fällt aus", "cancelled"}},
		}).required(),
		field("services", JSON, "Anliegen", "Services"),
		field("reason", String, "Grund eines Ausfalls", "Reason of a cancellation"),
		field("reason_en", String, "Grund eines Ausfalls (englisch)", "Reason of a cancellation (English)"),
		field("step_free", Boolean, "Stufenlos erreichbar", "Step-free access"),
		noteField(),
	}}
}

func roomSchema() Schema {
	return Schema{Shape: Point, Key: "id", Fields: []Field{
		field("id", String, "Kennung", "Identifier").required(),
		field("name", String, "Name", "Name").as(RoleTitle).required(),
		field("name_en", String, "Name (englisch)", "Name (English)"),
		field("code", String, "Raumnummer", "Room number"),
		field("site", String, "Gebäude", "Building").required(),
		field("site_name", String, "Name des Gebäudes", "Name of the building"),
		field("address", String, "Adresse", "Address"),
		field("floor", String, "Etage", "Floor"),
		field("persons", Integer, "Plätze", "Seats").in("{person}").required(),
		field("step_free", Boolean, "Stufenlos erreichbar", "Step-free access"),
		field("equipment", JSON, "Ausstattung", "Equipment"),
		noteField(),
	}}
}

func serviceSchema() Schema {
	return Schema{Shape: NoShape, Key: "id", Fields: []Field{
		field("id", String, "Kennung", "Identifier").required(),
		field("name", String, "Name", "Name").as(RoleTitle).required(),
		field("name_en", String, "Name (englisch)", "Name (English)"),
		field("summary", String, "Kurzbeschreibung", "Summary"),
		field("summary_en", String, "Kurzbeschreibung (englisch)", "Summary (English)"),
		field("minutes", Integer, "Dauer", "Duration").in("min").required(),
		field("minutes_per_further_person", Integer, "Dauer je weiterer Person", "Duration per further person").in("min"),
		field("office", String, "Zuständige Stelle", "Office").required(),
		field("office_id", String, "Kennung der zuständigen Stelle", "Identifier of the office"),
		field("channels", JSON, "Zugangswege", "Channels"),
		field("mobile", Boolean, "An mobilen Stationen", "At mobile stations"),
		field("online", Boolean, "Online möglich", "Available online"),
		field("appointment", Boolean, "Mit Termin", "By appointment"),
		field("urgent", Boolean, "Sofort ohne Termin", "At once, without appointment"),
		field("online_url", String, "Online-Dienst", "Online service"),
		field("jurisdiction", String, "Art der Zuständigkeit", "Kind of jurisdiction").oneOf([]Code{
			{"anyone", Text{"alle Mitarbeitenden", "any clerk"}},
			{"alphabetic", Text{"nach Nachname", "by surname"}},
			{"geographic", Text{"nach Bezirk", "by district"}},
		}),
		field("documents", JSON, "Unterlagen", "Documents"),
		field("keywords", JSON, "Suchwörter", "Keywords"),
		field("fim_key", String, "LeiKa-Schlüssel (FIM)", "LeiKa key (FIM)"),
		noteField(),
	}}
}

func transitSchema() Schema {
	return Schema{Shape: Point, Key: "id", Fields: []Field{
		field("id", String, "Kennung", "Identifier").required(),
		field("name", String, "Name", "Name").as(RoleTitle).required(),
		field("products", String, "Verkehrsmittel", "Products"),
		field("district", String, "Stadtteil (Nummer)", "District (code)"),
	}}
}
