package ingest

import (
	"fmt"
	"io"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/paulmach/orb"
)

// Place says where in a source a record stands: what a quarantined row shows
// to a person and what a retry reads again.
type Place struct {
	File    string // name in the source, for example the entry of a zip file
	Line    int64  // 1-based line on which the record begins, 0 when unknown
	Feature int64  // 1-based number of the record in its file
	Offset  int64  // first byte in the spooled file
	Length  int64  // bytes in the spooled file; 0 when the format has no byte ranges
}

// Record is one feature as delivered. Its slices are valid until the next Read.
type Record struct {
	Place
	ID         string       // the source's feature id, "" when it has none
	Geometry   orb.Geometry // x or longitude first, in the reader's CRS; nil when there is none
	Properties []Property   // in the order of the source, without the geometry
	Raw        []byte       // the record's original bytes
}

// Property is one attribute of a record. Value is nil, bool, string,
// json.Number (digits as delivered) or json.RawMessage (object or array).
type Property struct {
	Name  string
	Value any
}

// RowError is a record that cannot be used while reading can go on.
type RowError struct {
	Place
	Raw []byte         // original bytes, at most MaxRaw; valid until the next Read
	Key string         // the record's key, if it could be read
	Err *ortsnah.Error // what is wrong and what to do
}

// MaxRaw is how many original bytes of an unusable record are kept.
const MaxRaw = 1 << 20

// Error is the technical text for logs.
func (e *RowError) Error() string {
	return fmt.Sprintf("%s line %d feature %d: %v", e.File, e.Line, e.Feature, e.Err)
}

// Unwrap gives the reason to errors.As.
func (e *RowError) Unwrap() error { return e.Err }

// Reader yields the records of a source in order.
type Reader interface {
	// Read returns the next record; io.EOF at the end; a *RowError for one
	// bad record, after which reading goes on; any other error ends the source.
	Read() (*Record, error)
	// CRS is the reference system that the source declares for the record last
	// read (before the first Read: for the first file); 0 is not declared.
	CRS() geo.SRID
	Close() error
}

// Options steer the reading of a source. The zero Options detect everything.
type Options struct {
	Format       string   // a name of Formats; "" detects
	Encoding     string   // IANA name, for example "windows-1252"; "" detects
	Delimiter    rune     // CSV; 0 detects
	DecimalComma bool     // CSV numbers are written 1.234,5; detected too
	CRS          geo.SRID // overrides what the source declares; 0 does not
	X, Y, WKT    string   // CSV columns with the geometry; "" detects
	SwapAxes     bool     // the source has northing (latitude) first by mistake
	Layer        string   // of sources with several layers
	Key          string   // property that names a record, shown with bad rows
	AllowPrivate bool     // URLs may lead to private network addresses
	AnyPlace     bool     // coordinates outside Germany are taken as they are

	MaxRecord int64 // bytes of one record, default 64 MiB
	MaxSize   int64 // bytes of the unpacked source, default 20 GiB

	Stdin      io.Reader     // what "-" reads, default os.Stdin
	SpoolDir   string        // where temporary copies are kept, default os.TempDir
	NoneMatch  string        // ETag of the last import; see NotModified
	Connect    time.Duration // to connect to a URL, default 10 s
	FirstByte  time.Duration // until a URL answers, default 30 s
	StallAfter time.Duration // without a byte of a URL's answer, default 60 s
}

// withDefaults fills the limits that are not set.
func (o Options) withDefaults() Options {
	set := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	if o.MaxRecord <= 0 {
		o.MaxRecord = 64 << 20
	}
	if o.MaxSize <= 0 {
		o.MaxSize = 20 << 30
	}
	set(&o.Connect, 10*time.Second)
	set(&o.FirstByte, 30*time.Second)
	set(&o.StallAfter, 60*time.Second)
	return o
}
