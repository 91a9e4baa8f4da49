package publish

import (
	"bufio"
	"io"
	"strings"

	"github.com/ortsnah/ortsnah"
)

// writeRDFXML writes RDF 1.1 XML Syntax (W3C, 2014): one element a subject,
// named by its first type, which is what harvesters of dcat:Dataset look for.
// A predicate that is no qualified name cannot be written in this syntax.
func writeRDFXML(w io.Writer, triples []Triple) error {
	out := bufio.NewWriter(w)
	out.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rdf:RDF")
	for _, n := range namespaces() {
		out.WriteString("\n    xmlns:" + n.prefix + `="` + n.iri + `"`)
	}
	out.WriteString(">\n")
	for _, subject := range groups(triples, bySubject) {
		if err := writeXMLSubject(out, subject); err != nil {
			return err
		}
	}
	out.WriteString("</rdf:RDF>\n")
	return out.Flush()
}

func writeXMLSubject(out *bufio.Writer, triples []Triple) error {
	element, subject := "rdf:Description", triples[0].Subject
	if t := triples[0]; t.Predicate == rdfNamespace+"type" {
		if name, ok := compact(t.Object.Value); ok {
			element, triples = name, triples[1:]
		}
	}
	out.WriteString("  <" + element + ` rdf:about="` + xmlEscape(subject) + `">` + "\n")
	for _, t := range triples {
		name, ok := compact(t.Predicate)
		if !ok {
			return ortsnah.E(ortsnah.Internal, "publish.predicate_without_prefix", "predicate", t.Predicate)
		}
		out.WriteString("    <" + name + xmlObject(t.Object, name))
	}
	out.WriteString("  </" + element + ">\n")
	return nil
}

func xmlObject(t Term, name string) string {
	if t.IRI {
		return ` rdf:resource="` + xmlEscape(t.Value) + `"/>` + "\n"
	}
	attribute := ""
	switch {
	case t.Language != "":
		attribute = ` xml:lang="` + t.Language + `"`
	case t.Datatype != "":
		attribute = ` rdf:datatype="` + xmlEscape(t.Datatype) + `"`
	}
	return attribute + ">" + xmlEscape(t.Value) + "</" + name + ">\n"
}

// xmlEscape escapes markup, and carriage returns, which XML readers would
// otherwise turn into line feeds (XML 1.0, section 2.11).
func xmlEscape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\r", "&#13;").Replace(s)
}
