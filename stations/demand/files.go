package demand

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/ortsnah/ortsnah"
)

// Bounds of archives.
const (
	mostEntries  = 1000
	mostUnpacked = 4 << 30 // all of Germany in 100 m with all ages has 250 MB
)

// File is one file of a source: CSV text, or a ZIP archive of such.
type File struct {
	Name string
	Size int64
	Text io.ReaderAt
}

// open reads a file or, of an archive, each table in it. What in an archive is
// no grid (notes, sheets of 10 km) is only named in the report.
func (r *reader) open(ctx context.Context, f File) error {
	var magic [4]byte
	n, err := f.Text.ReadAt(magic[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return broken(f.Name, err)
	}
	if string(magic[:n]) != "PK\x03\x04" {
		return r.table(ctx, f.Name, io.NewSectionReader(f.Text, 0, f.Size))
	}
	archive, err := zip.NewReader(f.Text, f.Size)
	if err != nil || len(archive.File) > mostEntries {
		return ortsnah.E(ortsnah.Invalid, "demand.bad_archive", "file", f.Name).Because(err)
	}
	r.at.Total -= f.Size
	left := int64(mostUnpacked)
	for _, entry := range archive.File {
		if table(entry) {
			r.at.Total += int64(min(entry.UncompressedSize64, mostUnpacked))
		}
	}
	for _, entry := range archive.File {
		if !table(entry) {
			continue
		}
		if err := r.entry(ctx, entry, &left); err != nil {
			return err
		}
	}
	return nil
}

func table(entry *zip.File) bool {
	ext := strings.ToLower(path.Ext(entry.Name))
	return !entry.FileInfo().IsDir() && (ext == ".csv" || ext == ".txt") && !strings.HasPrefix(path.Base(entry.Name), ".")
}

func (r *reader) entry(ctx context.Context, entry *zip.File, left *int64) error {
	text, err := entry.Open()
	if err != nil {
		return ortsnah.E(ortsnah.Invalid, "demand.bad_archive", "file", entry.Name).Because(err)
	}
	defer text.Close()
	err = r.table(ctx, path.Base(entry.Name), &bounded{text, left})
	if e, ok := errors.AsType[*ortsnah.Error](err); ok && e.Key == "demand.unknown_columns" {
		r.grid.Report.Unused = append(r.grid.Report.Unused, path.Base(entry.Name))
		return nil
	}
	return err
}

// bounded ends an archive that unpacks to more than anybody can mean.
type bounded struct {
	io.Reader
	left *int64
}

// Read reads on.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if *b.left -= int64(n); *b.left < 0 {
		return 0, ortsnah.E(ortsnah.TooLarge, "demand.archive_too_large", "most", mostUnpacked>>30)
	}
	return n, err
}
