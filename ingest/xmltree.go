package ingest

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"slices"
	"strings"
)

// xmlNode is one element of a record that is held in memory. Its methods work
// on nil, so that paths can be written without asking at every step.
type xmlNode struct {
	name     string
	attrs    []xml.Attr
	chars    []byte
	children []*xmlNode
}

// tree reads the element that start has begun. What is longer than MaxRecord
// is stepped over; then only the beginning is in the tree.
func (d *datexReader) tree(start xml.StartElement, offset int64) (*xmlNode, int64, error) {
	top := &xmlNode{name: start.Name.Local, attrs: start.Copy().Attr}
	open := []*xmlNode{top}
	for len(open) > 0 {
		t, _, _, err := d.token()
		if err != nil {
			if err.Error() == "EOF" { // the end of the file inside an element
				err = &xml.SyntaxError{Msg: "unexpected EOF"}
			}
			return nil, 0, err
		}
		over := d.xml.InputOffset()-offset > d.options.MaxRecord
		last := open[len(open)-1]
		switch t := t.(type) {
		case xml.StartElement:
			n := &xmlNode{name: t.Name.Local}
			if !over {
				n.attrs = t.Copy().Attr
				last.children = append(last.children, n)
			}
			open = append(open, n)
		case xml.CharData:
			if !over {
				last.chars = append(last.chars, t...)
			}
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
	return top, d.xml.InputOffset() - offset, nil
}

func attribute(attrs []xml.Attr, name string) string {
	for _, a := range attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (n *xmlNode) attr(name string) string {
	if n == nil {
		return ""
	}
	return attribute(n.attrs, name)
}

// all are the elements of that name below n, in document order.
func (n *xmlNode) all(name string) []*xmlNode {
	if n == nil {
		return nil
	}
	var out []*xmlNode
	for _, c := range n.children {
		if c.name == name {
			out = append(out, c)
		} else {
			out = append(out, c.all(name)...)
		}
	}
	return out
}

// find is the first element of that name below n; nil when there is none.
func (n *xmlNode) find(name string) *xmlNode {
	if n == nil {
		return nil
	}
	for _, c := range n.children {
		if c.name == name {
			return c
		}
		if f := c.find(name); f != nil {
			return f
		}
	}
	return nil
}

// text is the element's text; of a text in several languages the German one,
// else the first.
func (n *xmlNode) text() string {
	if n == nil {
		return ""
	}
	if values := n.all("value"); len(values) > 0 {
		for _, v := range values {
			if strings.HasPrefix(strings.ToLower(v.attr("lang")), "de") {
				return v.text()
			}
		}
		return values[0].text()
	}
	return strings.TrimSpace(string(n.chars))
}

// json writes an element as a JSON object: attributes as "@name", children by
// name (several of one name as an array), text as a string. Coordinates are
// left out, they are the geometry.
func (n *xmlNode) json() json.RawMessage {
	var b bytes.Buffer
	n.write(&b)
	return b.Bytes()
}

func isPosition(name string) bool {
	return slices.Contains([]string{"gmlLineString", "gmlMultiPolygon", "pointByCoordinates", "pointCoordinates", "posList"}, name)
}

func (n *xmlNode) write(b *bytes.Buffer) {
	text := strings.TrimSpace(string(n.chars))
	if len(n.children) == 0 && len(n.attrs) == 0 {
		writeJSON(b, text)
		return
	}
	b.WriteByte('{')
	member := func(name string) {
		if b.Bytes()[b.Len()-1] != '{' {
			b.WriteByte(',')
		}
		writeJSON(b, name)
		b.WriteByte(':')
	}
	for _, a := range n.attrs {
		if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
			member("@" + a.Name.Local)
			writeJSON(b, a.Value)
		}
	}
	if text != "" {
		member("#text")
		writeJSON(b, text)
	}
	var done []string
	for _, c := range n.children {
		if isPosition(c.name) || slices.Contains(done, c.name) {
			continue
		}
		done = append(done, c.name)
		member(c.name)
		n.writeAll(b, c.name)
	}
	b.WriteByte('}')
}

func (n *xmlNode) writeAll(b *bytes.Buffer, name string) {
	var same []*xmlNode
	for _, c := range n.children {
		if c.name == name {
			same = append(same, c)
		}
	}
	if len(same) == 1 {
		same[0].write(b)
		return
	}
	b.WriteByte('[')
	for i, c := range same {
		if i > 0 {
			b.WriteByte(',')
		}
		c.write(b)
	}
	b.WriteByte(']')
}
