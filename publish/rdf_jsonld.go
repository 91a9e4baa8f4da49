package publish

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
)

// writeJSONLD writes JSON-LD 1.1 (W3C, 2020) in flattened form: a context of
// prefixes and a graph of one object a subject. Every value is written out as
// an object, so that no context but the prefixes is needed to understand it.
func writeJSONLD(w io.Writer, triples []Triple) error {
	out := bufio.NewWriter(w)
	out.WriteString("{\n  \"@context\": {")
	for i, n := range namespaces() {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString("\n    " + jsonText(n.prefix) + ": " + jsonText(n.iri))
	}
	out.WriteString("\n  },\n  \"@graph\": [")
	for i, subject := range groups(triples, bySubject) {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString("\n    {\n      \"@id\": " + jsonText(subject[0].Subject))
		for _, p := range groups(subject, byPredicate) {
			out.WriteString(",\n      ")
			writeJSONProperty(out, p)
		}
		out.WriteString("\n    }")
	}
	out.WriteString("\n  ]\n}\n")
	return out.Flush()
}

func writeJSONProperty(out *bufio.Writer, triples []Triple) {
	isType := triples[0].Predicate == rdfNamespace+"type"
	name := "@type"
	if !isType {
		name = jsonName(triples[0].Predicate)
	}
	out.WriteString(jsonText(name) + ": ")
	if len(triples) > 1 {
		out.WriteByte('[')
	}
	for i, t := range triples {
		if i > 0 {
			out.WriteString(", ")
		}
		if isType {
			out.WriteString(jsonText(jsonName(t.Object.Value)))
		} else {
			out.WriteString(jsonTerm(t.Object))
		}
	}
	if len(triples) > 1 {
		out.WriteByte(']')
	}
}

func jsonName(iri string) string {
	if name, ok := compact(iri); ok {
		return name
	}
	return iri
}

func jsonTerm(t Term) string {
	switch {
	case t.IRI:
		return `{"@id": ` + jsonText(t.Value) + `}`
	case t.Language != "":
		return `{"@language": ` + jsonText(t.Language) + `, "@value": ` + jsonText(t.Value) + `}`
	case t.Datatype != "":
		return `{"@type": ` + jsonText(jsonName(t.Datatype)) + `, "@value": ` + jsonText(t.Value) + `}`
	}
	return `{"@value": ` + jsonText(t.Value) + `}`
}

// jsonText is s as a JSON string, with "<", ">" and "&" as they are.
func jsonText(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string can always be encoded
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}
