package publish

import (
	"bufio"
	"io"
	"strings"
)

// writeNTriples writes RDF 1.1 N-Triples (W3C, 2014) in UTF-8, one statement
// a line.
func writeNTriples(w io.Writer, triples []Triple) error {
	out := bufio.NewWriter(w)
	for _, t := range triples {
		out.WriteString("<" + t.Subject + "> <" + t.Predicate + "> ")
		out.WriteString(turtleTerm(t.Object, func(iri string) string { return "<" + iri + ">" }))
		out.WriteString(" .\n")
	}
	return out.Flush()
}

// writeTurtle writes RDF 1.1 Turtle (W3C, 2014): one block a subject, objects
// of the same predicate in one list.
func writeTurtle(w io.Writer, triples []Triple) error {
	out := bufio.NewWriter(w)
	for _, n := range namespaces() {
		out.WriteString("@prefix " + n.prefix + ": <" + n.iri + "> .\n")
	}
	for _, subject := range groups(triples, bySubject) {
		out.WriteString("\n<" + subject[0].Subject + ">\n")
		predicates := groups(subject, byPredicate)
		for i, p := range predicates {
			writeTurtleObjects(out, p)
			if i == len(predicates)-1 {
				out.WriteString(" .\n")
			} else {
				out.WriteString(" ;\n")
			}
		}
	}
	return out.Flush()
}

func writeTurtleObjects(out *bufio.Writer, triples []Triple) {
	name := turtleIRI(triples[0].Predicate)
	if name == "rdf:type" {
		name = "a"
	}
	out.WriteString("    " + name + " ")
	for i, t := range triples {
		if i > 0 {
			out.WriteString(",\n        ")
		}
		out.WriteString(turtleTerm(t.Object, turtleIRI))
	}
}

func turtleIRI(iri string) string {
	if name, ok := compact(iri); ok {
		return name
	}
	return "<" + iri + ">"
}

func turtleTerm(t Term, iri func(string) string) string {
	if t.IRI {
		return iri(t.Value)
	}
	s := `"` + turtleEscape(t.Value) + `"`
	switch {
	case t.Language != "":
		return s + "@" + t.Language
	case t.Datatype != "":
		return s + "^^" + iri(t.Datatype)
	}
	return s
}

// turtleEscape is canonical N-Triples: only what must be escaped is.
func turtleEscape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(s)
}
