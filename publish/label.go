package publish

import (
	"context"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// label is what every file says of itself where its format has room for it.
type label struct {
	Dataset     string
	Title       catalog.Text
	Version     int       // 0 before the first
	Created     time.Time // when the version was made
	Publisher   string
	Licence     catalog.Licence
	Attribution string // text the licence asks for, "" when none is needed
	Demo        bool   // invented data
}

// labelOf reads the label of the state that q selects and returns q pinned to
// that version.
func labelOf(ctx context.Context, db postgis.DB, d catalog.Dataset, q catalog.Query) (label, catalog.Query, error) {
	town, err := catalog.LoadTown(ctx, db)
	if err != nil {
		return label{}, q, err
	}
	if q.Version == 0 {
		q.Version = d.Version
	}
	licence, _ := catalog.LicenceOf(d.Metadata.Licence)
	l := label{
		Dataset: d.ID, Title: d.Metadata.Title, Version: q.Version, Created: d.Modified,
		Publisher: or(or(d.Metadata.Publisher.Name, town.Publisher.Name), or(town.Name, unnamedTown)),
		Licence:   licence, Attribution: attributionOf(d.Metadata, licence, town),
		Demo: d.Metadata.Demo || town.Demo,
	}
	if l.Title.DE == "" {
		l.Title.DE = d.ID
	}
	err = db.QueryRow(ctx, `SELECT created FROM open.version WHERE dataset = @dataset AND number = @number`,
		pgx.NamedArgs{"dataset": d.ID, "number": q.Version}).Scan(&l.Created)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil // no version yet, or not public: the dataset's own time stands
	}
	return l, q, err
}

// members are the label as names and texts, in order, for formats with
// key-value metadata.
func (l label) members() [][2]string {
	m := [][2]string{
		{"title", l.Title.DE}, {"dataset", l.Dataset}, {"version", strconv.Itoa(l.Version)},
		{"modified", l.Created.UTC().Format(time.RFC3339)}, {"publisher", l.Publisher},
		{"license", l.Licence.URL}, {"license_title", l.Licence.Title}, {"attribution", l.Attribution},
	}
	if l.Demo {
		m = append(m, [2]string{"note", demoNote().DE})
	}
	return m
}

// whole reports whether q selects a version without any filter.
func whole(q catalog.Query) bool {
	return q.Bounds == nil && q.From.IsZero() && q.To.IsZero() && len(q.Equals) == 0 &&
		q.Key == "" && q.After == 0 && q.Limit == 0
}

// boundsOf is the exact box (CRS84) of all features of a version; ok is false
// when none has a geometry.
func boundsOf(ctx context.Context, db postgis.DB, d catalog.Dataset, version int) (b orb.Bound, ok bool, err error) {
	var west, south, east, north *float64
	err = db.QueryRow(ctx, `SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
		FROM (SELECT ST_Extent(ST_Transform(_geom, 4326)) AS box FROM `+catalog.View(d.ID).Sanitize()+`
			WHERE _since <= @version AND (_until IS NULL OR _until > @version)) AS extent`,
		pgx.NamedArgs{"version": version}).Scan(&west, &south, &east, &north)
	if err != nil || west == nil {
		return orb.Bound{}, false, err
	}
	return orb.Bound{Min: orb.Point{*west, *south}, Max: orb.Point{*east, *north}}, true, nil
}

// degrees is the precision of CRS84 coordinates in every format: 7 decimals,
// about 1 cm, the same as in the stored GeoJSON text. metres is that of
// projected coordinates: millimetres.
const (
	degrees = 1e7
	metres  = 1e3
)

func round(v, precision float64) float64 { return math.Round(v*precision)/precision + 0 }

// outward rounds a bound to 5 decimals, downwards for direction -1, upwards
// for 1.
func outward(v float64, direction int) float64 {
	if direction < 0 {
		return math.Floor(v*1e5) / 1e5
	}
	return math.Ceil(v*1e5) / 1e5
}

// decimal is the shortest plain form of v.
func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
