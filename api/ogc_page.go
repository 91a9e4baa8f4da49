package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
)

// collectionPage is a collection for people.
func (s *Server) collectionPage(r *http.Request, d catalog.Dataset) (web.OGCCollection, error) {
	e, err := s.extent(r.Context(), d)
	if err != nil {
		return web.OGCCollection{}, err
	}
	lang, own := web.LangOf(r), "/ogc/collections/"+d.ID
	return web.OGCCollection{ID: d.ID, Title: d.Metadata.Title.In(lang), Description: d.Metadata.Description.In(lang),
		Bounds: e.box(), Start: e.from, End: e.to, CRS: []string{crs84URI}, ItemsURL: own + "/items?f=html",
		DatasetPath: "/daten/" + d.ID, Fields: fieldRows(d, lang),
		Links: []web.Link{{Text: "JSON", URL: own + "?f=json"}, {Text: "GeoJSON", URL: own + "/items?f=json"},
			{Text: "DCAT-AP.de (Turtle)", URL: "/datasets/" + d.ID + "?f=ttl"}}}, nil
}

// itemsPage answers with a page of features as a table.
func (s *Server) itemsPage(w http.ResponseWriter, r *http.Request, d catalog.Dataset, q itemsRequest) error {
	c, err := s.collectionPage(r, d)
	if err != nil {
		return err
	}
	var table web.Table
	var last int64
	var more bool
	if !q.empty {
		err := s.pinned(r.Context(), d, q, func(ask catalog.Query) (_ bool, err error) {
			table, last, more, err = s.table(r, d, ask)
			return more, err
		})
		if err != nil {
			return err
		}
	}
	own := "/ogc/collections/" + d.ID + "/items?"
	p := web.OGCItems{Collection: c, Table: table, Returned: len(table.Rows),
		Matched: matched(q, len(table.Rows), more)}
	if d.Schema.Shape != catalog.NoShape {
		p.JSONURL = own + with(q.values, "f", "json")
	}
	if more {
		p.NextURL = own + q.next("html", last)
	}
	return s.page(w, r, p)
}

// table is the features that q selects, the row number of the last one, and
// whether there are more behind it. What names a feature to people comes first
// and its key, often a long one, last.
func (s *Server) table(r *http.Request, d catalog.Dataset, q catalog.Query) (t web.Table, last int64, more bool, err error) {
	lang := web.LangOf(r)
	fields := d.Schema.Public()
	title := slices.IndexFunc(fields, func(f catalog.Field) bool { return f.Role == catalog.RoleTitle })
	order := columnOrder(len(fields), title)
	order = slices.DeleteFunc(order, func(i int) bool { return i != title && fields[i].Name == d.Schema.Key }) // it is the last column
	for _, i := range order {
		t.Columns = append(t.Columns, fields[i].Title.In(lang))
	}
	t.Columns = append(t.Columns, i18n.Text(lang, "api.column.key", nil))
	limit := q.Limit
	q.Limit++
	err = catalog.Each(r.Context(), s.Open, d, q, int(geo.CRS84), func(f *catalog.Feature) error {
		if len(t.Rows) == limit {
			more = true
			return nil
		}
		row := web.Row{URL: "/ogc/collections/" + d.ID + "/items/" + url.PathEscape(f.Key) + "?f=html"}
		for _, i := range order {
			row.Cells = append(row.Cells, s.cell(lang, fields[i], f.Values[i], longestCell))
		}
		row.Cells = append(row.Cells, f.Key)
		row.Cells[0] = either(row.Cells[0], f.Key) // it is the link
		t.Rows, last = append(t.Rows, row), f.Row
		return nil
	})
	return t, last, more, err
}

// columnOrder are the numbers 0 to n-1 with first, unless it is -1, in front.
func columnOrder(n, first int) []int {
	var order []int
	if first >= 0 {
		order = append(order, first)
	}
	for i := range n {
		if i != first {
			order = append(order, i)
		}
	}
	return order
}

// longestCell is how many characters of a value a table shows.
const longestCell = 120

// cell is a value as a person reads it; longest 0 does not cut.
func (s *Server) cell(lang string, f catalog.Field, value any, longest int) string {
	var text string
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		text = codeTitle(f, v, lang)
	case int64:
		text = strconv.FormatInt(v, 10)
	case float64:
		text = i18n.Decimal(lang, v, 6)
	case bool:
		text = i18n.Text(lang, "api.value.no", nil)
		if v {
			text = i18n.Text(lang, "api.value.yes", nil)
		}
	case time.Time:
		text = i18n.Moment(lang, v.In(s.Zone))
		if f.Type == catalog.Date {
			text = i18n.Date(lang, v)
		}
	case json.RawMessage:
		text = plainJSON(v)
	}
	if runes := []rune(text); longest > 0 && len(runes) > longest {
		text = strings.TrimSpace(string(runes[:longest-1])) + "…"
	}
	return text
}

// codeTitle is what the code list says about value.
func codeTitle(f catalog.Field, value, lang string) string {
	for _, c := range f.Codes {
		if c.Value == value {
			return c.Title.In(lang)
		}
	}
	return value
}

// plainJSON shows a list of texts as a list of texts and the rest as it is.
func plainJSON(doc json.RawMessage) string {
	var list []string
	if json.Unmarshal(doc, &list) == nil {
		return strings.Join(list, ", ")
	}
	return string(doc)
}

// itemPage answers with one feature.
func (s *Server) itemPage(w http.ResponseWriter, r *http.Request, d catalog.Dataset, key string) error {
	c, err := s.collectionPage(r, d)
	if err != nil {
		return err
	}
	p := web.OGCItem{Collection: c, ID: key, Title: key}
	title, _ := d.Schema.WithRole(catalog.RoleTitle)
	err = catalog.Each(r.Context(), s.Open, d, catalog.Query{Key: key}, int(geo.CRS84), func(f *catalog.Feature) error {
		for i, field := range d.Schema.Public() {
			value := s.cell(web.LangOf(r), field, f.Values[i], 0)
			p.Properties = append(p.Properties, web.Property{Name: field.Name, Label: field.Title.In(web.LangOf(r)), Value: value})
			if field.Name == title.Name && value != "" {
				p.Title = value
			}
		}
		if f.Geometry != nil {
			b := f.Geometry.Bound()
			p.Bounds = [4]float64{b.Min.X(), b.Min.Y(), b.Max.X(), b.Max.Y()}
			p.JSONURL = "/ogc/collections/" + d.ID + "/items/" + url.PathEscape(key) + "?f=json"
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.page(w, r, p)
}

// fieldRows is the data dictionary as pages show it.
func fieldRows(d catalog.Dataset, lang string) []web.Field {
	var rows []web.Field
	for _, f := range d.Schema.Public() {
		row := web.Field{Name: f.Name, Type: i18n.Text(lang, "api.type."+string(f.Type), nil), Unit: f.Unit,
			Label: f.Title.In(lang), Text: f.Description.In(lang), Required: f.Required}
		for _, c := range f.Codes {
			row.Codes = append(row.Codes, web.Code{Value: c.Value, Label: c.Title.In(lang)})
		}
		rows = append(rows, row)
	}
	return rows
}
