package ingest

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
)

// read starts ogr2ogr and reads what it writes.
func (g *gdal) read(ctx context.Context, source string, l ogrLayer, in Input, o Options) (Reader, error) {
	args := append([]string{"-f", "GeoJSONSeq", "/vsistdout/", source, l.name, "-dim", "XY",
		"-lco", "COORDINATE_PRECISION=11", "-lco", "RS=NO"}, g.open...)
	if l.crs != 0 || !l.hasCRS || o.CRS != 0 {
		args = append(args, "-a_srs", "None")
	} else {
		l.crs = geo.CRS84
	}
	parse, err := tableParser(&l, o)
	if err != nil {
		return nil, err
	}
	text, err := os.CreateTemp(g.dir, "text")
	if err != nil {
		return nil, ortsnah.E(ortsnah.Unavailable, "ingest.no_spool", "folder", g.dir).Because(err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	r := &ogrReader{gdal: g, ctx: ctx, cancel: cancel, text: text, cmd: g.command(ctx, "ogr2ogr", args...)}
	r.cmd.Stderr = &r.complaints
	out, err := r.cmd.StdoutPipe()
	if err == nil {
		err = r.cmd.Start()
	}
	if err != nil {
		text.Close()
		cancel(nil)
		return nil, ortsnah.E(ortsnah.Unavailable, "ingest.gdal_missing").Because(err)
	}
	r.idle = &watched{r: out, name: in.Name, after: ogrIdle, cancel: cancel}
	limited := &limitedWriter{w: text, spool: in.Scratch}
	r.document = document{in: in, options: o, mode: perLine, parse: parse, crs: l.crs,
		frames: newFrames(io.TeeReader(r.idle, limited), 0, 1, o.MaxRecord)}
	if l.crs != 0 {
		r.document.header = members{"type": []byte(`"FeatureCollection"`),
			"crs": []byte(`{"type":"name","properties":{"name":"` + l.crs.String() + `"}}`)}
	}
	return r, nil
}

// tableParser reads the features of a layer. Those of a table without geometry
// (Excel) get theirs from columns with coordinates, as those of CSV do.
func tableParser(l *ogrLayer, o Options) (parseFunc, error) {
	p := newFeatureParser(o)
	if len(l.table) == 0 {
		return p.parse, nil
	}
	place, err := findColumns(l.table, o)
	if err != nil {
		return nil, err
	}
	if place.x < 0 && place.wkt < 0 {
		return p.parse, nil
	}
	l.crs = place.crs
	return func(fr frame) (*Record, *ortsnah.Error) {
		rec, bad := p.parse(fr)
		if bad != nil {
			return nil, bad
		}
		fields := make([]string, len(l.table))
		kept := rec.Properties[:0]
		for _, q := range rec.Properties {
			i := slices.Index(l.table, q.Name)
			if place.uses(i) && i >= 0 {
				fields[i] = text(q.Value)
				continue
			}
			kept = append(kept, q)
		}
		rec.Properties = kept
		rec.Geometry, _, bad = place.geometry(fields, false, o.SwapAxes, fr.line)
		return rec, bad
	}, nil
}

// limitedWriter counts what is written against the spool's limit.
type limitedWriter struct {
	w     io.Writer
	spool *spool
}

func (l *limitedWriter) Write(b []byte) (int, error) {
	if l.spool.limit -= int64(len(b)); l.spool.limit < 0 {
		return 0, ortsnah.E(ortsnah.TooLarge, "ingest.source_too_large")
	}
	return l.w.Write(b)
}

// ogrReader is the reading end of ogr2ogr's pipe.
type ogrReader struct {
	document
	gdal       *gdal
	ctx        context.Context
	cancel     context.CancelCauseFunc
	cmd        *exec.Cmd
	idle       *watched
	text       *os.File
	complaints tail
	ended      error // of the program; io.EOF when it ended well
}

// Read returns the next feature. The end of the pipe is the end of the source
// only when the program says that all went well.
func (r *ogrReader) Read() (*Record, error) {
	if r.ended != nil {
		return nil, r.ended
	}
	rec, err := r.document.Read()
	if _, row := errors.AsType[*RowError](err); err == nil || row {
		return rec, err
	}
	r.ended = r.wait(err)
	return nil, r.ended
}

func (r *ogrReader) wait(read error) error {
	r.idle.stop()
	e, known := errors.AsType[*ortsnah.Error](read)
	if known && e.Key == "ingest.source_too_large" {
		return e
	}
	if err := r.cmd.Wait(); err != nil {
		return r.gdal.failed(r.ctx, err, &r.complaints)
	}
	return read
}

// consumed is unknown: GDAL does not say how far it is.
func (r *ogrReader) consumed() int64 { return 0 }
func (r *ogrReader) spooled() string { return r.text.Name() }

// Close ends the program if it still runs.
func (r *ogrReader) Close() error {
	r.cancel(nil)
	r.idle.stop()
	if r.ended == nil {
		r.ended = io.EOF
		_ = r.cmd.Wait() // killed on purpose: its exit code says nothing
	}
	return r.text.Close()
}
