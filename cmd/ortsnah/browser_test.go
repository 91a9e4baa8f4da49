package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBrowser runs the journeys of api/web/e2e in Chromium against the demo
// town: all pages in both languages and widths, axe, keyboard only, without
// JavaScript, the map.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("the browser journeys are not part of -short")
	}
	p := start(t, "demo", "--listen", "127.0.0.1:0", "--data", folder(t))
	eventually(t, "the first files are published", func() bool {
		_, body := fetch(t, p.url+"/daten/districts")
		return strings.Contains(body, ".parquet")
	})
	web := filepath.Join("..", "..", "api", "web")
	// Files by name: what --test makes of a folder differs between Node versions.
	node := exec.CommandContext(t.Context(), "node", "--test", "--test-reporter=spec", "e2e/journeys.test.mjs", "e2e/pages.test.mjs")
	node.Dir = web
	node.Env = append(os.Environ(), "ORTSNAH_URL="+p.url)
	out, err := node.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "pass ") {
		t.Fatalf("no journey ran:\n%s", out)
	}
	t.Logf("%s", out[max(0, len(out)-400):])
}
