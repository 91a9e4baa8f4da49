package planning

import "github.com/ortsnah/ortsnah/catalog"

// Ids of the datasets of published runs. They are registered with the first
// publication: a town that publishes none has none.
const (
	RunsDataset  = "siting-runs"
	SitesDataset = "siting-sites"
	CellsDataset = "siting-cells"
)

func text(de, en string) catalog.Text { return catalog.Text{DE: de, EN: en} }

func about(title, description catalog.Text) catalog.Metadata {
	return catalog.Metadata{Title: title, Description: description, Licence: "dl-by-de/2.0", Periodicity: "IRREG", Themes: []string{"GOVE", "REGI"},
		Keywords: []catalog.Text{text("Standortplanung", "siting"), text("Bürgerservice", "citizen service"), text("Erreichbarkeit", "accessibility")},
		Provenance: text("Berechnet aus den in jedem Lauf genannten Quellen; Eingaben und Zertifikat liegen je Lauf zum Nachrechnen vor.",
			"Computed from the sources that each run names; inputs and certificate of each run are there to work it out again.")}
}

func field(name string, t catalog.Type, de, en string) catalog.Field {
	return catalog.Field{Name: name, Type: t, Title: text(de, en)}
}

// measured is a field with a unit (UCUM).
func measured(unit string, f catalog.Field) catalog.Field {
	f.Unit = unit
	return f
}

// titled is the field that names a feature to people.
func titled(f catalog.Field) catalog.Field {
	f.Role, f.Required = catalog.RoleTitle, true
	return f
}

func identified() catalog.Field {
	f := field("id", catalog.String, "Kennung", "Identifier")
	f.Required = true
	return f
}

func coded(f catalog.Field, codes ...catalog.Code) catalog.Field {
	f.Codes = codes
	return f
}

func code(value, de, en string) catalog.Code { return catalog.Code{Value: value, Title: text(de, en)} }

func scaleField() catalog.Field {
	f := field("scale", catalog.Integer, "Teiler der Gewichte", "Divisor of weights")
	f.Description = text("Gewichte geteilt durch diese Zahl sind Menschen oder Besuche im Jahr.", "Weights divided by this number are people or visits a year.")
	return f
}

func runsDataset() catalog.Dataset {
	return catalog.Dataset{ID: RunsDataset, Public: true, Schema: catalog.Schema{Shape: catalog.NoShape, Key: "id", Fields: append(questionFields(), answerFields()...)},
		Metadata: about(text("Standortplanung: Rechenläufe", "Siting: runs"),
			text("Veröffentlichte Rechenläufe der Standortplanung mobiler Rathausstationen: Frage, Ergebnis, bewiesene Schranke und Kennzahlen.",
				"Published runs of the siting of mobile town-hall stations: question, answer, proven bound and figures."))}
}

func questionFields() []catalog.Field {
	return []catalog.Field{
		identified(),
		titled(field("name", catalog.String, "Szenario", "Scenario")),
		coded(field("objective", catalog.String, "Ziel", "Objective"),
			code("pmedian", "Wege insgesamt so kurz wie möglich", "shortest ways in total"),
			code("capacitated", "Wege so kurz wie möglich bei begrenzter Kapazität", "shortest ways with limited capacity"),
			code("mclp", "möglichst viele in der Zeit erreichen", "reach as many as possible in time"),
			code("lscp", "alle in der Zeit mit möglichst wenigen Standorten", "all in time with as few sites as possible"),
			code("pcenter", "den längsten Weg so kurz wie möglich", "the longest way as short as possible")),
		field("weekly", catalog.Boolean, "Wochenplan", "Week's plan"),
		field("p", catalog.Integer, "Zahl der Standorte", "Number of sites"),
		measured("s", field("radius_s", catalog.Integer, "Zeitgrenze", "Time limit")),
		measured("s", field("cap_s", catalog.Integer, "Längster gezählter Weg", "Longest way that counts")),
		measured("s", field("cutoff_s", catalog.Integer, "Längster Weg", "Longest way")),
		coded(field("profile", catalog.String, "Fortbewegung", "Mode of travel"),
			code("walk", "zu Fuß", "on foot"), code("bike", "mit dem Rad", "by bicycle"), code("car", "mit dem Auto", "by car")),
		field("day", catalog.Date, "Tag der Baustellen", "Day of roadworks"),
		coded(field("measure", catalog.String, "Maß der Nachfrage", "Measure of demand"),
			code("people", "Menschen", "people"), code("visits", "Besuche im Jahr", "visits a year")),
		field("source", catalog.String, "Quelle der Nachfrage", "Source of demand"),
		field("source_sha256", catalog.String, "SHA-256 der Quelle", "SHA-256 of the source"),
		field("definition", catalog.JSON, "Vollständige Frage mit Kandidaten", "Complete question with candidates"),
	}
}

func answerFields() []catalog.Field {
	return []catalog.Field{
		coded(field("status", catalog.String, "Beweis", "Proof"),
			code("optimal", "bewiesen optimal", "proven optimal"), code("gap", "mit bewiesener Lücke", "with a proven gap")),
		field("value", catalog.Integer, "Wert", "Value"),
		field("bound", catalog.Integer, "Bewiesene Schranke", "Proven bound"),
		field("gap", catalog.Number, "Lücke", "Gap"),
		field("unit", catalog.String, "Einheit von Wert und Schranke", "Unit of value and bound"),
		scaleField(),
		field("sites", catalog.Integer, "Offene Standorte", "Open sites"),
		field("served", catalog.Integer, "Versorgtes Gewicht", "Weight served"),
		field("unserved", catalog.Integer, "Unversorgtes Gewicht", "Weight not served"),
		field("unreachable", catalog.Integer, "Davon ohne jeden Weg", "Of it without any way"),
		measured("s", field("mean_s", catalog.Number, "Mittlerer Weg", "Mean way")),
		measured("s", field("median_s", catalog.Number, "Median der Wege", "Median way")),
		measured("s", field("worst_tenth_s", catalog.Number, "Weg des schlechtesten Zehntels", "Way of the worst-off tenth")),
		measured("s", field("max_s", catalog.Number, "Längster Weg", "Longest way found")),
		field("gini", catalog.Number, "Gini-Koeffizient der Wege", "Gini coefficient of ways"),
		field("within", catalog.JSON, "Gewicht je Zeit", "Weight within times"),
		coded(field("travel_basis", catalog.String, "Grundlage der Wege", "Basis of ways"),
			code("road_network", "Straßennetz", "street network"), code("straight_line", "Luftlinie mit Umwegfaktor", "straight line with a detour factor")),
		field("travel_version", catalog.String, "Stand der Wege", "Version of ways"),
		field("attribution", catalog.String, "Quellenangabe", "Attribution"),
		field("computed", catalog.DateTime, "Berechnet", "Computed"),
		field("inputs_sha256", catalog.String, "SHA-256 der Eingaben", "SHA-256 of the inputs"),
		field("inputs", catalog.String, "Eingaben", "Inputs"),
		field("certificate", catalog.String, "Zertifikat", "Certificate"),
	}
}

func sitesDataset() catalog.Dataset {
	return catalog.Dataset{ID: SitesDataset, Public: true, Metadata: about(text("Standortplanung: gewählte Standorte", "Siting: chosen sites"),
		text("Die Standorte, die veröffentlichte Rechenläufe wählen, mit ihrem Einzugsgebiet in Zahlen.", "The sites that published runs choose, with their catchments in numbers.")),
		Schema: catalog.Schema{Shape: catalog.Point, Key: "id", Fields: []catalog.Field{
			identified(), field("run", catalog.String, "Rechenlauf", "Run"), field("site", catalog.String, "Standort", "Site"),
			titled(field("name", catalog.String, "Name", "Name")),
			coded(field("role", catalog.String, "Rolle", "Role"), code("free", "gewählt", "chosen"),
				code("required", "gesetzt", "required"), code("existing", "besteht schon", "existing")),
			field("step_free", catalog.Boolean, "Stufenlos erreichbar", "Step-free access"),
			field("weight", catalog.Integer, "Gewicht des Einzugsgebiets", "Weight of the catchment"), scaleField(),
			measured("s", field("mean_s", catalog.Number, "Mittlerer Weg", "Mean way")),
			measured("s", field("farthest_s", catalog.Number, "Längster Weg", "Longest way")),
			field("loss", catalog.Integer, "Verlust ohne diesen Standort", "Loss without this site"),
			field("loss_unserved", catalog.Integer, "Ohne ihn unversorgtes Gewicht", "Weight not served without it"),
		}}}
}

func cellsDataset() catalog.Dataset {
	return catalog.Dataset{ID: CellsDataset, Public: true, Metadata: about(text("Standortplanung: Einzugsgebiete", "Siting: catchments"),
		text("Die Zellen der Nachfrage und welcher Standort sie in veröffentlichten Rechenläufen versorgt.", "The cells of demand and which site serves them in published runs.")),
		Schema: catalog.Schema{Shape: catalog.Any, Key: "id", Fields: []catalog.Field{
			identified(), field("run", catalog.String, "Rechenlauf", "Run"),
			titled(field("cell", catalog.String, "Zelle (INSPIRE)", "Cell (INSPIRE)")),
			field("weight", catalog.Integer, "Gewicht", "Weight"), scaleField(),
			measured("{person}", field("people", catalog.Integer, "Menschen", "People")),
			measured("{person}", field("over_65", catalog.Integer, "Davon ab 65 Jahren", "Of them 65 and older")),
			field("guessed", catalog.Boolean, "Geschätzt", "Estimated"),
			field("site", catalog.String, "Standort", "Site"),
			measured("s", field("seconds", catalog.Number, "Weg", "Way")),
		}}}
}
