package planning

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// enclose adds the inputs and the certificate, from which every number of the
// answer can be worked out again. The certificate is checked first: an answer
// that the verifier rejects is a defect and none at all.
func (a *answer) enclose(g *ground, c proof.Certificate) error {
	if err := proof.Check(g.problem, &c); err != nil {
		return fmt.Errorf("the verifier rejects the certificate: %v", err)
	}
	var plain, file bytes.Buffer
	if err := g.problem.Write(&plain); err != nil {
		return err
	}
	sum := sha256.Sum256(plain.Bytes())
	a.hash = hex.EncodeToString(sum[:])
	var err error
	if a.inputs, err = zipped(plain.Bytes()); err != nil {
		return err
	}
	f := proof.File{Problem: g.problem, Certificate: c,
		Inputs: []proof.Input{{Name: g.source.Name, Format: g.source.Format, SHA256: g.source.SHA256}}}
	if err := f.Write(&file); err != nil {
		return err
	}
	a.certificate = file.Bytes()
	return nil
}
