package publish

import (
	"strconv"

	"github.com/ortsnah/ortsnah/catalog"
)

// file describes a snapshot file (DCAT-AP.de 3.0, class dcat:Distribution)
// and returns its IRI, which is its address.
func (g *graph) file(e Entry, f catalog.Distribution) string {
	iri := g.datasetIRI(e.ID) + "/" + strconv.Itoa(f.Version) + "/" + f.File
	format, err := FormatNamed(f.Format)
	if err != nil { // written by a newer program: its own words must do
		format = Format{Title: f.Format, MediaType: f.MediaType}
	}
	g.distribution(iri, e, format)
	g.text(iri, "dct:title", fileTitle(titleOf(e), format.Title))
	g.ref(iri, "dcat:accessURL", iri)
	g.ref(iri, "dcat:downloadURL", iri)
	g.add(iri, "dcat:byteSize", Typed(strconv.FormatInt(f.Bytes, 10), "xsd:nonNegativeInteger"))
	g.dateTime(iri, "dct:issued", f.Created)
	g.dateTime(iri, "dct:modified", f.Created)
	sum := iri + "#checksum"
	g.ref(iri, "spdx:checksum", sum)
	g.is(sum, "spdx:Checksum")
	g.ref(sum, "spdx:algorithm", expand("spdx:checksumAlgorithm_sha256"))
	g.is(expand("spdx:checksumAlgorithm_sha256"), "spdx:ChecksumAlgorithm")
	g.add(sum, "spdx:checksumValue", Typed(f.SHA256, "xsd:hexBinary"))
	return iri
}

// api describes access to the dataset through the OGC API. The access address
// of a distribution with a service is the service's endpoint.
func (g *graph) api(e Entry) string {
	iri := g.datasetIRI(e.ID) + "#api"
	g.distribution(iri, e, Format{MediaType: "application/geo+json", FileType: eu("file-type", "GEOJSON")})
	g.text(iri, "dct:title", apiTitle(titleOf(e)))
	g.ref(iri, "dcat:accessURL", g.base+"/ogc/")
	g.ref(iri, "dcat:accessService", g.serviceIRI())
	g.dateTime(iri, "dct:issued", e.Created)
	g.dateTime(iri, "dct:modified", e.Modified)
	return iri
}

// distribution says what files and services have in common: licence, rights,
// format and availability.
func (g *graph) distribution(iri string, e Entry, f Format) {
	g.is(iri, "dcat:Distribution")
	licence, ok := catalog.LicenceOf(e.Metadata.Licence)
	if ok {
		g.ref(iri, "dct:license", licence.IRI)
		rights := g.datasetIRI(e.ID) + "#rights"
		g.ref(iri, "dct:rights", rights)
		g.is(rights, "dct:RightsStatement")
		g.text(rights, "rdfs:label", rightsText(licence))
	}
	if text := g.attribution(e.Metadata, licence); text != "" {
		g.add(iri, "dcatde:licenseAttributionByText", Text(text, "de"))
	}
	if f.FileType != "" {
		g.ref(iri, "dct:format", f.FileType)
	}
	g.ref(iri, "dcat:mediaType", "http://www.iana.org/assignments/media-types/"+f.MediaType)
	g.ref(iri, "dct:language", eu("language", "DEU"))
	g.ref(iri, "dcatap:availability", eu("planned-availability", "STABLE"))
	g.ref(iri, "adms:status", eu("distribution-status", "COMPLETED"))
	g.highValue(iri, e.Metadata)
}

// attribution is the text that the licence asks users to show.
func (g *graph) attribution(meta catalog.Metadata, licence catalog.Licence) string {
	return attributionOf(meta, licence, g.town)
}

// attributionOf is the text to name the source by: the dataset's own, else
// the publisher where the licence asks for one, else nothing.
func attributionOf(meta catalog.Metadata, licence catalog.Licence, town catalog.Town) string {
	switch {
	case meta.Attribution != "" || !licence.Credits:
		return meta.Attribution
	case meta.Publisher.Name != "":
		return meta.Publisher.Name
	case town.Publisher.Name != "":
		return town.Publisher.Name
	}
	return or(town.Name, unnamedTown)
}
