package publish

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ortsnah/ortsnah"
)

// Triple is one RDF statement (RDF 1.1 Concepts, section 3.1). Subjects and
// predicates are absolute IRIs: there are no blank nodes, so that two writings
// of the same data are equal byte by byte.
type Triple struct {
	Subject   string
	Predicate string
	Object    Term
}

// Term is the object of a Triple: an IRI, or a literal with a language or a
// datatype. A literal with neither is an xsd:string.
type Term struct {
	Value    string
	IRI      bool
	Language string // lower-case BCP 47 tag of a literal
	Datatype string // IRI
}

// Ref is a term that names a thing. Characters that no IRI may contain (RFC
// 3987, section 2.2) are percent-encoded.
func Ref(iri string) Term { return Term{Value: escapeIRI(iri), IRI: true} }

// Text is a literal in a language, "" for a plain string. Characters that XML
// 1.0 cannot carry are left out, so that all serialisations say the same.
func Text(value, language string) Term {
	return Term{Value: printable(value), Language: language}
}

// Typed is a literal of a datatype given as prefixed name or IRI, for example
// Typed("12", "xsd:integer").
func Typed(value, datatype string) Term {
	return Term{Value: printable(value), Datatype: expand(datatype)}
}

// Serialisation is one way of writing triples.
type Serialisation struct {
	Name      string // what Encode takes and what ?format= says
	Extension string // without the dot
	MediaType string
	write     func(w io.Writer, triples []Triple) error
}

// Serialisations is the list of RDF serialisations, the one harvesters read
// first at the top.
func Serialisations() []Serialisation {
	return []Serialisation{
		{"rdfxml", "rdf", "application/rdf+xml", writeRDFXML},
		{"turtle", "ttl", "text/turtle", writeTurtle},
		{"jsonld", "jsonld", "application/ld+json", writeJSONLD},
		{"ntriples", "nt", "application/n-triples", writeNTriples},
	}
}

// Encode writes triples in the serialisation of that name, extension or media
// type. The order of triples does not matter: the output is sorted and without
// repetitions. An unknown name is Unacceptable "publish.no_serialisation".
func Encode(w io.Writer, format string, triples []Triple) error {
	for _, s := range Serialisations() {
		if format == s.Name || format == s.Extension || format == s.MediaType {
			return s.write(w, sorted(triples))
		}
	}
	return ortsnah.E(ortsnah.Unacceptable, "publish.no_serialisation", "format", format).About("format")
}

// namespace is a prefix and the IRI it stands for.
type namespace struct{ prefix, iri string }

// namespaces lists every vocabulary that the catalogue uses. All IRIs end in
// "/" or "#", which JSON-LD 1.1 asks of a prefix.
func namespaces() []namespace {
	return []namespace{
		{"adms", "http://www.w3.org/ns/adms#"},
		{"dcat", "http://www.w3.org/ns/dcat#"},
		{"dcatap", "http://data.europa.eu/r5r/"},
		{"dcatde", "http://dcat-ap.de/def/dcatde/"},
		{"dct", "http://purl.org/dc/terms/"},
		{"foaf", "http://xmlns.com/foaf/0.1/"},
		{"gsp", "http://www.opengis.net/ont/geosparql#"},
		{"hydra", "http://www.w3.org/ns/hydra/core#"},
		{"rdf", rdfNamespace},
		{"rdfs", "http://www.w3.org/2000/01/rdf-schema#"},
		{"skos", "http://www.w3.org/2004/02/skos/core#"},
		{"spdx", "http://spdx.org/rdf/terms#"},
		{"vcard", "http://www.w3.org/2006/vcard/ns#"},
		{"xsd", "http://www.w3.org/2001/XMLSchema#"},
	}
}

const rdfNamespace = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

// expand turns "dct:title" into an IRI; anything with "//" is one already. An
// unknown prefix is a mistake in this package.
func expand(name string) string {
	if strings.Contains(name, "//") {
		return name
	}
	prefix, local, _ := strings.Cut(name, ":")
	for _, n := range namespaces() {
		if n.prefix == prefix {
			return n.iri + local
		}
	}
	panic("publish: no namespace for " + name)
}

var localName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// compact is the inverse of expand where the local part is plain enough for
// every serialisation; ok is false otherwise.
func compact(iri string) (name string, ok bool) {
	for _, n := range namespaces() {
		if local, found := strings.CutPrefix(iri, n.iri); found && localName.MatchString(local) {
			return n.prefix + ":" + local, true
		}
	}
	return "", false
}

// sorted returns the triples ordered and each once: by subject, type first,
// then predicate and object.
func sorted(triples []Triple) []Triple {
	s := slices.Clone(triples)
	slices.SortFunc(s, func(a, b Triple) int {
		return cmp.Or(
			strings.Compare(a.Subject, b.Subject),
			cmp.Compare(rank(a.Predicate), rank(b.Predicate)),
			strings.Compare(a.Predicate, b.Predicate),
			strings.Compare(a.Object.Value, b.Object.Value),
			strings.Compare(a.Object.Language, b.Object.Language),
			strings.Compare(a.Object.Datatype, b.Object.Datatype),
			cmp.Compare(rankIRI(a.Object), rankIRI(b.Object)),
		)
	})
	return slices.Compact(s)
}

func rank(predicate string) int {
	if predicate == rdfNamespace+"type" {
		return 0
	}
	return 1
}

func rankIRI(t Term) int {
	if t.IRI {
		return 0
	}
	return 1
}

// groups splits sorted triples where key changes.
func groups(triples []Triple, key func(Triple) string) [][]Triple {
	var out [][]Triple
	for start := 0; start < len(triples); {
		end := start + 1
		for end < len(triples) && key(triples[end]) == key(triples[start]) {
			end++
		}
		out = append(out, triples[start:end])
		start = end
	}
	return out
}

func bySubject(t Triple) string   { return t.Subject }
func byPredicate(t Triple) string { return t.Predicate }

// escapeIRI percent-encodes what RFC 3987 does not allow in an IRI.
func escapeIRI(s string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "\ufffd") {
		if r <= ' ' || r == 0x7f || strings.ContainsRune("<>\"{}|\\^`", r) {
			fmt.Fprintf(&b, "%%%02X", r)
			continue
		}
		b.WriteRune(r)
	}
	return printable(b.String())
}

// printable leaves out what XML 1.0 (section 2.2) cannot carry and replaces
// invalid UTF-8.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return r
		case r < ' ' || r == 0xfffe || r == 0xffff || (r >= 0xd800 && r < 0xe000) || r > utf8.MaxRune:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}
