package catalog

// Licence is a licence that data may be published under.
type Licence struct {
	Code    string // how metadata names it
	Title   string
	IRI     string // in the dcat-ap.de list of licences
	EU      string // in the EU authority table, "" when it has none
	URL     string // the text of the licence
	Credits bool   // asks for attribution
}

// Licences is the list of licences, most open first; the codes and IRIs are
// those of http://dcat-ap.de/def/licenses (GovData) and of the EU authority
// table http://publications.europa.eu/resource/authority/licence.
func Licences() []Licence {
	const de, eu = "http://dcat-ap.de/def/licenses/", "http://publications.europa.eu/resource/authority/licence/"
	return []Licence{
		{"cc-zero", "Creative Commons CC Zero 1.0", de + "cc-zero", eu + "CC0", "https://creativecommons.org/publicdomain/zero/1.0/", false},
		{"dl-zero-de/2.0", "Datenlizenz Deutschland – Zero – Version 2.0", de + "dl-zero-de/2.0", "", "https://www.govdata.de/dl-de/zero-2-0", false},
		{"cc-by/4.0", "Creative Commons Namensnennung 4.0", de + "cc-by/4.0", eu + "CC_BY_4_0", "https://creativecommons.org/licenses/by/4.0/", true},
		{"dl-by-de/2.0", "Datenlizenz Deutschland – Namensnennung – Version 2.0", de + "dl-by-de/2.0", "", "https://www.govdata.de/dl-de/by-2-0", true},
		{"geonutz/20130319", "Nutzungsbestimmungen für die Bereitstellung von Geodaten des Bundes (GeoNutzV)", de + "geonutz/20130319", "", "https://www.gesetze-im-internet.de/geonutzv/", true},
		{"odbl", "Open Data Commons Open Database License 1.0", de + "odbl", eu + "ODC_BL", "https://opendatacommons.org/licenses/odbl/1-0/", true},
	}
}

// LicenceOf returns the licence of that code.
func LicenceOf(code string) (Licence, bool) {
	for _, l := range Licences() {
		if l.Code == code {
			return l, true
		}
	}
	return Licence{}, false
}
