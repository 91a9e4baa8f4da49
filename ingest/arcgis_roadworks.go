package ingest

import (
	"context"
	"strings"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
)

// openArcGISRoadworks reads an ArcGIS service of construction sites. Towns
// name the attributes as they like, so they are found by the words that German
// services use; everything delivered stays in source_properties. It has to be
// asked for by name, since nothing in such a service says what it is about.
func openArcGISRoadworks(_ context.Context, in Input, o Options) (Reader, error) {
	p := &arcgisRoadworks{arcgisParser: arcgisParser{featureParser: *newFeatureParser(o)}}
	return openDocument(in, o, []string{"spatialReference", "fields", "exceededTransferLimit"}, func(top members) (parseFunc, geo.SRID, error) {
		_, crs, err := p.begin(top)
		return p.roadwork, crs, err
	})
}

type arcgisRoadworks struct {
	arcgisParser
	out    Record
	fields site
}

// roadworkWords are the attribute names, as catalog.FieldName writes them,
// that mean a field of the construction sites; the first that is filled wins.
func roadworkWords() [][]string {
	return [][]string{
		{"id", "globalid", "global_id", "guid", "uuid", "id", "vorgangsnummer", "aktenzeichen", "nummer", "objectid", "fid"},
		{"title", "title", "titel", "bezeichnung", "name", "massnahme", "baumassnahme", "projekt", "strasse", "strassenname", "lage"},
		{"description", "description", "beschreibung", "bemerkung", "info", "informationen", "hinweis", "text", "erlaeuterung"},
		{"kind", "kind", "art", "baustellenart", "massnahmenart", "art_der_massnahme", "grund", "anlass", "kategorie", "typ"},
		{"street", "street", "strasse", "strassenname", "str_name", "strname", "lage", "ort"},
		{"start", "start", "start_date", "startdatum", "beginn", "baubeginn", "von", "datum_von", "gueltig_von", "zeitraum_von", "anfang"},
		{"end", "end", "end_date", "enddatum", "ende", "bauende", "bis", "datum_bis", "gueltig_bis", "zeitraum_bis"},
		{"detour", "detour", "umleitung", "umleitungsstrecke"},
		{"responsible_body", "responsible_body", "verursacher", "bauherr", "auftraggeber", "veranlasser", "traeger", "zustaendig", "organisation"},
	}
}

func (p *arcgisRoadworks) roadwork(fr frame) (*Record, *ortsnah.Error) {
	rec, err := p.parse(fr)
	if err != nil {
		return nil, err
	}
	plain := map[string]string{}
	for _, q := range rec.Properties {
		if n := catalog.FieldName(q.Name); plain[n] == "" {
			plain[n] = text(q.Value)
		}
	}
	p.fields.begin()
	p.out = Record{ID: rec.ID, Geometry: rec.Geometry}
	for _, words := range roadworkWords() {
		for _, w := range words[1:] {
			if plain[w] == "" {
				continue
			}
			p.fields.set(words[0], plain[w])
			if words[0] == "id" {
				p.out.ID = plain[w]
			}
			break
		}
	}
	p.fields.set("impact", closure(plain))
	p.fields.source(verbatim(rec.Properties, nil))
	p.out.Properties = p.fields.props
	return &p.out, nil
}

// closure reads the words "Vollsperrung", "Teilsperrung" and the like.
func closure(plain map[string]string) string {
	for _, name := range []string{"sperrung", "sperrart", "art_der_sperrung", "verkehrseinschraenkung", "einschraenkung", "behinderung", "status_verkehr"} {
		switch v := strings.ToLower(plain[name]); {
		case v == "":
		case strings.Contains(v, "voll"):
			return "closed"
		case strings.Contains(v, "kein"):
			return "none"
		default:
			return "partial"
		}
	}
	return ""
}
