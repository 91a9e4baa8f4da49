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
	// All journeys come from one address, faster than any person.
	p := start(t, "demo", "--listen", "127.0.0.1:0", "--data", folder(t), "--holds-per-minute", "0", "--requests-per-minute", "0")
	eventually(t, "the first files are published", func() bool {
		_, body := fetch(t, p.url+"/daten/districts")
		return strings.Contains(body, ".parquet")
	})
	web := filepath.Join("..", "..", "api", "web")
	// Files by name: what --test makes of a folder differs between Node versions.
	files, err := filepath.Glob(filepath.Join(web, "e2e", "*.test.mjs"))
	if err != nil || len(files) == 0 {
		t.Fatal("no journeys", err)
	}
	args := []string{"--test", "--test-reporter=spec"}
	for _, f := range files {
		args = append(args, filepath.Join("e2e", filepath.Base(f)))
	}
	node := exec.CommandContext(t.Context(), "node", args...)
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
