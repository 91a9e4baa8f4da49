package ortsnah_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/ortsnah/ortsnah"

// mayImport is the floor plan of doc.go: room → rooms below that it may use.
// Every room may import itself and the root package.
func mayImport() map[string][]string {
	return map[string][]string{
		"":         {},
		"geo":      {},
		"catalog":  {"geo"},
		"stations": {"geo", "catalog"},
		"booking":  {"geo", "catalog", "stations"},
		"ingest":   {"geo", "catalog", "stations"},
		"publish":  {"geo", "catalog"},
		"api":      {"geo", "catalog", "stations", "booking", "ingest", "publish"},
		"cmd":      {"geo", "catalog", "stations", "booking", "ingest", "publish", "api"},
	}
}

func room(path string) string {
	first, _, _ := strings.Cut(filepath.ToSlash(path), "/")
	return first
}

// TestFloorPlan reads the imports of every Go file, tests included, and names
// each one that goes upwards or sideways.
func TestFloorPlan(t *testing.T) {
	plan, files := mayImport(), 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != ".") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		files++
		here := ""
		if strings.Contains(filepath.ToSlash(path), "/") {
			here = room(path)
		}
		allowed, known := plan[here]
		if !known {
			t.Errorf("%s: %q is not a room of the floor plan (doc.go); move the file or change the plan on purpose", path, here)
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imp := range f.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			rest, ours := strings.CutPrefix(name, module)
			there := room(strings.TrimPrefix(rest, "/"))
			if !ours || there == "" || there == here || slices.Contains(allowed, there) {
				continue
			}
			t.Errorf("%s imports %s: room %q may use only %v. Imports go downwards; move the code down or pass the value in.",
				path, name, here, allowed)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Fatalf("only %d files found: the test does not see the house", files)
	}
}

// TestTopLevelFolders keeps the house from growing rooms by accident.
func TestTopLevelFolders(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	plan := mayImport()
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") || e.Name() == "docs" || e.Name() == "bin" || e.Name() == "data" {
			continue
		}
		if _, ok := plan[e.Name()]; !ok {
			t.Errorf("folder %q is not in the floor plan", e.Name())
		}
	}
}
