package publish

import (
	"bytes"
	"encoding/csv"
	"os"
	"strings"
	"testing"
)

// csvCell is a CSV cell; only a quoted empty one is the empty text.
type csvCell struct {
	text   string
	quoted bool
}

// parseCSV is RFC 4180 to the letter: CRLF between records, quotes doubled.
func parseCSV(t *testing.T, body string) [][]csvCell {
	t.Helper()
	var records [][]csvCell
	for body != "" {
		var record []csvCell
		for {
			var c csvCell
			if c.quoted = strings.HasPrefix(body, `"`); c.quoted {
				body = body[1:]
				for {
					i := strings.IndexByte(body, '"')
					if i < 0 {
						t.Fatalf("quote is not closed: %.100q", body)
					}
					c.text += body[:i]
					body = body[i+1:]
					if !strings.HasPrefix(body, `"`) {
						break
					}
					c.text += `"`
					body = body[1:]
				}
			} else {
				i := strings.IndexAny(body, ",\r\n\"")
				if i < 0 || body[i] == '"' || body[i] == '\n' {
					t.Fatalf("bare cell is not ended: %.100q", body)
				}
				c.text, body = body[:i], body[i:]
			}
			record = append(record, c)
			if rest, ok := strings.CutPrefix(body, ","); ok {
				body = rest
				continue
			}
			rest, ok := strings.CutPrefix(body, "\r\n")
			if !ok {
				t.Fatalf("record does not end in CRLF: %.100q", body)
			}
			body = rest
			break
		}
		records = append(records, record)
	}
	return records
}

func readCSV(t *testing.T, f fixture, path string) []seen {
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if other, err := csv.NewReader(bytes.NewReader(body)).ReadAll(); err != nil || len(other) != len(f.rows)+1 {
		t.Errorf("encoding/csv: %d records, want %d, %v", len(other), len(f.rows)+1, err)
	}
	records := parseCSV(t, string(body))
	header := records[0]
	var all []seen
	for _, record := range records[1:] {
		if len(record) != len(header) {
			t.Fatalf("%d cells under %d headings: %v", len(record), len(header), record)
		}
		all = append(all, fromCells(header, record))
		for i, c := range record {
			if c.text != "" && strings.Contains("=+-@\t\r", c.text[:1]) && header[i].text != "count" {
				t.Errorf("column %s: a spreadsheet would run %q", header[i].text, c.text)
			}
		}
	}
	if len(f.rows) > 0 {
		compareOGR(t, f, path, "-oo", "GEOM_POSSIBLE_NAMES=geometry", "-oo", "X_POSSIBLE_NAMES=lon",
			"-oo", "Y_POSSIBLE_NAMES=lat", "-oo", "KEEP_GEOM_COLUMNS=NO")
	}
	return all
}

func fromCells(header, record []csvCell) seen {
	s := seen{Values: map[string]string{}}
	var lon, lat string
	for i, c := range record {
		text := unprotect(c.text)
		switch name := header[i].text; {
		case name == "_key":
			s.Key = text
		case text == "" && !c.quoted:
		case name == "lon":
			lon = text
		case name == "lat":
			lat = text
		case name == "geometry":
			s.WKT = text
		case name == "extra":
			s.Values[name] = compactJSON(text)
		default:
			s.Values[name] = text
		}
	}
	if lon != "" {
		s.WKT = "POINT (" + lon + " " + lat + ")"
	}
	return s
}
