package siting

import (
	"encoding/json"
	"io"

	"github.com/ortsnah/ortsnah"
)

// WeekFile is the certificate of a week's plan together with its question: one
// JSON object that needs nothing else.
type WeekFile struct {
	Format      string          `json:"format"` // WeekFormat
	Problem     *WeekProblem    `json:"problem"`
	Certificate WeekCertificate `json:"certificate"`
}

const mostWeekBytes = 512 << 20

// ReadWeekFile reads such a file; name is what messages call it. Nothing is
// checked yet. Error: Invalid siting.proof_file.
func ReadWeekFile(r io.Reader, name string) (*WeekFile, error) {
	f := &WeekFile{}
	decoder := json.NewDecoder(io.LimitReader(r, mostWeekBytes))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(f)
	if _, after := decoder.Token(); err != nil || after != io.EOF || f.Format != WeekFormat || f.Problem == nil {
		return nil, ortsnah.E(ortsnah.Invalid, "siting.proof_file", "file", name, "format", WeekFormat).Because(err)
	}
	return f, nil
}

// Check holds the certificate against the problem (see CheckWeek).
func (f *WeekFile) Check() error { return CheckWeek(f.Problem, &f.Certificate) }
