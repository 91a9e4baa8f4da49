package instance

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/ortsnah/ortsnah"
)

// Limits of what is read: bytes of a file, sites, and pairs of a cell and a
// site. Ten thousand cells and a thousand sites are a fifth of the pairs.
const (
	mostBytes = 256 << 20
	mostSites = 1_000_000
	mostPairs = 50_000_000
)

// Formats are the names of the instance formats.
func Formats() []string { return []string{"orlib", "tsplib", "json"} }

// Read reads an instance. format is one of Formats, or empty: then it is told
// from the first bytes. name is what messages call the source. What the format
// does not say (the problem, p, a radius) is left for the caller: OR-Library
// and TSPLIB give a p-median problem where every node is cell and site with
// weight 1; call Check when the question is complete. Errors are Invalid or
// TooLarge siting.… and name the line.
func Read(r io.Reader, format, name string) (*Problem, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	head, err := in.Peek(4096)
	if err != nil && err != io.EOF {
		return nil, invalid("siting.unreadable", "file", name).Because(err)
	}
	if len(bytes.TrimSpace(head)) == 0 && len(head) < 4096 {
		return nil, invalid("siting.file_empty", "file", name)
	}
	if bytes.IndexByte(head, 0) >= 0 { // a device or a binary file: do not read on
		return nil, invalid("siting.not_text", "file", name)
	}
	if format == "" {
		format = guess(head)
	}
	read, ok := map[string]func(source) (*Problem, error){"orlib": readORLib, "tsplib": readTSPLIB, "json": readJSON}[format]
	if !ok {
		return nil, invalid("siting.unknown_format", "format", format, "formats", strings.Join(Formats(), ", ")).About("format")
	}
	text, err := io.ReadAll(io.LimitReader(in, mostBytes+1))
	if err != nil {
		return nil, invalid("siting.unreadable", "file", name).Because(err)
	}
	if len(text) > mostBytes {
		return nil, ortsnah.E(ortsnah.TooLarge, "siting.file_too_large", "file", name, "limit", mostBytes>>20)
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(text) {
		return nil, invalid("siting.not_text", "file", name)
	}
	return read(source{text, name})
}

// guess tells the format from the first bytes: JSON begins with a brace,
// OR-Library with a number, TSPLIB with a keyword.
func guess(head []byte) string {
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))
	switch {
	case len(head) == 0 || head[0] == '{' || head[0] == '[':
		return "json"
	case head[0] >= '0' && head[0] <= '9':
		return "orlib"
	}
	return "tsplib"
}

// source is the text of an instance and what messages call it.
type source struct {
	text []byte
	name string
}

// wrong is an error about a line, counted from 1.
func (s source) wrong(key string, line int, args ...any) *ortsnah.Error {
	return invalid(key, append(args, "file", s.name, "line", line)...)
}

// tooMany refuses more pairs than the program holds in memory.
func (s source) tooMany(cells, sites int) error {
	if sites > mostSites || cells > 0 && sites > mostPairs/cells {
		return ortsnah.E(ortsnah.TooLarge, "siting.too_many_pairs", "file", s.name, "cells", cells, "sites", sites, "limit", mostPairs)
	}
	return nil
}
