package altcha

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestPeer: altcha-lib, written by others, accepts our solutions, and we accept
// its; both refuse what was changed.
func TestPeer(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no Node")
	}
	c, err := New(secret, time.Now().Add(time.Minute), 1000)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := Solve(c)
	if err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(map[string]string{"key": string(secret), "solution": ours})
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", "e2e/altcha.mjs")
	node.Dir, node.Stdin = "../web", strings.NewReader(string(input))
	var said struct {
		Accepted, Forged, Foreign bool
		Solution                  string
	}
	out, err := node.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if !said.Accepted || said.Forged || said.Foreign {
		t.Errorf("altcha-lib about ours: %+v", said)
	}
	if _, err := Verify(secret, said.Solution, time.Now()); err != nil {
		t.Error("altcha-lib's solution:", err)
	}
	if _, err := Verify([]byte("another key"), said.Solution, time.Now()); err == nil {
		t.Error("altcha-lib's solution with another key was accepted")
	}
}
