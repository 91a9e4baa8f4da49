package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/paulmach/orb"
)

// openKarlsruhe reads the construction sites of the city of Karlsruhe:
// GeoJSON whose feature geometry is only a point, while properties.area holds
// the closed area or lines. Older states of the feed have the point alone. The
// point stays in source_properties, so that two features are equal here
// exactly when they are equal in the feed.
func openKarlsruhe(_ context.Context, in Input, o Options) (Reader, error) {
	p := &karlsruheParser{featureParser: *newFeatureParser(o), area: newFeatureParser(o)}
	return openDocument(in, o, nil, func(members) (parseFunc, geo.SRID, error) { return p.site, geo.CRS84, nil })
}

func sniffKarlsruhe(head []byte, _ string) bool {
	return sniffJSON(head, "") && bytes.Contains(head, []byte(`"verursacher"`)) && bytes.Contains(head, []byte(`"verkehrsmittel"`)) &&
		bytes.Contains(head, []byte(`"ampel"`))
}

type karlsruheParser struct {
	featureParser
	area   *featureParser
	out    Record
	fields site
}

func (p *karlsruheParser) site(fr frame) (*Record, *ortsnah.Error) {
	rec, err := p.parse(fr)
	if err != nil {
		return nil, err
	}
	p.out = Record{ID: first(rec.Properties, "id"), Geometry: rec.Geometry}
	var point []Property
	if pt, ok := rec.Geometry.(orb.Point); ok {
		point = []Property{{Name: "point", Value: json.RawMessage("[" + decimal(pt[0]) + "," + decimal(pt[1]) + "]")}}
	}
	for _, q := range rec.Properties {
		raw, ok := q.Value.(json.RawMessage)
		if q.Name != "area" || !ok {
			continue
		}
		p.area.b, p.area.i, p.area.line = raw, 0, fr.line
		if p.out.Geometry, err = p.area.geometry(0); err != nil {
			return nil, err
		}
	}
	p.fill(rec.Properties, point)
	p.out.Properties = p.fields.props
	return &p.out, nil
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func (p *karlsruheParser) fill(props, point []Property) {
	impact := map[string]string{"voll": "closed", "teil": "partial", "gering": "partial", "keine": "none"}[first(props, "ampel")]
	var modes map[string]bool
	nested(props, "verkehrsmittel", &modes)
	mode := func(name string) string {
		affected, known := modes[name]
		return impactIf(affected, known, impact)
	}
	s := &p.fields
	s.begin()
	s.set("id", p.out.ID)
	s.set("title", first(props, "titel", "id"))
	s.set("description", first(props, "info"))
	s.set("kind", first(props, "art", "artCode"))
	s.set("start", first(props, "von"))
	s.set("end", first(props, "bis"))
	s.set("impact", impact)
	s.set("affects_car", mode("auto"))
	s.set("affects_bike", mode("rad"))
	s.set("affects_foot", mode("fuss"))
	s.set("affects_bus", mode("oepnv"))
	s.set("responsible_body", first(props, "verursacher"))
	s.source(verbatim(props, []string{"area"}, point...))
}
