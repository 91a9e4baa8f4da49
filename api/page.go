package api

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
)

// typed is what a person typed into a search field: valid, one line, bounded.
func typed(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", " "), " ")), " ")
	for len(text) > 200 {
		_, n := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-n]
	}
	return text
}

// contains reports whether every word of the search is part of one of texts,
// without regard to case, accents and the ways to write umlauts. An empty
// search is contained in everything.
func contains(search string, texts ...string) bool {
	all := fold(strings.Join(texts, " \n "))
	for word := range strings.FieldsSeq(fold(search)) {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}

var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss")

// fold writes text as searches compare it: "Straße" and "STRASSE" are equal.
func fold(text string) string {
	text = umlauts.Replace(strings.ToLower(norm.NFC.String(text)))
	return strings.Map(func(r rune) rune {
		if r >= 0x300 && r < 0x370 { // what is left of accents after NFD
			return -1
		}
		return r
	}, norm.NFD.String(text))
}

// options are the values of a select field with their texts.
func options(chosen string, values []string, lang, prefix string) []web.Option {
	list := make([]web.Option, len(values))
	for i, v := range values {
		list[i] = web.Option{Value: v, Label: i18n.Text(lang, prefix+v, nil), On: v == chosen}
	}
	return list
}

// namesAsOptions are the names that occur in items, in order.
func namesAsOptions[T any](chosen string, items []T, name func(T) string) []web.Option {
	var names []string
	for _, item := range items {
		if n := name(item); n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(strings.Compare(fold(a), fold(b)), strings.Compare(a, b)) })
	list := make([]web.Option, len(names))
	for i, n := range names {
		list[i] = web.Option{Value: n, Label: n, On: n == chosen}
	}
	return list
}

// pageOf is the part of items that parameter seite asks for, and the path of
// the next one, "" behind the last.
func pageOf[T any](items []T, path string, v url.Values) ([]T, string) {
	number, err := strconv.Atoi(v.Get("seite"))
	if err != nil || number < 1 || number > 1_000_000 {
		number = 1
	}
	start := min((number-1)*perPage, len(items))
	end := min(start+perPage, len(items))
	next := ""
	if end < len(items) {
		next = path + "?" + with(v, "seite", strconv.Itoa(number+1))
	}
	return items[start:end], next
}

// districtNames are the names of the districts by code.
func (s *Server) districtNames(ctx context.Context) (map[string]string, error) {
	list, err := s.districtRows(ctx)
	names := make(map[string]string, len(list))
	for _, d := range list {
		names[d.Code] = d.Name
	}
	return names, err
}

type districtRow struct {
	Key, Code, Name, Team string
	Approximate           bool
	Lon, Lat              *float64
}

// districtRows reads the districts by code.
func (s *Server) districtRows(ctx context.Context) ([]districtRow, error) {
	rows, err := s.Open.Query(ctx, `SELECT _key AS key, code, name, coalesce(building_team, '') AS team,
			coalesce(approximate, false) AS approximate, ST_X(middle) AS lon, ST_Y(middle) AS lat
		FROM open.districts, ST_Transform(ST_PointOnSurface(_geom), 4326) AS middle
		WHERE _until IS NULL ORDER BY code`)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[districtRow])
	if notThere(err) {
		return []districtRow{}, nil
	}
	return list, err
}
