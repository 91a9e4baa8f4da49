package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os/user"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/ingest"
)

// reading are the flags that steer how a source is read.
type reading struct {
	Format       string `placeholder:"F" help:"Format or feed; default: detected. One of ${formats}."`
	Key          string `placeholder:"FIELD" help:"Field that names a feature from import to import; default: the dataset's, else the feature id."`
	CRS          string `name:"crs" placeholder:"EPSG:n" help:"Coordinate reference system; default: what the source declares, else WGS 84."`
	Encoding     string `placeholder:"E" help:"Text encoding, e.g. utf-8, windows-1252; default: detected."`
	Delimiter    string `placeholder:"C" help:"CSV delimiter; default: detected."`
	DecimalComma bool   `help:"Numbers are written 1.234,5; default: detected."`
	X            string `placeholder:"COLUMN" help:"CSV column with longitude or easting."`
	Y            string `placeholder:"COLUMN" help:"CSV column with latitude or northing."`
	WKT          string `name:"wkt" placeholder:"COLUMN" help:"CSV column with WKT."`
	SwapAxes     bool   `help:"The source has latitude or northing first by mistake."`
	Layer        string `placeholder:"NAME" help:"Layer of a source with several."`
	AllowPrivate bool   `help:"Allow URLs that lead to private network addresses."`
	AnyPlace     bool   `help:"Accept coordinates outside Germany."`
}

func (f reading) options(in io.Reader) (ingest.Options, error) {
	o := ingest.Options{Format: f.Format, Encoding: f.Encoding, DecimalComma: f.DecimalComma, X: f.X, Y: f.Y,
		WKT: f.WKT, SwapAxes: f.SwapAxes, Layer: f.Layer, Key: f.Key, AllowPrivate: f.AllowPrivate, AnyPlace: f.AnyPlace, Stdin: in}
	if f.CRS != "" {
		srid, err := geo.ParseCRS(f.CRS)
		if err != nil {
			return o, err
		}
		o.CRS = srid
	}
	switch d := []rune(strings.ReplaceAll(f.Delimiter, `\t`, "\t")); len(d) {
	case 0:
	case 1:
		o.Delimiter = d[0]
	default:
		return o, ortsnah.E(ortsnah.Invalid, "cmd.bad_delimiter", "delimiter", f.Delimiter).About("delimiter")
	}
	return o, nil
}

type ingestCommand struct {
	place
	reading
	Source     string `arg:"" help:"File, folder, http(s) URL, or - for standard input."`
	Dataset    string `required:"" placeholder:"ID" help:"Dataset to import into; it is made when it does not exist."`
	DryRun     bool   `help:"Do everything but the commit."`
	AllowEmpty bool   `help:"A source without features empties the dataset."`
	JSON       bool   `name:"json" help:"Print the report as JSON."`
}

// Run is the command.
func (cmd ingestCommand) Run(ctx context.Context, c console, log *slog.Logger) error {
	o, err := cmd.options(c.in)
	if err != nil {
		return err
	}
	return cmd.run(ctx, log, func(d *deployment) error {
		bar := newProgress(c.err)
		rep, err := ingest.Import(ctx, d.db, ingest.Job{Source: cmd.Source, Dataset: cmd.Dataset, Options: o,
			Actor: actor(), DryRun: cmd.DryRun, AllowEmpty: cmd.AllowEmpty, Progress: bar.show})
		bar.done()
		if err != nil {
			return err
		}
		return cmd.report(c, rep)
	})
}

func (cmd ingestCommand) report(c console, rep ingest.Report) error {
	if cmd.JSON {
		if err := json.NewEncoder(c.out).Encode(reportJSON(rep)); err != nil {
			return err
		}
	} else {
		printReport(c, rep, cmd.DryRun)
	}
	if rep.Quarantined > rep.Known {
		return errQuarantined
	}
	return nil
}

// printReport tells a person what an import did.
func printReport(c console, rep ingest.Report, dry bool) {
	key := "cmd.ingest_done"
	switch {
	case dry:
		key = "cmd.ingest_dry"
	case !rep.Changed():
		key = "cmd.ingest_same"
	}
	v := rep.Version
	rate := int64(0)
	if s := rep.Duration.Seconds(); s > 0 {
		rate = int64(float64(rep.Read) / s)
	}
	c.say("%s", i18n.Text(c.lang(), key, map[string]any{"dataset": rep.Dataset, "version": v.Number, "rows": v.Rows,
		"added": v.Added, "changed": v.Changed, "removed": v.Removed, "read": rep.Read,
		"seconds": fmt.Sprintf("%.1f", rep.Duration.Seconds()), "rate": rate}))
	if rep.Repaired > 0 {
		c.say("%s", i18n.Text(c.lang(), "cmd.ingest_repaired", map[string]any{"count": rep.Repaired}))
	}
	if len(rep.Unknown) > 0 {
		c.say("%s", i18n.Text(c.lang(), "cmd.ingest_unknown", map[string]any{"fields": strings.Join(rep.Unknown, ", ")}))
	}
	if rep.Known > 0 {
		c.say("%s", i18n.Text(c.lang(), "cmd.ingest_known", map[string]any{"count": rep.Known}))
	}
	if rep.Quarantined > rep.Known {
		c.say("%s", i18n.Text(c.lang(), "cmd.ingest_quarantined", map[string]any{"count": rep.Quarantined - rep.Known,
			"dataset": rep.Dataset, "file": rep.First.File, "line": rep.First.Line, "feature": rep.First.Feature,
			"reason": i18n.Error(c.lang(), rep.First.Err)}))
	}
}

func reportJSON(rep ingest.Report) any {
	return map[string]any{"dataset": rep.Dataset, "run": rep.Run, "source": rep.Source, "format": rep.Format,
		"version": rep.Version.Number, "rows": rep.Version.Rows, "added": rep.Version.Added,
		"changed": rep.Version.Changed, "removed": rep.Version.Removed, "new_version": rep.Changed(),
		"read": rep.Read, "quarantined": rep.Quarantined, "known": rep.Known, "repaired": rep.Repaired, "reasons": rep.Reasons,
		"unknown_fields": rep.Unknown, "seconds": rep.Duration.Round(time.Millisecond).Seconds()}
}

// actor is the account at the command line.
func actor() ortsnah.Actor {
	if u, err := user.Current(); err == nil {
		return ortsnah.Steward(u.Username)
	}
	return ortsnah.System("command line")
}
