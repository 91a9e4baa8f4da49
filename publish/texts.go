package publish

import "github.com/ortsnah/ortsnah/catalog"

// The sentences that the catalogue speaks itself; everything else comes from
// the datasets' metadata.

const unnamedTown = "Kommune ohne Namen"

func catalogTitle(town string) catalog.Text {
	return catalog.Text{DE: "Offene Daten: " + town, EN: "Open data: " + town}
}

func catalogDescription(town string) catalog.Text {
	return catalog.Text{
		DE: "Offene Daten von " + town + " zum Herunterladen und über Schnittstellen, mit allen früheren Ständen.",
		EN: "Open data of " + town + " as downloads and through interfaces, with all earlier versions.",
	}
}

func serviceTitle(town string) catalog.Text {
	return catalog.Text{DE: "OGC API: offene Geodaten von " + town, EN: "OGC API: open geodata of " + town}
}

func serviceDescription() catalog.Text {
	return catalog.Text{
		DE: "Schnittstelle nach OGC API – Features: Objekte nach Ort, Zeit und Merkmalen abfragen.",
		EN: "Interface according to OGC API – Features: query objects by place, time and attributes.",
	}
}

func fileTitle(dataset catalog.Text, format string) catalog.Text {
	t := catalog.Text{DE: dataset.DE + " als " + format}
	if dataset.EN != "" {
		t.EN = dataset.EN + " as " + format
	}
	return t
}

func apiTitle(dataset catalog.Text) catalog.Text {
	t := catalog.Text{DE: dataset.DE + " über OGC API – Features"}
	if dataset.EN != "" {
		t.EN = dataset.EN + " through OGC API – Features"
	}
	return t
}

func demoKeyword() catalog.Text { return catalog.Text{DE: "Demo", EN: "demo"} }

func demoNote() catalog.Text {
	return catalog.Text{
		DE: "Demo: Diese Daten sind erfunden.",
		EN: "Demo: these data are invented.",
	}
}

func rightsText(licence catalog.Licence) catalog.Text {
	return catalog.Text{
		DE: "Frei nutzbar unter der Lizenz „" + licence.Title + "“.",
		EN: "Free to use under the licence “" + licence.Title + "”.",
	}
}
