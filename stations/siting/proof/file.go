package proof

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"

	"github.com/klauspost/compress/gzip"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// FileFormat names the version of the certificate's file: one JSON object with
// "format", "inputs", "problem_sha256", "certificate" and the problem in its
// canonical JSON form, as "problem" or, when that is long, as "problem_gzip"
// in base64. So a certificate can be checked years later with nothing else.
const FileFormat = "ortsnah-siting-proof/1"

// File is a certificate together with the question it answers.
type File struct {
	Inputs      []Input
	Problem     *instance.Problem
	Certificate Certificate
}

// Input says where a part of the problem came from.
type Input struct {
	Name   string `json:"name"`
	Format string `json:"format,omitempty"`
	SHA256 string `json:"sha256"` // of its bytes, hexadecimal
}

type fileJSON struct {
	Format      string          `json:"format"`
	Inputs      []Input         `json:"inputs,omitempty"`
	Hash        string          `json:"problem_sha256"`
	Certificate Certificate     `json:"certificate"`
	Problem     json.RawMessage `json:"problem,omitempty"`
	Packed      []byte          `json:"problem_gzip,omitempty"`
}

const (
	longProblem = 64 << 10  // bytes: longer ones are compressed
	mostBytes   = 512 << 20 // of a file
)

// Write writes the file; equal answers give equal bytes.
func (f *File) Write(w io.Writer) error {
	var text bytes.Buffer
	if err := f.Problem.Write(&text); err != nil {
		return err
	}
	doc := fileJSON{Format: FileFormat, Inputs: f.Inputs, Hash: f.Problem.Hash(), Certificate: f.Certificate}
	if text.Len() <= longProblem {
		doc.Problem = text.Bytes()
	} else {
		var packed bytes.Buffer
		zip := gzip.NewWriter(&packed)
		if _, err := zip.Write(text.Bytes()); err != nil {
			return err
		}
		if err := zip.Close(); err != nil {
			return err
		}
		doc.Packed = packed.Bytes()
	}
	return json.NewEncoder(w).Encode(doc)
}

// ReadFile reads a file that Write wrote; name is what messages call it. The
// certificate is not checked yet. Errors: Invalid siting.proof_file… or what
// instance.Read says of the problem.
func ReadFile(r io.Reader, name string) (*File, error) {
	in := bufio.NewReader(r)
	if head, _ := in.Peek(1); len(head) > 0 && head[0] != '{' { // a device would be read to the limit
		return nil, ortsnah.E(ortsnah.Invalid, "siting.proof_file", "file", name, "format", FileFormat)
	}
	text, err := io.ReadAll(io.LimitReader(in, mostBytes+1))
	if err != nil {
		return nil, ortsnah.E(ortsnah.Invalid, "siting.unreadable", "file", name).Because(err)
	}
	if len(text) > mostBytes {
		return nil, ortsnah.E(ortsnah.TooLarge, "siting.file_too_large", "file", name, "limit", mostBytes>>20)
	}
	var doc fileJSON
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil || doc.Format != FileFormat || (doc.Problem == nil) == (doc.Packed == nil) {
		return nil, ortsnah.E(ortsnah.Invalid, "siting.proof_file", "file", name, "format", FileFormat).Because(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, ortsnah.E(ortsnah.Invalid, "siting.proof_file", "file", name, "format", FileFormat)
	}
	problem := io.Reader(bytes.NewReader(doc.Problem))
	if doc.Packed != nil {
		if problem, err = gzip.NewReader(bytes.NewReader(doc.Packed)); err != nil {
			return nil, ortsnah.E(ortsnah.Invalid, "siting.proof_file", "file", name, "format", FileFormat).Because(err)
		}
	}
	p, err := instance.Read(problem, "json", name)
	if err != nil {
		return nil, err
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	if hash := p.Hash(); hash != doc.Hash {
		return nil, ortsnah.E(ortsnah.Invalid, "siting.proof_hash", "file", name, "claimed", doc.Hash, "hash", hash)
	}
	return &File{Inputs: doc.Inputs, Problem: p, Certificate: doc.Certificate}, nil
}

// Check holds the certificate against the problem (see Check).
func (f *File) Check() error { return Check(f.Problem, &f.Certificate) }
