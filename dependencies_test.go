package ortsnah_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestDependenciesAreExplained holds the table in CONTRIBUTING.md against
// go.mod and api/web/package.json: each direct dependency has a reason there,
// and nothing is there that is not required.
func TestDependenciesAreExplained(t *testing.T) {
	guide := read(t, "CONTRIBUTING.md")
	_, table, ok := strings.Cut(guide, "| module | why | instead of |\n")
	if !ok {
		t.Fatal("CONTRIBUTING.md has no table of modules")
	}
	table, rest, _ := strings.Cut(table, "\n\n")
	var listed []string
	code := regexp.MustCompile("`([^`]+)`")
	for _, row := range strings.Split(table, "\n") {
		for _, m := range code.FindAllStringSubmatch(strings.Split(row, "|")[1], -1) {
			listed = append(listed, modulePath(m[1]))
		}
	}
	required := requiredModules(t)
	for _, path := range required {
		if !slices.Contains(listed, path) {
			t.Errorf("go.mod requires %s, CONTRIBUTING.md does not say why", path)
		}
	}
	for _, path := range listed {
		if !slices.Contains(required, path) {
			t.Errorf("CONTRIBUTING.md explains %s, go.mod does not require it", path)
		}
	}
	var web struct{ Dependencies, DevDependencies map[string]string }
	if err := json.Unmarshal([]byte(read(t, "api/web/package.json")), &web); err != nil {
		t.Fatal(err)
	}
	for _, names := range []map[string]string{web.Dependencies, web.DevDependencies} {
		for name := range names {
			if !strings.Contains(rest, "`"+name+"`") {
				t.Errorf("api/web/package.json requires %s, CONTRIBUTING.md does not name it", name)
			}
		}
	}
}

// requiredModules are the direct requirements of go.mod.
func requiredModules(t *testing.T) []string {
	t.Helper()
	var paths []string
	line := regexp.MustCompile(`(?m)^(?:require )?\s*(\S+\.\S+/\S+) v\S+$`)
	for _, m := range line.FindAllStringSubmatch(read(t, "go.mod"), -1) {
		paths = append(paths, m[1])
	}
	if len(paths) < 10 {
		t.Fatalf("only %v found in go.mod", paths)
	}
	return paths
}

// modulePath completes the short names of the table: "x/text" is of
// golang.org, "jackc/pgx/v5" of GitHub.
func modulePath(name string) string {
	first, _, _ := strings.Cut(name, "/")
	switch {
	case first == "x":
		return "golang.org/" + name
	case strings.Contains(first, "."):
		return name
	}
	return "github.com/" + name
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
