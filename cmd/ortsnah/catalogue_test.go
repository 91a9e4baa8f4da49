package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
)

// conforms holds a served catalogue (Turtle) against the DCAT-AP.de 3.0 shapes:
// nothing is found, not even a warning.
func conforms(t *testing.T, turtle string) {
	root := pgtest.Shared(t, "dcat")
	shapes, err := filepath.Glob(filepath.Join(root, "dcat-ap-de-shacl-validation", "validator", "resources", "v3.0", "shapes", "*.ttl"))
	if err != nil || len(shapes) != 5 {
		t.Fatalf("%d shape files, %v", len(shapes), err)
	}
	file := filepath.Join(t.TempDir(), "catalog.ttl")
	if err := os.WriteFile(file, []byte(turtle), 0o600); err != nil {
		t.Fatal(err)
	}
	peers := filepath.Join("..", "..", "publish", "testdata")
	args := append([]string{filepath.Join(peers, "peers", "shacl.mjs"), file, filepath.Join(peers, "vocabularies.ttl"),
		filepath.Join(root, "semiceu-dcat-ap", "3.0.0", "shacl", "dcat-ap-SHACL.ttl")}, shapes...)
	out, err := exec.CommandContext(t.Context(), "node", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Shapes  int
		Results []struct{ Severity, Focus, Path, Message string }
	}
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatal(err)
	}
	if report.Shapes < 3000 {
		t.Errorf("only %d shape triples were read", report.Shapes)
	}
	for _, r := range report.Results {
		t.Errorf("%s: %s %s: %s", r.Severity, r.Focus, r.Path, r.Message)
	}
}
