package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"

	"fmt"

	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/publish"
)

type publishCommand struct {
	place
	Datasets []string `arg:"" optional:"" name:"dataset" help:"Datasets; none: all that changed."`
	Format   []string `placeholder:"F,..." help:"Formats; default: all."`
	JSON     bool     `name:"json" help:"Print the files as JSON lines."`
}

// Run is the command.
func (cmd publishCommand) Run(ctx context.Context, c console, log *slog.Logger) error {
	return cmd.run(ctx, log, func(d *deployment) error {
		made, err := publish.Snapshot(ctx, d.db, d.open, publish.Folder(d.files()), cmd.Datasets, cmd.Format)
		if err != nil {
			return err
		}
		if cmd.JSON {
			enc := json.NewEncoder(c.out)
			for _, f := range made {
				if err := enc.Encode(map[string]any{"dataset": f.Dataset, "version": f.Version, "format": f.Format, "file": f.File,
					"bytes": f.Bytes, "sha256": f.SHA256, "media_type": f.MediaType}); err != nil {
					return err
				}
			}
			return nil
		}
		table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		for _, f := range made {
			fmt.Fprintf(table, "%s\tv%d\t%s\t%d bytes\tsha256 %.12s…\n", f.Dataset, f.Version, f.File, f.Bytes, f.SHA256)
		}
		return table.Flush()
	})
}

type exportCommand struct {
	place
	Dataset   string `arg:"" help:"Dataset to export."`
	Format    string `required:"" placeholder:"F" help:"One of ${export_formats}."`
	Output    string `short:"o" placeholder:"FILE" help:"File to write; default: standard output."`
	CRS       string `name:"crs" placeholder:"EPSG:n" help:"Reference system of the coordinates, where the format has one; default: WGS 84."`
	BBox      string `name:"bbox" placeholder:"W,S,E,N" help:"Only features that intersect this box, degrees."`
	AtVersion int    `name:"at-version" placeholder:"N" help:"An older version; default: the current one."`
}

// Run is the command.
func (cmd exportCommand) Run(ctx context.Context, c console, log *slog.Logger) error {
	f, err := publish.FormatNamed(cmd.Format)
	if err != nil {
		return err
	}
	q := catalog.Query{Version: cmd.AtVersion}
	if q.Bounds, err = parseBox(cmd.BBox); err != nil {
		return err
	}
	var o publish.Options
	if cmd.CRS != "" {
		if o.CRS, err = geo.ParseCRS(cmd.CRS); err != nil {
			return err
		}
	}
	return cmd.run(ctx, log, func(d *deployment) error {
		ds, err := catalog.Find(ctx, d.open, cmd.Dataset)
		if err != nil {
			return err
		}
		return cmd.write(c.out, func(w io.Writer) error { return f.Write(ctx, w, d.open, ds, q, o) })
	})
}

// write sends to the output file, which appears only when it is complete, or
// to standard output.
func (cmd exportCommand) write(out io.Writer, export func(io.Writer) error) error {
	if cmd.Output == "" {
		buffered := bufio.NewWriterSize(out, 1<<16)
		if err := export(buffered); err != nil {
			return err
		}
		return buffered.Flush()
	}
	tmp, err := os.CreateTemp(filepath.Dir(cmd.Output), ".ortsnah-export-*")
	if err != nil {
		return ortsnah.E(ortsnah.Invalid, "cmd.cannot_write", "file", cmd.Output).Because(err)
	}
	defer os.Remove(tmp.Name())
	err = export(tmp)
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if err := os.Chmod(tmp.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), cmd.Output)
}

func parseBox(s string) (*orb.Bound, error) {
	if s == "" {
		return nil, nil
	}
	var v [4]float64
	parts := strings.Split(s, ",")
	bad := ortsnah.E(ortsnah.Invalid, "cmd.bad_bbox", "bbox", s).About("bbox")
	if len(parts) != 4 {
		return nil, bad
	}
	for i, p := range parts {
		x, err := strconv.ParseFloat(strings.TrimSpace(p), 64)
		if err != nil {
			return nil, bad
		}
		v[i] = x
	}
	if v[0] > v[2] || v[1] > v[3] {
		return nil, bad
	}
	return &orb.Bound{Min: orb.Point{v[0], v[1]}, Max: orb.Point{v[2], v[3]}}, nil
}
