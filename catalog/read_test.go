package catalog

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ortsnah/ortsnah"
	"github.com/paulmach/orb"
)

func TestQuery(t *testing.T) {
	_, tx, d := begin(t)
	day := func(y int) any { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }
	a, b, c := tree("a", "Eiche", 8.1, 51.1), tree("b", "Linde", 8.2, 51.2), tree("c", "Eiche", 8.3, 51.3)
	a.Values[5], b.Values[4], c.Values[4] = day(1950), day(1940), nil
	publish(t, tx, d, a, b, c)
	at := func(y int) time.Time { return day(y).(time.Time) }
	for _, q := range []struct {
		name string
		q    Query
		want string
	}{
		{"all", Query{}, "a b c"},
		{"bbox", Query{Bounds: &orb.Bound{Min: orb.Point{8.15, 51}, Max: orb.Point{8.25, 52}}}, "b"},
		{"bbox touches", Query{Bounds: &orb.Bound{Min: orb.Point{8.2, 51.2}, Max: orb.Point{8.5, 52}}}, "b c"},
		{"after the felling", Query{From: at(1951)}, "b c"},
		{"last day counts", Query{From: at(1950)}, "a b c"},
		{"before planting", Query{To: at(1930)}, "a c"},
		{"equals", Query{Equals: map[string]string{"name": "Eiche", "count": "3"}}, "a c"},
		{"key", Query{Key: "c"}, "c"},
		{"limit", Query{Limit: 2}, "a b"},
		{"nothing", Query{Equals: map[string]string{"height": "1"}}, ""},
	} {
		if got := keys(t, tx, d, q.q); got != q.want {
			t.Errorf("%s: %q, want %q", q.name, got, q.want)
		}
	}
	var row int64
	EachGeoJSON(t.Context(), tx, d, Query{Limit: 1}, func(r int64, _ []byte) error { row = r; return nil })
	if got := keys(t, tx, d, Query{After: row}); got != "b c" {
		t.Errorf("after the first row: %q", got)
	}
	for _, bad := range []map[string]string{{"owner": "x"}, {"nix": "x"}, {"extra": "1"}, {"count": "drei"}, {"height": "NaN"}, {"planted": "1.1.1900"}} {
		err := EachGeoJSON(t.Context(), tx, d, Query{Equals: bad}, func(int64, []byte) error { return nil })
		if ortsnah.KindOf(err) != ortsnah.Invalid {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestEachTyped(t *testing.T) {
	_, tx, d := begin(t)
	r := tree("a", "Eiche", 8.1, 51.1)
	r.Values[6] = time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC)
	publish(t, tx, d, r)
	var got Feature
	if err := Each(t.Context(), tx, d, Query{}, 25832, func(f *Feature) error { got = *f; return nil }); err != nil {
		t.Fatal(err)
	}
	p := got.Geometry.(orb.Point)
	if p.X() < 430000 || p.X() > 440000 || p.Y() < 5650000 || p.Y() > 5670000 {
		t.Errorf("8.1 E 51.1 N in UTM 32N is about 436,996 5,661,279, got %v", p)
	}
	want := []any{"Eiche", 12.5, int64(3), true, r.Values[4], nil, r.Values[6], json.RawMessage(`{"a": [2], "b": 1}`)}
	for i, v := range got.Values {
		if at, ok := v.(time.Time); ok {
			got.Values[i] = at.UTC()
		}
	}
	if diff := cmp.Diff(want, got.Values); diff != "" {
		t.Error(diff)
	}
}

// A datetime ends before its end, a date on the evening of its last day.
func TestQueryDuring(t *testing.T) {
	ctx, tx, _ := begin(t)
	clock := func(text string) time.Time {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for kind, steps := range map[Type][]struct{ from, to, want string }{
		DateTime: {
			{"2026-06-11T10:00:00Z", "", ""}, // over at ten
			{"2026-06-11T09:59:59Z", "", "a"},
			{"", "2026-06-11T08:00:00Z", "a"}, // begins at eight
			{"", "2026-06-11T07:59:59Z", ""},
			{"2026-06-11T10:00:00+02:00", "2026-06-11T10:00:00+02:00", "a"},
			{"2026-06-11T12:00:00+02:00", "2026-06-11T12:00:00+02:00", ""},
		},
		Date: {
			{"2026-06-11T00:00:00Z", "", "a"},
			{"2026-06-12T00:00:00Z", "", ""},
			{"", "2026-06-10T00:00:00Z", ""},
			{"", "2026-06-11T00:00:00Z", "a"},
		},
	} {
		d := Dataset{ID: "times-" + string(kind), Public: true, Schema: Schema{Shape: NoShape, Fields: []Field{
			{Name: "start", Type: kind, Role: RoleStart}, {Name: "end", Type: kind, Role: RoleEnd}}}}
		if err := Register(ctx, tx, d); err != nil {
			t.Fatal(err)
		}
		start, end := clock("2026-06-11T08:00:00Z"), clock("2026-06-11T10:00:00Z")
		if kind == Date {
			start, end = start.Truncate(24*time.Hour), end.Truncate(24*time.Hour)
		}
		publish(t, tx, d, Row{Key: "a", Values: []any{start, end}})
		for _, s := range steps {
			var q Query
			if s.from != "" {
				q.From = clock(s.from)
			}
			if s.to != "" {
				q.To = clock(s.to)
			}
			if got := keys(t, tx, d, q); got != s.want {
				t.Errorf("%s from %q to %q: %q, want %q", kind, s.from, s.to, got, s.want)
			}
		}
	}
}

// The box looks at where a feature was in the version asked for, whatever its
// kind of geometry.
func TestQueryBoundsInOlderVersions(t *testing.T) {
	_, tx, d := begin(t)
	line, area, gone := tree("line", "Weg", 0, 0), tree("area", "Wald", 0, 0), tree("gone", "Eiche", 8.15, 51.15)
	line.Geometry = orb.LineString{{8, 51}, {8.3, 51.3}}
	area.Geometry = orb.MultiPolygon{{{{8.1, 51.1}, {8.2, 51.1}, {8.2, 51.2}, {8.1, 51.1}}}}
	mixed := tree("mixed", "Baum und Weg", 0, 0)
	mixed.Geometry = orb.Collection{orb.Point{8.15, 51.15}, orb.LineString{{9, 52}, {9.1, 52}}}
	publish(t, tx, d, line, area, gone, mixed)
	moved := tree("area", "Wald", 9, 52)
	publish(t, tx, d, line, moved, mixed)
	here := &orb.Bound{Min: orb.Point{8.14, 51.1}, Max: orb.Point{8.2, 51.2}}
	there := &orb.Bound{Min: orb.Point{8.9, 51.9}, Max: orb.Point{9.2, 52.1}}
	for _, q := range []struct {
		q    Query
		want string
	}{
		{Query{Version: 1, Bounds: here}, "line area gone mixed"},
		{Query{Version: 2, Bounds: here}, "line mixed"},
		{Query{Bounds: here}, "line mixed"},
		{Query{Version: 1, Bounds: there}, "mixed"},
		{Query{Version: 2, Bounds: there}, "mixed area"},
		{Query{Version: 1, Bounds: here, Key: "gone"}, "gone"},
		{Query{Version: 3, Bounds: here}, "line mixed"}, // not made yet: the current one
	} {
		if got := keys(t, tx, d, q.q); got != q.want {
			t.Errorf("%+v: %q, want %q", q.q, got, q.want)
		}
	}
	e, err := Measure(t.Context(), tx, d)
	if err != nil || e.Bounds == nil || e.Bounds.Min[0] > 8 || e.Bounds.Max[1] < 52 || e.Bounds.Max[0] > 9.2 || e.From.Year() != 1900 {
		t.Errorf("extent %+v, %v", e, err)
	}
}
