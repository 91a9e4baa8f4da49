package ingest

import (
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Job is one import.
type Job struct {
	Source  string // file, folder, URL or "-"
	Name    string // of the source in versions and messages; default: its file name or URL
	Dataset string // id; one that does not exist is made from a guessed schema
	Options Options
	Actor   ortsnah.Actor

	DryRun     bool // everything but the commit
	AllowEmpty bool // a source without a single usable row may empty the dataset

	Progress func(Progress) // called often, from the importing goroutine; may be nil
}

// Progress is how far an import has come.
type Progress struct {
	Rows            int64
	Consumed, Total int64  // bytes; Total 0 is unknown
	Phase           string // "guess", "read", "check", "write"
}

// Report is what an import did.
type Report struct {
	Run         int64
	Dataset     string
	Source      string
	Format      string
	Created     bool // the dataset did not exist before
	Version     catalog.Version
	Read        int64 // records, usable or not
	Quarantined int64
	Known       int64 // of them: rows that a person dismissed or corrected before
	Repaired    int64
	Reasons     map[string]int64 // reason key → rows in quarantine
	Unknown     []string         // properties the dataset has no field for
	Duration    time.Duration
	First       *RowError // the first row in quarantine, for the message
}

// Changed reports whether the import made a version.
func (r Report) Changed() bool {
	return r.Version.Added+r.Version.Changed+r.Version.Removed > 0 || r.Created
}

// Import reads the whole source and makes it the next version of the dataset.
// Readers see the old version until the end; any error leaves it in place.
// Unusable rows are in quarantine when it returns nil; a source of which no
// row is usable is refused as a whole.
func Import(ctx context.Context, pool *pgxpool.Pool, job Job) (Report, error) {
	began := time.Now()
	report := Report{Dataset: job.Dataset, Reasons: map[string]int64{}}
	if err := catalog.CheckID(job.Dataset); err != nil {
		return report, err
	}
	run, err := beginRun(ctx, pool, job)
	if err != nil {
		return report, err
	}
	report.Run = run.id
	defer run.release()
	if err = postgis.Explained(importSource(ctx, pool, job, run, &report)); err != nil {
		run.fail(err)
	}
	if errors.Is(err, errDry) {
		err = nil
	}
	report.Duration = time.Since(began)
	return report, err
}

func importSource(ctx context.Context, pool *pgxpool.Pool, job Job, run *run, report *Report) error {
	if job.Options.Key == "" { // readers name the key of rows that they cannot read
		d, err := catalog.FindAny(ctx, pool, job.Dataset)
		if err != nil && ortsnah.KindOf(err) != ortsnah.NotFound {
			return err
		}
		job.Options.Key = d.Schema.Key
	}
	src, err := Open(ctx, job.Source, job.Options)
	if err != nil {
		return err
	}
	defer src.Close()
	if job.Name == "" {
		job.Name = src.Name()
	}
	report.Source, report.Format = job.Name, src.Format()
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		d, created, err := target(ctx, tx, job, src)
		if err != nil {
			return err
		}
		report.Created = created
		im := importer{
			ctx: ctx, tx: tx, job: job, src: src, run: run, report: report, dataset: d,
			areas: newAreas(ctx, run.conn), convert: newConverter(d.Schema, job.Options.Key, berlin()), votes: map[verdict]int64{},
		}
		if err := im.stage(); err != nil {
			return err
		}
		if err := run.done(ctx, tx, *report); err != nil {
			return err
		}
		if job.DryRun {
			return errDry
		}
		return nil
	})
}

// errDry ends a dry run: everything is rolled back, nothing is wrong.
var errDry = errors.New("dry run")

// target is the dataset to import into, made from a guess where it is new.
func target(ctx context.Context, tx pgx.Tx, job Job, src *Source) (catalog.Dataset, bool, error) {
	d, err := catalog.FindAny(ctx, tx, job.Dataset)
	if ortsnah.KindOf(err) != ortsnah.NotFound {
		return d, false, err
	}
	d = catalog.Dataset{ID: job.Dataset, Public: true, Metadata: catalog.Metadata{
		Title:       catalog.Text{DE: job.Dataset, EN: job.Dataset},
		Description: catalog.Text{DE: "Importiert aus " + job.Name + ".", EN: "Imported from " + job.Name + "."},
		Licence:     "dl-zero-de/2.0", Themes: []string{"REGI"}, Periodicity: "UNKNOWN",
		Keywords: []catalog.Text{{DE: job.Dataset, EN: job.Dataset}},
	}}
	if src.Feed() {
		d.Schema = constructionSchema()
	} else if d.Schema, err = guessed(src, job); err != nil {
		return d, false, err
	}
	return d, true, catalog.Register(ctx, tx, d)
}

func constructionSchema() catalog.Schema {
	for _, d := range catalog.Builtin() {
		if d.ID == catalog.ConstructionSites {
			return d.Schema
		}
	}
	return catalog.Schema{}
}

func guessed(src *Source, job Job) (catalog.Schema, error) {
	if job.Progress != nil {
		job.Progress(Progress{Phase: "guess", Total: src.Size()})
	}
	s, err := guess(src, job.Options.Key, berlin())
	if err != nil {
		return s, err
	}
	return s, src.Rewind()
}

// berlin is the wall clock of every German municipality.
func berlin() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return time.UTC // the program embeds the zone data: cannot happen
	}
	return zone
}

// importer is one pass over a source inside one transaction.
type importer struct {
	ctx     context.Context
	tx      pgx.Tx
	job     Job
	src     *Source
	run     *run
	report  *Report
	dataset catalog.Dataset
	areas   *areas
	convert *converter
	staging *catalog.Staging
	intake  *intake
	votes   map[verdict]int64
	sample  *Record // the first record outside, copied, for a hint about the CRS
}

func (im *importer) stage() (err error) {
	if im.staging, err = catalog.Stage(im.ctx, im.tx, im.dataset); err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, im.staging.Wait()) }() // nothing may be under way when the transaction ends
	im.intake = &intake{run: im.run.id, staging: im.staging, tx: im.tx}
	usable, err := im.read()
	if err != nil {
		return err
	}
	if usable > 0 && im.convert.strange() {
		return ortsnah.E(ortsnah.Invalid, "ingest.no_field_known", "dataset", im.dataset.ID,
			"fields", short(strings.Join(slices.Sorted(maps.Keys(im.convert.unknown)), ", ")))
	}
	im.progress("check")
	refused, repaired, err := im.staging.Check(im.ctx)
	if err != nil {
		return err
	}
	for _, r := range refused {
		place := parsePlace(r.Ref)
		bad := &RowError{Place: place, Raw: im.src.Original(place), Key: r.Key, Err: r.Reason}
		if err := im.quarantine(bad); err != nil {
			return err
		}
	}
	if err := im.intake.flush(im.ctx); err != nil {
		return err
	}
	if err := im.refuseWhole(usable - int64(len(refused))); err != nil {
		return err
	}
	im.report.Known = im.intake.known
	im.report.Repaired = int64(len(repaired))
	im.report.Unknown = slices.Sorted(maps.Keys(im.convert.unknown))
	im.progress("write")
	im.report.Version, err = im.staging.Commit(im.ctx, catalog.Change{Actor: im.job.Actor, Source: im.job.Name})
	if err != nil || !im.report.Changed() {
		return err // the repairs are those of an earlier run
	}
	return im.run.repaired(im.ctx, im.tx, repaired)
}

// read stages every usable record and returns how many there were.
func (im *importer) read() (usable int64, err error) {
	for {
		if im.report.Read%512 == 0 {
			if err := im.ctx.Err(); err != nil {
				return usable, err
			}
			im.progress("read")
		}
		rec, err := im.src.Read()
		if errors.Is(err, io.EOF) {
			return usable, nil
		}
		im.report.Read++
		bad, isRow := errors.AsType[*RowError](err)
		if err != nil && !isRow {
			return usable, err
		}
		if !isRow {
			if bad, err = im.add(rec); err != nil {
				return usable, err
			}
		}
		if bad == nil {
			usable++
		} else if err := im.quarantine(bad); err != nil {
			return usable, err
		}
	}
}

// add stages one record or says what is wrong with it.
func (im *importer) add(rec *Record) (*RowError, error) {
	row, reason := im.convert.row(rec)
	if reason == nil {
		row.SRID = im.crs()
		var err error
		if reason, err = im.place(rec, row.SRID); err != nil {
			return nil, err
		}
	}
	if reason != nil {
		return &RowError{Place: rec.Place, Raw: rec.Raw, Key: row.Key, Err: reason}, nil
	}
	row.Ref = rec.Place.ref()
	return nil, im.staging.Add(im.ctx, row)
}

// crs is the override, else what the source declares, else CRS84.
func (im *importer) crs() geo.SRID {
	if c := im.job.Options.CRS; c != 0 {
		return c
	}
	if c := im.src.CRS(); c != 0 {
		return c
	}
	return geo.CRS84
}

func (im *importer) place(rec *Record, srid geo.SRID) (*ortsnah.Error, error) {
	if rec.Geometry == nil || im.job.Options.AnyPlace {
		return nil, nil
	}
	v, err := im.areas.judge(rec.Geometry, srid)
	if err != nil {
		return nil, err
	}
	im.votes[v]++
	switch v {
	case swapped:
		return ortsnah.E(ortsnah.Invalid, "ingest.swapped_axes", "crs", srid.String()).About("geometry"), nil
	case outside:
		if im.sample == nil {
			im.sample = &Record{Geometry: rec.Geometry}
		}
		return ortsnah.E(ortsnah.Invalid, "ingest.outside_area", "crs", srid.String()).About("geometry"), nil
	}
	return nil, nil
}

func (im *importer) quarantine(bad *RowError) error {
	im.report.Quarantined++
	im.report.Reasons[bad.Err.Key]++
	if im.report.First == nil {
		first := *bad
		first.Raw = nil
		im.report.First = &first
	}
	if bad.Key == "" {
		bad.Key = contentKey(bad.Raw) // a correction of it stays as long as it is delivered like this
	}
	im.staging.Keep(bad.Key)
	return im.intake.add(im.ctx, im.src.Header(bad.File), bad)
}

// refuseWhole turns "not one row is usable" into one sentence about the
// source, which is what a person can act on.
func (im *importer) refuseWhole(usable int64) error {
	if usable > 0 || im.job.AllowEmpty && im.report.Quarantined == 0 {
		return nil
	}
	srid, total := im.crs().String(), im.report.Quarantined
	switch {
	case im.report.Read == 0:
		return ortsnah.E(ortsnah.Invalid, "ingest.nothing_in_source", "source", im.job.Name)
	case im.votes[swapped] == total:
		return ortsnah.E(ortsnah.Invalid, "ingest.source_swapped", "crs", srid, "rows", total)
	case im.votes[outside]+im.votes[swapped] == total:
		if hint := im.areas.fits(im.sample.Geometry); hint != "" {
			return ortsnah.E(ortsnah.Invalid, "ingest.source_other_crs", "crs", srid, "rows", total, "fits", hint)
		}
		return ortsnah.E(ortsnah.Invalid, "ingest.source_outside", "crs", srid, "rows", total)
	}
	first := im.report.First
	return ortsnah.E(ortsnah.Invalid, "ingest.nothing_usable", "rows", total,
		"file", first.File, "line", first.Line, "feature", first.Feature).Because(first.Err)
}

func (im *importer) progress(phase string) {
	if im.job.Progress != nil {
		im.job.Progress(Progress{Rows: im.report.Read, Consumed: im.src.Consumed(), Total: im.src.Size(), Phase: phase})
	}
}
