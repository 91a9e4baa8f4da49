package ingest

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/ortsnah/ortsnah"
)

// maxEntries is how many files an archive may hold.
const maxEntries = 10000

// packing tells archives from data by their first bytes: "gzip", "zip",
// "other" for those the program does not unpack, "" for no archive. Excel,
// OpenDocument and KMZ files are zip archives that are data.
func packing(head []byte, name string) string {
	switch ext := strings.ToLower(filepath.Ext(name)); {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return "gzip"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")):
		if isDocument(ext) || bytes.Contains(head, []byte("[Content_Types].xml")) || bytes.Contains(head[:min(len(head), 100)], []byte("mimetypeapplication/vnd.oasis")) {
			return ""
		}
		return "zip"
	}
	for _, start := range []string{"BZh", "\xfd7zXZ\x00", "7z\xbc\xaf\x27\x1c", "Rar!\x1a\x07", "\x28\xb5\x2f\xfd"} {
		if bytes.HasPrefix(head, []byte(start)) {
			return "other"
		}
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		return "other"
	}
	return ""
}

func isDocument(ext string) bool {
	return ext == ".xlsx" || ext == ".xlsm" || ext == ".ods" || ext == ".kmz"
}

// gunzip unpacks file into the spool.
func gunzip(ctx context.Context, s *spool, file, name string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", readFailed(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", readFailed(err)
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return "", brokenArchive(name, err)
	}
	out, err := s.file(ctx, name, z, &ratio{packed: info.Size()})
	return out, unpackError(name, err)
}

// unpackError keeps the sentences of limits and cancellation, and says of
// everything else that the archive is broken.
func unpackError(name string, err error) error {
	_, known := errors.AsType[*ortsnah.Error](err)
	if err == nil || known || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return brokenArchive(name, err)
}

func brokenArchive(name string, err error) error {
	return ortsnah.E(ortsnah.Invalid, "ingest.archive_broken", "file", name).Because(err)
}

// unzip unpacks all entries of file into a folder of the spool and returns
// the files in the order of the archive. An archive whose names lead out of
// the folder, that holds archives, or that is a bomb is refused as a whole.
func unzip(ctx context.Context, s *spool, file, name string) ([]candidate, error) {
	z, err := zip.OpenReader(file)
	if err != nil {
		return nil, brokenArchive(name, err)
	}
	defer z.Close()
	info, err := os.Stat(file)
	if err != nil {
		return nil, readFailed(err)
	}
	bomb := &ratio{packed: info.Size()}
	if err := checkEntries(z.File, name, s.limit, bomb.packed); err != nil {
		return nil, err
	}
	dir, err := s.folder()
	if err != nil {
		return nil, err
	}
	var out []candidate
	for _, e := range z.File {
		if e.FileInfo().IsDir() || isLitter(e.Name) {
			continue
		}
		to := filepath.Join(dir, filepath.FromSlash(e.Name))
		if err := unzipEntry(ctx, s, e, to, bomb); err != nil {
			return nil, unpackError(e.Name, err)
		}
		out = append(out, candidate{path: to, name: e.Name})
	}
	return out, nil
}

// checkEntries judges a zip file by its directory before anything is written.
func checkEntries(entries []*zip.File, name string, limit, packed int64) error {
	if len(entries) > maxEntries {
		return ortsnah.E(ortsnah.TooLarge, "ingest.archive_many_files", "file", name, "limit", maxEntries)
	}
	var total uint64
	seen := map[string]bool{}
	for _, e := range entries {
		clean := path.Clean(e.Name)
		switch {
		case !filepath.IsLocal(filepath.FromSlash(e.Name)) || strings.Contains(e.Name, `\`) || len(e.Name) > 1 && e.Name[1] == ':' ||
			e.Mode()&(fs.ModeSymlink|fs.ModeDevice|fs.ModeNamedPipe|fs.ModeSocket) != 0 || strings.ContainsRune(e.Name, 0):
			return ortsnah.E(ortsnah.Invalid, "ingest.archive_unsafe_name", "file", name, "entry", short(e.Name))
		case seen[clean] && !e.FileInfo().IsDir():
			return ortsnah.E(ortsnah.Invalid, "ingest.archive_same_name", "file", name, "entry", short(e.Name))
		case e.Flags&1 != 0:
			return ortsnah.E(ortsnah.Unsupported, "ingest.archive_encrypted", "file", name)
		}
		seen[clean] = true
		total += e.UncompressedSize64
		if total > uint64(limit) {
			return ortsnah.E(ortsnah.TooLarge, "ingest.source_too_large")
		}
		if total > 100e6 && total/1000 > uint64(packed) {
			return ortsnah.E(ortsnah.TooLarge, "ingest.archive_bomb")
		}
	}
	return nil
}

// checkDocument holds a file that is a zip archive itself (Excel, KMZ) to the
// same rules before another program unpacks it.
func checkDocument(file, name string, limit int64) error {
	z, err := zip.OpenReader(file)
	if err != nil {
		return brokenArchive(name, err)
	}
	defer z.Close()
	info, err := os.Stat(file)
	if err != nil {
		return readFailed(err)
	}
	return checkEntries(z.File, name, limit, info.Size())
}

// isLitter tells the files that operating systems leave in archives.
func isLitter(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(base, ".") || base == "Thumbs.db" || base == "desktop.ini"
}

func unzipEntry(ctx context.Context, s *spool, e *zip.File, to string, bomb *ratio) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return ortsnah.E(ortsnah.Unavailable, "ingest.spool_full", "folder", s.dir).Because(err)
	}
	r, err := e.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		return ortsnah.E(ortsnah.Unsupported, "ingest.archive_kind", "file", e.Name).Because(err)
	}
	if err != nil {
		return err
	}
	defer r.Close()
	head := make([]byte, 512)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	if packing(head[:n], e.Name) != "" {
		return ortsnah.E(ortsnah.Unsupported, "ingest.archive_nested", "entry", short(e.Name))
	}
	return s.write(ctx, to, io.MultiReader(bytes.NewReader(head[:n]), r), bomb)
}
