package travel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPBF: an extract gives the network of the map it was made of.
func TestPBF(t *testing.T) {
	m := houses(city(40, 100, 3), 3000)
	read, err := ReadPBF(t.Context(), written(t, extract(m)), Clip{})
	if err != nil {
		t.Fatal(err)
	}
	if read.Attribution != Credit || read.Demo {
		t.Error("an extract is OpenStreetMap's")
	}
	m.Attribution = Credit
	n := built(t, read)
	if junctions, edges := n.Size(); junctions < 1600 || edges < 2500 || n.Version() != built(t, m).Version() {
		t.Errorf("%d junctions, %d edges: not the network of the map", junctions, edges)
	}
}

// TestPBFReadByGDAL: another program reads what the tests write.
func TestPBFReadByGDAL(t *testing.T) {
	m := city(6, 100, 3)
	out, err := exec.Command("ogrinfo", "-ro", "-q", written(t, extract(m)), "lines").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got := strings.Count(string(out), "OGRFeature(lines)"); got != len(m.Ways) || !strings.Contains(string(out), "name (String) = Hauptstraße") {
		t.Errorf("%d of %d ways in %s", got, len(m.Ways), out)
	}
}

// TestBadExtracts: one clear sentence for everything that is no extract.
func TestBadExtracts(t *testing.T) {
	good := extract(city(30, 100, 3))
	header := frame(nil, "OSMHeader", headerBlock(), false)
	var plain, node, future message
	node.bytes(1, []byte{8, 2})
	plain.bytes(2, node)
	future.bytes(7, []byte("zstd"))
	unknown := append([]byte{0, 0, 0, 11, 10, 7}, "OSMData"...)
	unknown = append(unknown, 24, byte(len(future)))
	flipped := append([]byte(nil), good...)
	flipped[len(good)/2] ^= 0x40
	for name, c := range map[string]struct {
		file []byte
		key  string
	}{
		"empty":              {nil, "travel.not_an_extract"},
		"xml":                {[]byte(`<?xml version="1.0"?><osm version="0.6"></osm>`), "travel.not_an_extract"},
		"gzip":               {[]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00"), "travel.not_an_extract"},
		"no header":          {extract(city(3, 100, 1))[len(header):], "travel.not_an_extract"},
		"header cut":         {header[:20], "travel.not_an_extract"},
		"cut in a block":     {good[:len(good)-1000], "travel.cut_off"},
		"cut behind a head":  {good[:len(header)+4+13], "travel.cut_off"},
		"cut in a length":    {good[:len(header)+2], "travel.cut_off"},
		"a bit is wrong":     {flipped, "travel.broken_extract"},
		"garbage behind":     {append(append([]byte(nil), good...), "garbage and more"...), "travel.broken_extract"},
		"only a header":      {header, "travel.no_streets"},
		"only buildings":     {extract(Map{Nodes: houses(city(3, 100, 1), 5).Nodes}), "travel.no_streets"},
		"nodes are missing":  {extract(Map{Ways: city(3, 100, 1).Ways}), "travel.no_streets"},
		"plain nodes":        {frame(header, "OSMData", plain, false), "travel.unsupported_extract"},
		"other compression":  {append(append(append([]byte(nil), header...), unknown...), future...), "travel.unsupported_extract"},
		"unpacked and sound": {frame(frame(header, "OSMData", nodeBlock(city(2, 100, 1).Nodes), true), "OSMData", wayBlock(1, city(2, 100, 1).Ways), true), "<nil>"},
	} {
		m, err := ReadPBF(t.Context(), written(t, c.file), Clip{})
		if err == nil {
			_, err = Build(m)
		}
		if key(err) != c.key {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
	if _, err := ReadPBF(t.Context(), filepath.Join(t.TempDir(), "no.osm.pbf"), Clip{}); key(err) != "travel.no_file" {
		t.Errorf("no file: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ReadPBF(ctx, written(t, good), Clip{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestEveryDamageIsNoticed cuts and flips an extract everywhere: it is refused
// with one of our sentences, and the program lives.
func TestEveryDamageIsNoticed(t *testing.T) {
	good := extract(city(4, 100, 3))
	for i := range good {
		for _, bad := range [][]byte{good[:i], flip(good, i, 0xff), flip(good, i, 1)} {
			m, err := ReadPBF(t.Context(), written(t, bad), Clip{})
			if err == nil {
				_, err = Build(m)
			}
			if err != nil && !strings.HasPrefix(key(err), "travel.") {
				t.Fatalf("byte %d: %v", i, err)
			}
			if err == nil && len(bad) < len(good) {
				t.Fatalf("cut at byte %d is not noticed", i)
			}
		}
	}
}

func flip(b []byte, i int, mask byte) []byte {
	bad := append([]byte(nil), b...)
	bad[i] ^= mask
	return bad
}

func TestCache(t *testing.T) {
	path, folder := written(t, extract(city(20, 100, 3))), filepath.Join(t.TempDir(), "roads")
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	read := func(path string, wantCached bool) *Network {
		t.Helper()
		n, cached, err := Load(t.Context(), path, folder, Clip{}, log)
		if err != nil || cached != wantCached {
			t.Fatalf("cached %v, want %v; %v", cached, wantCached, err)
		}
		return n
	}
	first := read(path, false)
	second := read(path, true)
	if first.Version() != second.Version() || second.Attribution() != Credit {
		t.Error("the cache gives the same network")
	}
	a, errA := first.Matrix(t.Context(), Walk, scattered(50, 20, 100, 1), scattered(9, 20, 100, 2), 0)
	b, errB := second.Matrix(t.Context(), Walk, scattered(50, 20, 100, 1), scattered(9, 20, 100, 2), 0)
	if errA != nil || errB != nil || fmt.Sprint(a) != fmt.Sprint(b) {
		t.Error("the cache gives the same times", errA, errB)
	}
	file := onlyFile(t, folder)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{"empty": {}, "cut": whole[:len(whole)/2], "flipped": flip(whole, len(whole)/3, 4), "garbage": []byte(strings.Repeat("x", 99))} {
		if err := os.WriteFile(file, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		if n := read(path, false); n.Version() != first.Version() {
			t.Errorf("%s: a damaged cache is made again", name)
		}
		read(path, true)
	}
	read(written(t, extract(city(21, 100, 3))), false)
	if other := onlyFile(t, folder); other == file {
		t.Error("another extract has another cache, and the old one is gone")
	}
}

func onlyFile(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%v, %v: want one file", entries, err)
	}
	return filepath.Join(folder, entries[0].Name())
}

// TestDecodeNeverPanics: whatever stands in a cache file that has the right
// checksum is looked at before it is used.
func TestDecodeNeverPanics(t *testing.T) {
	for _, b := range [][]byte{nil, {1, 0, 0, 0}, []byte(strings.Repeat("\x01\x00\x00\x00", 9)), []byte("\x01\x00\x00\x00" + strings.Repeat("\xff", 40))} {
		if _, err := decode(b); err == nil {
			t.Errorf("%x is no cache", b)
		}
	}
}
