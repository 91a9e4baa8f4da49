package publish

import (
	"github.com/ortsnah/ortsnah/catalog"
)

// service describes the OGC API (DCAT-AP.de 3.0, class dcat:DataService). Its
// licence and its high-value marks are those of all datasets; the relation to
// datasets is given for those in this document only.
func (g *graph) service(all, shown []Entry) {
	s := g.serviceIRI()
	g.is(s, "dcat:DataService", "dcat:Resource")
	g.text(s, "dct:title", serviceTitle(g.townName()))
	g.text(s, "dct:description", serviceDescription())
	g.ref(s, "dct:publisher", g.publisher("", catalog.Body{}))
	g.ref(s, "dcat:contactPoint", g.contact("", catalog.Contact{}))
	g.ref(s, "dcat:endpointURL", g.base+"/ogc/")
	g.ref(s, "dcat:endpointDescription", g.base+"/ogc/api")
	g.ref(s, "dct:conformsTo", "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core")
	g.ref(s, "dct:accessRights", eu("access-right", "PUBLIC"))
	g.ref(s, "dct:format", eu("file-type", "GEOJSON"))
	g.ref(s, "dcatap:availability", eu("planned-availability", "STABLE"))
	if licence, ok := strictest(all); ok {
		g.ref(s, "dct:license", licence.IRI)
	}
	for _, e := range all {
		g.highValue(s, e.Metadata)
	}
	for _, e := range shown {
		g.ref(s, "dcat:servesDataset", g.datasetIRI(e.ID))
	}
}

// strictest is the licence of the service as a whole: a service may name only
// one, and who keeps the terms of the least open one keeps them all. Each
// dataset's own licence is at its distributions.
func strictest(datasets []Entry) (catalog.Licence, bool) {
	list := catalog.Licences()
	for i := len(list) - 1; i >= 0; i-- {
		for _, e := range datasets {
			if e.Metadata.Licence == list[i].Code {
				return list[i], true
			}
		}
	}
	return catalog.Licence{}, false
}
