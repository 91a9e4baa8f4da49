package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ortsnah/ortsnah/stations/siting"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// tenCells is the line of ten cells as a JSON instance.
const tenCells = `{"problem": "pmedian", "p": 2, "distance": "euclid_floor",
	"cells": {"points": [[0,0],[1,0],[2,0],[3,0],[4,0],[5,0],[6,0],[7,0],[8,0],[9,0]], "weights": [10,10,10,10,10,10,10,10,10,10]},
	"sites": {"points": [[0,0],[1,0],[2,0],[3,0],[4,0],[5,0],[6,0],[7,0],[8,0],[9,0]], "ids": ["a","b","c","d","e","f","g","h","i","j"]}}`

// written is the path of a new file with this text.
func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "instance.txt")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSitingSolveAndVerify(t *testing.T) {
	file := written(t, tenCells)
	for _, c := range []struct {
		args string
		code int
		want []string // in standard output, or in messages when code is not 0
	}{
		{"", 0, []string{`"status":"optimal"`, `"value":120,"bound":120,"gap":0,"open":["c","h"]`}},
		{"--p 1", 0, []string{`"value":250`}},
		{"--problem mclp --radius 1", 0, []string{`"value":60`}},
		{"--problem mclp", 1, []string{"--radius"}},
		{"--problem lscp --radius 2", 0, []string{`"value":2`, `["c","h"]`}},
		{"--problem lscp --radius 1", 0, []string{`"value":4`}},
		{"--problem pcenter --p 4", 0, []string{`"value":1`}},
		{"--problem capacitated --capacity 50", 0, []string{`"value":120`}},
		{"--problem capacitated --capacity 40", 1, []string{"80 < 100"}},
		{"--existing c --p 1", 0, []string{`"value":120`}},
		{"--required a,b", 0, []string{`"open":["a","b"]`}},
		{"--required z", 1, []string{"“z”", "--required"}},
		{"--required a --forbidden a", 1, []string{"Site a is twice"}},
		{"--p 11", 1, []string{"only 10"}},
		{"--p 0", 1, []string{"at least"}},
	} {
		proofFile := filepath.Join(t.TempDir(), "proof.json")
		args := append([]string{"siting", "solve", "--instance", file, "--json", "--certificate", proofFile}, strings.Fields(c.args)...)
		code, out, errs := command(t, "", args...)
		text := out
		if c.code != 0 {
			text = errs
		}
		for _, want := range c.want {
			if code != c.code || !strings.Contains(text, want) {
				t.Errorf("%s: code %d, %q is not in\n%s%s", c.args, code, want, out, errs)
			}
		}
		if _, err := os.Stat(proofFile); err != nil {
			continue // a question without sense has no proof
		}
		if code, out, errs := command(t, "", "siting", "verify", proofFile, "--instance", file); code != 0 || !strings.Contains(out, "verified") {
			t.Errorf("verify %s: code %d\n%s%s", c.args, code, out, errs)
		}
	}
}

func TestSitingReadsStandardInput(t *testing.T) {
	code, out, errs := command(t, "3 2 1\n1 2 5\n2 3 1\n", "siting", "solve", "--instance", "-", "--format", "orlib")
	if code != 0 || !strings.Contains(out, "value         6\n") || !strings.Contains(out, "open          2\n") {
		t.Errorf("code %d\n%s%s", code, out, errs)
	}
}

// TestSitingTamperedCertificate changes the file as a cheat would.
func TestSitingTamperedCertificate(t *testing.T) {
	file, proofFile := written(t, tenCells), filepath.Join(t.TempDir(), "proof.json")
	if code, _, errs := command(t, "", "siting", "solve", "--instance", file, "--certificate", proofFile); code != 0 {
		t.Fatal(errs)
	}
	right, err := os.ReadFile(proofFile)
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	second := filepath.Join(t.TempDir(), "proof.json")
	command(t, "", "siting", "solve", "--instance", file, "--certificate", second)
	if text, err := os.ReadFile(second); err != nil || !bytes.Equal(text, right) {
		t.Errorf("two runs differ (%v) %s", err, again.String())
	}
	for from, to := range map[string]string{
		`"value":120,"bound":120`:           `"value":110,"bound":110`,
		`"open":[2,7]`:                      `"open":[2,8]`,
		`"weights":[10,10`:                  `"weights":[10,11`,
		`"status":"optimal"`:                `"status":"best ever"`,
		`"format":"ortsnah-siting-proof/1"`: `"format":"x"`,
		`"tree":[`:                          `"trees":[`,
		`}`:                                 ``,
	} {
		text := strings.Replace(string(right), from, to, 1)
		if text == string(right) {
			t.Errorf("%s is not in the file:\n%.400s", from, right)
		}
		code, out, errs := command(t, "", "siting", "verify", "--json", written(t, text))
		var a struct {
			Verified *bool
			Reason   string
		}
		if err := json.Unmarshal([]byte(out), &a); err != nil || code != 1 || a.Verified == nil || *a.Verified || a.Reason == "" || !strings.Contains(errs, a.Reason) {
			t.Errorf("%s: code %d, %v\n%s%s", to, code, err, out, errs)
		}
	}
	other := written(t, strings.Replace(tenCells, "[9,0]", "[8,0]", 1))
	if code, _, errs := command(t, "", "siting", "verify", proofFile, "--instance", other); code != 1 || !strings.Contains(errs, "not the file") {
		t.Errorf("another instance: %d %s", code, errs)
	}
}

func TestSitingWrongUse(t *testing.T) {
	file := written(t, tenCells)
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"solve", 2, "--instance"},
		{"solve --problem tsp --instance " + file, 2, "--problem"},
		{"solve --format xls --instance " + file, 2, "--format"},
		{"solve --limit -3s --instance " + file, 2, "--limit"},
		{"solve --p x --instance " + file, 2, "--p"},
		{"verify", 2, "<certificate>"},
		{"solve --instance /nowhere/x", 1, "There is no file /nowhere/x"},
		{"solve --instance " + t.TempDir(), 1, "a folder is not a file"},
		{"solve --instance /dev/zero", 1, "not a text file"},
		{"solve --instance /dev/null", 1, "is empty"},
		{"solve --instance " + file + " --format orlib", 1, "line 1"},
		{"solve --instance " + file + " --certificate /nowhere/x", 1, "cannot be written"},
		{"verify /nowhere/x", 1, "There is no file"},
		{"verify " + t.TempDir(), 1, "a folder is not a file"},
		{"verify " + file, 1, "not a certificate"},
		{"verify /dev/null", 1, "not a certificate"},
		{"verify /dev/zero", 1, "not a certificate"},
	} {
		code, out, errs := command(t, "", append([]string{"siting"}, strings.Fields(c.args)...)...)
		if code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%s: code %d, %q is not in\n%s%s", c.args, code, c.want, out, errs)
		}
	}
}

// TestSitingVerifiesWeeks reads the file of a week's plan, true and tampered.
func TestSitingVerifiesWeeks(t *testing.T) {
	p := &siting.WeekProblem{Stations: 1, HalfDays: 2, Capacity: 60, Sites: 3, WalkIns: []int64{10, 20, 30}, Booked: []int64{20, 10, 5},
		Costs: instance.Dense(3, 3, func(i, j int) int32 { return int32(10 * max(i-j, j-i)) })}
	found, err := siting.SolveWeek(t.Context(), p, siting.Options{})
	if err != nil || found.Certificate.Status != proof.Optimal {
		t.Fatal(err, found)
	}
	text, err := json.Marshal(siting.WeekFile{Format: siting.WeekFormat, Problem: p, Certificate: found.Certificate})
	if err != nil {
		t.Fatal(err)
	}
	code, out, errs := command(t, "", "siting", "verify", written(t, string(text)))
	if code != 0 || !strings.Contains(out, "verified") || !strings.Contains(out, "week") {
		t.Errorf("code %d\n%s%s", code, out, errs)
	}
	value := fmt.Sprintf(`"value":%d,"bound":%d`, found.Certificate.Value, found.Certificate.Bound)
	for from, to := range map[string]string{value: `"value":1,"bound":1`, `"held":[`: `"held":[9,`, `"problem":{`: `"problem":null,"x":{`} {
		if !strings.Contains(string(text), from) {
			t.Errorf("%s is not in %s", from, text)
		}
		if code, out, _ := command(t, "", "siting", "verify", written(t, strings.Replace(string(text), from, to, 1))); code != 1 {
			t.Errorf("%s: code %d %s", to, code, out)
		}
	}
}
