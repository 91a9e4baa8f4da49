package ingest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ortsnah/ortsnah"
)

// gather brings the files of a source to local disk, unpacked.
func (s *Source) gather(source string) ([]candidate, error) {
	address, isWFS := strings.CutPrefix(source, "WFS:")
	scheme, _, isURL := strings.Cut(address, "://")
	switch {
	case source == "-":
		in := s.options.Stdin
		if in == nil {
			in = os.Stdin
		}
		return s.unpackStream("stdin", in)
	case isWFS || isURL && s.options.Format == "wfs":
		s.options.Format = "wfs"
		return []candidate{{name: s.name, web: address}}, nil
	case isURL && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")):
		path, name, err := s.fetch(address)
		if err != nil {
			return nil, err
		}
		return s.unpack(candidate{path: path, name: name})
	case isURL:
		return nil, ortsnah.E(ortsnah.Unsupported, "ingest.unknown_scheme", "scheme", short(scheme))
	}
	return s.local(source)
}

func (s *Source) local(path string) ([]candidate, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ortsnah.E(ortsnah.NotFound, "ingest.no_such_file", "file", path).About("source")
	case err != nil:
		return nil, readFailed(err)
	case info.IsDir() && strings.EqualFold(filepath.Ext(path), ".gdb"):
		return []candidate{{path: path, name: filepath.Base(path)}}, nil
	case info.IsDir():
		return s.folder(path)
	case info.Mode().IsRegular():
		return s.unpack(candidate{path: path, name: filepath.Base(path)})
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, readFailed(err)
	}
	defer f.Close()
	return s.unpackStream(filepath.Base(path), f)
}

func (s *Source) folder(dir string) ([]candidate, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, readFailed(err)
	}
	var all []candidate
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		info, err := os.Stat(path)
		if err != nil {
			return nil, readFailed(err)
		}
		if !info.Mode().IsRegular() || isLitter(e.Name()) {
			continue
		}
		more, err := s.unpack(candidate{path: path, name: e.Name()})
		if err != nil {
			return nil, err
		}
		for i := range more {
			if len(more) > 1 { // entries of different archives may have one name
				more[i].name = e.Name() + "/" + more[i].name
			}
		}
		all = append(all, more...)
	}
	if len(all) == 0 {
		return nil, ortsnah.E(ortsnah.Invalid, "ingest.empty_folder", "folder", filepath.Base(dir))
	}
	return all, nil
}

// unpackStream spools what comes from a pipe. A read of one cannot be broken
// off, so it is left alone when the import is.
func (s *Source) unpackStream(name string, r io.Reader) ([]candidate, error) {
	out, in := io.Pipe()
	defer out.Close()
	defer context.AfterFunc(s.ctx, func() { in.CloseWithError(s.ctx.Err()) })()
	go func() {
		_, err := io.Copy(in, r)
		in.CloseWithError(err)
	}()
	path, err := s.spool.file(s.ctx, name, out, nil)
	if err != nil {
		return nil, readFailed(err)
	}
	return s.unpack(candidate{path: path, name: name})
}

// unpack returns the data files that c is or holds.
func (s *Source) unpack(c candidate) ([]candidate, error) {
	head, err := headOf(c.path)
	if err != nil {
		return nil, err
	}
	switch packing(head, c.name) {
	case "gzip":
		name := strings.TrimSuffix(c.name, ".gz")
		path, err := gunzip(s.ctx, s.spool, c.path, name)
		if err != nil {
			return nil, err
		}
		if head, err = headOf(path); err != nil {
			return nil, err
		}
		if packing(head, name) != "" {
			return nil, ortsnah.E(ortsnah.Unsupported, "ingest.archive_nested", "entry", name)
		}
		return []candidate{{path: path, name: name}}, nil
	case "zip":
		return unzip(s.ctx, s.spool, c.path, c.name)
	case "other":
		return nil, ortsnah.E(ortsnah.Unsupported, "ingest.archive_kind", "file", c.name)
	}
	return []candidate{c}, nil
}

func headOf(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, readFailed(err)
	}
	defer f.Close()
	head := make([]byte, headSize)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, readFailed(err)
	}
	return head[:n], nil
}

// choose keeps the files that are data and finds their format. In a folder or
// an archive files of other kinds (notes, licences, indexes) are passed over.
func (s *Source) choose(all []candidate) error {
	if want := s.options.Format; want != "" {
		f, err := FormatNamed(want)
		if err != nil {
			return err
		}
		s.format = f
		s.parts = all
		if len(all) > 1 {
			s.parts = slices.DeleteFunc(slices.Clone(all), func(c candidate) bool { return !belongs(f, c) })
		}
	} else if err := s.detect(all); err != nil {
		return err
	}
	if len(all) == 0 {
		return ortsnah.E(ortsnah.Invalid, "ingest.empty_archive", "file", s.name)
	}
	if len(s.parts) == 0 {
		return ortsnah.E(ortsnah.Unsupported, "ingest.no_data_in_archive", "file", s.name, "files", names(all))
	}
	for i := range s.parts {
		if err := s.prepare(&s.parts[i]); err != nil {
			return err
		}
	}
	return nil
}

// belongs reports whether a file among several is of the format asked for.
func belongs(f Format, c candidate) bool {
	head, err := headOf(c.path)
	if err != nil {
		return false
	}
	ext := strings.ToLower(filepath.Ext(c.name))
	return slices.Contains(f.Extensions, ext) || f.Sniff(head, strings.ToLower(c.name))
}

func (s *Source) detect(all []candidate) error {
	var formats []string
	for _, c := range all {
		if len(all) > 1 && isCompanion(c.name) {
			continue
		}
		f, ok, err := s.formatOf(c)
		if err != nil && len(all) == 1 {
			return err
		}
		if !ok || err != nil {
			continue
		}
		if !slices.Contains(formats, f.Name) {
			formats = append(formats, f.Name)
		}
		s.format = f
		s.parts = append(s.parts, c)
	}
	if len(formats) > 1 {
		return ortsnah.E(ortsnah.Invalid, "ingest.several_formats", "file", s.name, "formats", strings.Join(formats, ", ")).About("format")
	}
	return nil
}

// formatOf recognises one file, or says why it is no data.
func (s *Source) formatOf(c candidate) (Format, bool, error) {
	if info, err := os.Stat(c.path); err == nil && info.IsDir() {
		f, err := FormatNamed("filegdb")
		return f, err == nil, err
	}
	head, err := headOf(c.path)
	if err != nil {
		return Format{}, false, err
	}
	if len(bytes.TrimSpace(head)) == 0 {
		return Format{}, false, ortsnah.E(ortsnah.Invalid, "ingest.empty_file", "file", c.name)
	}
	if text, ok := fromUTF16(head); ok {
		head = text
	}
	f, ok := detect(head, c.name)
	if !ok {
		key := "ingest.not_data"
		if isWebPage(head) {
			key = "ingest.web_page"
		}
		if text, ok := serviceException(head); ok {
			return f, false, ortsnah.E(ortsnah.Unavailable, "ingest.service_exception", "file", c.name, "reason", text)
		}
		return f, false, ortsnah.E(ortsnah.Unsupported, key, "file", c.name)
	}
	return f, true, nil
}

// isCompanion tells the files that lie beside data in archives and folders.
func isCompanion(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".txt", ".md", ".pdf", ".htm", ".html", ".dbf", ".shx", ".prj", ".cpg", ".qpj", ".sbn", ".sbx", ".qmd", ".qml", ".sld", ".gfs", ".xsd", ".dat", ".id", ".map", ".ind", ".mid":
		return true
	}
	return strings.HasSuffix(strings.ToLower(name), ".shp.xml") || strings.HasSuffix(strings.ToLower(name), ".csvt")
}

func names(all []candidate) string {
	var list []string
	for _, c := range all {
		if list = append(list, c.name); len(list) == 10 {
			return strings.Join(list, ", ") + " …"
		}
	}
	return strings.Join(list, ", ")
}

// prepare measures a part and brings its text to an encoding that readers can
// take byte by byte.
func (s *Source) prepare(c *candidate) error {
	if c.web != "" {
		return nil
	}
	info, err := os.Stat(c.path)
	if err != nil {
		return readFailed(err)
	}
	if info.IsDir() {
		return nil
	}
	if isDocument(strings.ToLower(filepath.Ext(c.name))) {
		if err := checkDocument(c.path, c.name, s.options.MaxSize); err != nil {
			return err
		}
	}
	if s.format.Driver == "" {
		if err := s.recode(c); err != nil {
			return err
		}
		if info, err = os.Stat(c.path); err != nil {
			return readFailed(err)
		}
	}
	c.size = info.Size()
	return nil
}
