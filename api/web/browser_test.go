package web

import (
	"net/http/httptest"
	"os"
	"os/exec"
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
	node := exec.CommandContext(t.Context(), "node", "--test", "e2e/")
	node.Env = append(os.Environ(), "ORTSNAH_URL="+server.URL)
	out, err := node.CombinedOutput()
	if err != nil {
		t.Fatalf("node --test e2e/: %v\n%s", err, tail(out, 12_000))
	}
}

// tail is the end of a long output, where the failures are.
func tail(out []byte, n int) []byte {
	return out[max(0, len(out)-n):]
}
