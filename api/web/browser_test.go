package web

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBrowser runs e2e/ in Chromium against the fixtures: accessibility of
// every page in both languages on phone and desktop, keyboard, no JavaScript,
// the map. The same files run against the whole program with ORTSNAH_URL.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no browser")
	}
	town := newPreview(t)
	if len(town.renderer.assets.manifest) == 0 {
		t.Fatal("api/web/dist is empty: run npm ci && npm run build in api/web, or make test in the root")
	}
	server := httptest.NewServer(town)
	defer server.Close()
	// Files by name: what --test makes of a folder differs between Node 18 and 22.
	files, err := filepath.Glob("e2e/*.test.mjs")
	if err != nil || len(files) == 0 {
		t.Fatal("no tests in e2e/", err)
	}
	node := exec.CommandContext(t.Context(), "node", append([]string{"--test", "--test-reporter=tap"}, files...)...)
	node.Env = append(os.Environ(), "ORTSNAH_URL="+server.URL)
	out, err := node.CombinedOutput()
	if err != nil {
		t.Fatalf("node --test e2e/*.test.mjs: %v\n%s", err, failures(out))
	}
}

// failures are the parts of a long TAP report that are about failures.
func failures(out []byte) string {
	var parts []string
	left := 0
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "not ok ") {
			left = 30
		}
		if left > 0 {
			parts = append(parts, line)
			left--
		}
	}
	return strings.Join(parts, "")
}
