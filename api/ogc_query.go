package api

import (
	"context"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/catalog"
)

// Page sizes of items (OGC 17-069r4, section 7.15.2). A larger limit than the
// largest is not an error, the standard says: the largest is taken.
const (
	defaultLimit = 10
	largestLimit = 10000
)

// reserved are the parameters of items that are not filters.
func reserved() []string {
	return []string{"bbox", "datetime", "limit", "f", "after", "version", "lang"}
}

// filters are the fields that items can be filtered by (section 7.15.5):
// public, not nested, and not called like a parameter.
func filters(d catalog.Dataset) []catalog.Field {
	var fields []catalog.Field
	for _, f := range d.Schema.Public() {
		if f.Type != catalog.JSON && !slices.Contains(reserved(), f.Name) {
			fields = append(fields, f)
		}
	}
	return fields
}

// itemsRequest is a request for a page of features.
type itemsRequest struct {
	catalog.Query
	values url.Values // as asked, for the links
	format offer
	lang   string
	empty  bool // nothing can match: bbox and data are apart

	version int   // of the dataset that the page is of
	rows    int64 // that version has
}

// filtered says whether some parameter leaves features out.
func (q itemsRequest) filtered() bool {
	return q.Bounds != nil || q.empty || !q.From.IsZero() || !q.To.IsZero() || len(q.Equals) > 0
}

// itemsOffers are the representations of features.
func itemsOffers() []offer {
	return []offer{{"json", geoJSONMedia}, {"html", htmlMedia}, {"json", jsonMedia}}
}

func (s *Server) itemsRequest(r *http.Request, d catalog.Dataset) (itemsRequest, error) {
	allowed := reserved()
	for _, f := range filters(d) {
		allowed = append(allowed, f.Name)
	}
	v, err := parameters(r, allowed...)
	if err != nil {
		return itemsRequest{}, err
	}
	q := itemsRequest{values: v, lang: web.LangOf(r)}
	if err := checkLanguage(v); err != nil {
		return q, err
	}
	if q.format, err = negotiate(r, v.Get("f"), itemsOffers()); err != nil {
		return q, err
	}
	limit, err := wholeNumber(v, "limit", 1, math.MaxInt64, defaultLimit)
	if err != nil {
		return q, err
	}
	q.Limit = int(min(limit, largestLimit))
	if q.After, err = wholeNumber(v, "after", 0, math.MaxInt64, 0); err != nil {
		return q, err
	}
	if err := s.ofVersion(r.Context(), d, &q); err != nil {
		return q, err
	}
	if v.Has("datetime") {
		if q.From, q.To, err = interval(v.Get("datetime"), s.Zone); err != nil {
			return q, err
		}
	}
	if err := q.properties(d); err != nil {
		return q, err
	}
	return q, s.within(r, d, &q)
}

// ofVersion reads which version is asked for; the current one where none is.
func (s *Server) ofVersion(ctx context.Context, d catalog.Dataset, q *itemsRequest) error {
	version, err := wholeNumber(q.values, "version", 1, math.MaxInt32, int64(d.Version))
	q.version, q.rows = int(version), int64(d.Rows)
	if err != nil || q.version == d.Version {
		return err
	}
	versions, err := catalog.Versions(ctx, s.Open, d.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(versions, func(v catalog.Version) bool { return v.Number == q.version })
	if i < 0 {
		return ortsnah.E(ortsnah.NotFound, "api.no_version", "version", q.version, "dataset", d.ID, "current", d.Version).About("version")
	}
	q.rows = int64(versions[i].Rows)
	return nil
}

// properties reads the filters by field and refuses values of another type.
func (q *itemsRequest) properties(d catalog.Dataset) error {
	for _, f := range filters(d) {
		if !q.values.Has(f.Name) {
			continue
		}
		text := q.values.Get(f.Name)
		if _, err := catalog.ParseValue(f, text); err != nil {
			return err
		}
		if q.Equals == nil {
			q.Equals = map[string]string{}
		}
		q.Equals[f.Name] = text
	}
	return nil
}

// within reads bbox and cuts it to where the data is. That loses nothing, it
// keeps boxes of the whole world away from a projection that ends at its
// zone, and it makes a box across the 180th meridian an ordinary one.
func (s *Server) within(r *http.Request, d catalog.Dataset, q *itemsRequest) error {
	if !q.values.Has("bbox") {
		return nil
	}
	boxes, err := parseBBox(q.values.Get("bbox"))
	if err != nil {
		return err
	}
	extent := s.extent
	if q.version != d.Version {
		extent = s.extentEver
	}
	e, err := extent(r.Context(), d)
	if err != nil {
		return err
	}
	q.empty = true
	if e.bounds == nil {
		return nil
	}
	data := e.bounds.Pad(1e-6) // about 10 cm: rounding must not lose the outermost
	for _, b := range boxes {
		if !b.Intersects(data) {
			continue
		}
		cut := orb.Bound{
			Min: orb.Point{max(b.Left(), data.Left()), max(b.Bottom(), data.Bottom())},
			Max: orb.Point{min(b.Right(), data.Right()), min(b.Top(), data.Top())},
		}.Pad(1e-9) // a point is not a box to PostGIS
		if !q.empty {
			cut = cut.Union(*q.Bounds) // data on both sides of the 180th meridian
		}
		q.Bounds, q.empty = &cut, false
	}
	return nil
}

// parseBBox reads 4 or 6 numbers in CRS84 (section 7.15.3). Heights are
// checked and then ignored: the data has none. West of its own west edge, a
// box crosses the 180th meridian and is returned as two.
func parseBBox(text string) ([]orb.Bound, error) {
	parts := strings.Split(text, ",")
	n := make([]float64, len(parts))
	for i, p := range parts {
		x, err := strconv.ParseFloat(strings.TrimSpace(p), 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, badBBox(text)
		}
		n[i] = x
	}
	switch len(n) {
	case 4:
	case 6:
		if n[2] > n[5] {
			return nil, badBBox(text)
		}
		n = []float64{n[0], n[1], n[3], n[4]}
	default:
		return nil, badBBox(text)
	}
	west, south, east, north := n[0], n[1], n[2], n[3]
	if south > north || south < -90 || north > 90 || min(west, east) < -180 || max(west, east) > 180 {
		return nil, badBBox(text)
	}
	box := func(west, east float64) orb.Bound {
		return orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}
	}
	if west > east {
		return []orb.Bound{box(west, 180), box(-180, east)}, nil
	}
	return []orb.Bound{box(west, east)}, nil
}

// interval reads an instant or an interval, open at ".." or nothing (section
// 7.15.4). Beyond the standard a plain date is understood: the local day.
func interval(text string, zone *time.Location) (from, to time.Time, err error) {
	first, last, isInterval := strings.Cut(text, "/")
	bad := ortsnah.E(ortsnah.Invalid, "api.bad_datetime", "value", text).About("datetime")
	if !isInterval {
		if from, to, err = moment(first, zone); err != nil || from.IsZero() {
			return from, to, bad
		}
		return from, to, nil
	}
	if from, _, err = moment(first, zone); err != nil {
		return from, to, bad
	}
	if _, to, err = moment(last, zone); err != nil {
		return from, to, bad
	}
	if !from.IsZero() && !to.IsZero() && from.After(to) {
		return from, to, bad
	}
	return from, to, nil
}

// moment is the first and last instant that text names; zero for an open end.
// Both are in the town's zone, whose calendar decides about dates.
func moment(text string, zone *time.Location) (first, last time.Time, err error) {
	if text == "" || text == ".." {
		return first, last, nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return day, day.AddDate(0, 0, 1).Add(-time.Microsecond), nil
	}
	t, err := time.Parse(time.RFC3339, strings.ToUpper(text))
	if err != nil {
		return first, last, err
	}
	if t.Year() < 1 || t.IsZero() {
		return first, last, strconv.ErrRange
	}
	return t.In(zone), t.In(zone), nil
}

// instant is t in JSON, null when unknown.
func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

// noData says that a dataset exists but has no features yet.
func noData(id string) error {
	return ortsnah.E(ortsnah.NotFound, "api.no_data_yet", "id", id).About("dataset")
}

func badBBox(text string) error {
	return ortsnah.E(ortsnah.Invalid, "api.bad_bbox", "value", text).About("bbox")
}
