package publish

import (
	"strings"

	"github.com/ortsnah/ortsnah/catalog"
)

// townName is never empty: a deployment that has not been named yet still
// makes a valid catalogue.
func (g *graph) townName() string {
	if g.town.Name != "" {
		return g.town.Name
	}
	return unnamedTown
}

// publisher describes who publishes and returns its IRI: body when it has a
// name, else the municipality. dataset is whose publisher it is.
func (g *graph) publisher(dataset string, body catalog.Body) string {
	iri, authority := g.base+"/#publisher", true
	if body.Name != "" && body != g.town.Publisher {
		iri, authority = g.datasetIRI(dataset)+"#publisher", false
	} else {
		body = g.town.Publisher
	}
	if body.Name == "" {
		body.Name = g.townName()
	}
	g.is(iri, "foaf:Agent", "foaf:Organization")
	g.add(iri, "foaf:name", Text(body.Name, "de"))
	if body.URL != "" {
		g.ref(iri, "foaf:homepage", body.URL)
	}
	if authority {
		g.ref(iri, "dct:type", "http://purl.org/adms/publishertype/LocalAuthority")
	}
	return iri
}

// contact describes where questions go (vcard:Kind) and returns its IRI: the
// dataset's own contact, else the municipality's. DCAT-AP.de wants at least
// one of mail, telephone and address of a page; the portal itself is the last
// resort.
func (g *graph) contact(dataset string, c catalog.Contact) string {
	iri := g.datasetIRI(dataset) + "#contact"
	if c == (catalog.Contact{}) || c == g.town.Contact {
		iri, c = g.base+"/#contact", g.town.Contact
	}
	if c.Name == "" {
		c.Name = g.townName()
	}
	g.is(iri, "vcard:Kind", "vcard:Organization")
	g.add(iri, "vcard:fn", Text(c.Name, "de"))
	if c.Email != "" {
		g.ref(iri, "vcard:hasEmail", "mailto:"+strings.TrimPrefix(c.Email, "mailto:"))
	}
	if number := dialled(c.Phone); number != "" {
		g.ref(iri, "vcard:hasTelephone", "tel:"+number)
	}
	if c.URL != "" {
		g.ref(iri, "vcard:hasURL", c.URL)
	}
	if c.Email == "" && c.URL == "" && dialled(c.Phone) == "" {
		g.ref(iri, "vcard:hasURL", g.base+"/")
	}
	return iri
}

// dialled is a telephone number as RFC 3966 writes it: "05241 82-1" becomes
// "+495241821", numbers that begin with "+" keep their country.
func dialled(phone string) string {
	phone = strings.ReplaceAll(phone, "(0)", "")
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
	switch {
	case digits == "":
		return ""
	case strings.HasPrefix(strings.TrimSpace(phone), "+"):
		return "+" + digits
	case strings.HasPrefix(digits, "00"):
		return "+" + digits[2:]
	case strings.HasPrefix(digits, "0"):
		return "+49" + digits[1:]
	}
	return digits // a short number such as 115, dialled as it is
}

// contributor is the dcatde:contributorID: the configured one, else that of
// the state's portal, which a municipality's data reaches GovData through.
func (g *graph) contributor() string {
	if g.town.Contributor != "" {
		return g.town.Contributor
	}
	state := g.town.AGS
	if state == "" {
		state = g.town.ARS
	}
	name := "govData"
	if len(state) >= 2 {
		if n, ok := contributors()[state[:2]]; ok {
			name = n
		}
	}
	return "http://dcat-ap.de/def/contributors/" + name
}

// contributors maps the first two digits of a municipality's key to the
// state's entry in the dcat-ap.de list of data providers.
func contributors() map[string]string {
	return map[string]string{
		"01": "schleswigHolstein", "02": "transparenzportalHamburg", "03": "landNiedersachsen", "04": "transparenzportalBremen",
		"05": "openNRW", "06": "hessen", "07": "openGovernmentDataPortalRheinlandPfalz",
		"08": "datenBW", "09": "openDataBayern", "11": "berlinOpenData", "12": "landBrandenburg",
		"13": "mecklenburgVorpommern", "14": "freistaatSachsen", "15": "landSachsenAnhalt",
	}
}
