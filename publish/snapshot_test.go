package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// names lists the files below a folder.
func names(t *testing.T, root string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			all = append(all, strings.TrimPrefix(path, root+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestSnapshot(t *testing.T) {
	ctx := t.Context()
	pool, read := database(t)
	folder := Folder(filepath.Join(t.TempDir(), "files"))
	f := fixtureOf(t, "areas")
	store(t, pool, f)
	store(t, pool, fixtureOf(t, "empty"))
	if err := catalog.Register(ctx, pool, catalog.Dataset{ID: "planned", Public: true, Schema: allTypes(catalog.Point)}); err != nil {
		t.Fatal(err)
	}
	made, err := Snapshot(ctx, pool, read, folder, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{}
	for _, d := range []string{"areas", "empty"} {
		for _, ext := range []string{"csv", "geojson", "geojsons", "parquet"} {
			want = append(want, d+"/1/"+d+"-v1."+ext)
		}
	}
	if d := cmp.Diff(want, names(t, string(folder))); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
	recorded, err := catalog.Distributions(ctx, read, "")
	if err != nil || len(recorded) != len(made) || len(made) != len(want) {
		t.Fatalf("%d made, %d recorded, %v", len(made), len(recorded), err)
	}
	for _, r := range recorded {
		file, err := folder.Open(r)
		if err != nil {
			t.Fatal(err)
		}
		body := contents(t, file.Name())
		file.Close()
		if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != r.SHA256 || int64(len(body)) != r.Bytes {
			t.Errorf("%s: record does not fit the file", r.File)
		}
	}
	if again, err := Snapshot(ctx, pool, read, folder, nil, nil); err != nil || len(again) != 0 {
		t.Errorf("second time: %v, %v", again, err)
	}
	f.rows = f.rows[:1]
	store(t, pool, f)
	next, err := Snapshot(ctx, pool, read, folder, []string{"areas"}, []string{"csv"})
	if err != nil || len(next) != 1 || next[0].File != "areas-v2.csv" || next[0].Version != 2 {
		t.Errorf("new version: %+v, %v", next, err)
	}
	if d := cmp.Diff(len(want)+1, len(names(t, string(folder)))); d != "" {
		t.Errorf("the old version is gone: %s", d)
	}
}

func TestSnapshotRefuses(t *testing.T) {
	pool, read := database(t)
	folder := Folder(t.TempDir())
	if _, err := Snapshot(t.Context(), pool, read, folder, []string{"nothing"}, nil); ortsnah.KindOf(err) != ortsnah.NotFound {
		t.Errorf("unknown dataset: %v", err)
	}
	if _, err := Snapshot(t.Context(), pool, read, folder, nil, []string{"shp"}); ortsnah.KindOf(err) != ortsnah.Unsupported {
		t.Errorf("unknown format: %v", err)
	}
}

// TestSnapshotByTwoPrograms: each file is made and recorded once.
func TestSnapshotByTwoPrograms(t *testing.T) {
	pool, read := database(t)
	folder := Folder(t.TempDir())
	store(t, pool, points(5000))
	var wait sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for range 3 {
		wait.Go(func() {
			made, err := Snapshot(t.Context(), pool, read, folder, nil, nil)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			total += len(made)
		})
	}
	wait.Wait()
	if total != len(Formats()) {
		t.Errorf("%d files were made, want %d", total, len(Formats()))
	}
	checkFiles(t, folder, 4)
}

func checkFiles(t *testing.T, folder Folder, n int) {
	t.Helper()
	all := names(t, string(folder))
	if len(all) != n {
		t.Errorf("%d files, want %d: %v", len(all), n, all)
	}
	for _, name := range all {
		if strings.HasPrefix(filepath.Base(name), ".") {
			t.Errorf("temporary file left: %s", name)
		}
	}
}

// TestSnapshotAfterACrash: what a crash leaves (temporary files, a file that
// was not recorded yet, a record without its file) is put right.
func TestSnapshotAfterACrash(t *testing.T) {
	ctx := t.Context()
	pool, read := database(t)
	folder := Folder(t.TempDir())
	store(t, pool, fixtureOf(t, "areas"))
	dir := filepath.Join(string(folder), "areas", "1")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".areas-v1.csv.123", ".areas-v1.geojson.9", "areas-v1.csv"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	made, err := Snapshot(ctx, pool, read, folder, nil, nil)
	if err != nil || len(made) != 4 {
		t.Fatalf("%v, %v", made, err)
	}
	checkFiles(t, folder, 4)
	if body := contents(t, filepath.Join(dir, "areas-v1.csv")); string(body) == "half" {
		t.Error("a half-written file was taken for a finished one")
	}

	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if made, err = Snapshot(ctx, pool, read, folder, nil, nil); err != nil || len(made) != 0 {
		t.Fatalf("files restored: %v, %v", made, err)
	}
	checkFiles(t, folder, 4)
	all, err := catalog.Distributions(ctx, read, "areas")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		body := contents(t, filepath.Join(dir, d.File))
		if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != d.SHA256 {
			t.Errorf("%s was restored with other content", d.File)
		}
	}

	if err := os.Remove(filepath.Join(dir, "areas-v1.csv")); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(ctx, `UPDATE catalog.distribution SET sha256 = 'other' WHERE format = 'csv'`); err != nil {
		t.Fatal(err)
	}
	if _, err := Snapshot(ctx, pool, read, folder, nil, nil); ortsnah.KindOf(err) != ortsnah.Conflict {
		t.Errorf("a file that cannot be restored: %v", err)
	}
	checkFiles(t, folder, 3)
}

// TestSnapshotOnAFullDisk: a file system of 256 kB where the test may make
// one (root), and a format that fails as a full disk does everywhere.
func TestSnapshotOnAFullDisk(t *testing.T) {
	ctx := t.Context()
	pool, read := database(t)
	folder := Folder(t.TempDir())
	store(t, pool, points(20_000))
	full := Formats()[0]
	if os.Getuid() == 0 && syscall.Mount("tmpfs", string(folder), "tmpfs", 0, "size=256k") == nil {
		defer syscall.Unmount(string(folder), 0)
	} else {
		full.Write = func(_ context.Context, w io.Writer, _ postgis.DB, _ catalog.Dataset, _ catalog.Query, _ Options) error {
			_, err := io.WriteString(w, "half")
			return errors.Join(err, &os.PathError{Op: "write", Path: "file", Err: syscall.ENOSPC})
		}
	}
	_, made, err := snapshot(ctx, pool, read, folder, "many-points", full)
	e, ok := errors.AsType[*ortsnah.Error](err)
	if !ok || e.Key != "publish.disk_full" || made {
		t.Errorf("%v, %v", made, err)
	}
	checkFiles(t, folder, 0)
	if recorded, err := catalog.Distributions(ctx, read, ""); err != nil || len(recorded) != 0 {
		t.Errorf("recorded: %v, %v", recorded, err)
	}
}

func TestFolderPath(t *testing.T) {
	folder := Folder("/srv/files")
	for _, d := range []catalog.Distribution{
		{Dataset: "..", Version: 1, File: "a.csv"}, {Dataset: "a", Version: 1, File: "../../etc/passwd"},
		{Dataset: "a", Version: 0, File: "a.csv"}, {Dataset: "a", Version: 1, File: ""}, {Dataset: "a", Version: 1, File: ".."},
		{Dataset: "a/b", Version: 1, File: "a.csv"}, {Dataset: "a", Version: 1, File: "/etc/passwd"}, {Dataset: "a", Version: 1, File: ".a.csv.123"},
	} {
		if path, err := folder.Path(d); ortsnah.KindOf(err) != ortsnah.NotFound {
			t.Errorf("%+v leads to %s, %v", d, path, err)
		}
	}
	if path, err := folder.Path(catalog.Distribution{Dataset: "a", Version: 3, File: "a-v3.csv"}); err != nil || path != "/srv/files/a/3/a-v3.csv" {
		t.Error(path, err)
	}
}

// TestCatalogOfADatabase: what LoadModel reads from published datasets
// conforms and tells the truth.
func TestCatalogOfADatabase(t *testing.T) {
	ctx := t.Context()
	pool, read := database(t)
	for _, f := range fixtures() {
		store(t, pool, f)
	}
	if _, err := Snapshot(ctx, pool, read, Folder(t.TempDir()), nil, nil); err != nil {
		t.Fatal(err)
	}
	changed := fixtureOf(t, "areas")
	changed.rows = changed.rows[:1]
	store(t, pool, changed) // a version whose files are not written yet
	m, err := LoadModel(ctx, read, "https://geo.musterstadt.example/")
	if err != nil || len(m.Datasets) != len(fixtures()) {
		t.Fatal(len(m.Datasets), err)
	}
	for _, e := range m.Datasets {
		if len(e.Files) != len(Formats()) || e.Files[0].Version != 1 {
			t.Errorf("%s has files %+v", e.ID, e.Files)
		}
		b := boxOf(fixtureOf(t, e.ID))
		if (e.Bounds == nil) != (b == nil) {
			t.Errorf("%s: bounds %v", e.ID, e.Bounds)
		} else if b != nil && (e.Bounds.Min[0] > b[0]+1e-7 || e.Bounds.Max[1] < b[3]-1e-7 && e.ID != "areas" || e.Bounds.Max[0] > b[2]+.01) {
			t.Errorf("%s: bounds %v, data %v", e.ID, e.Bounds, b)
		}
		if e.ID != "empty" && (!e.From.Equal(day(1899, 12, 31)) || !e.To.Equal(day(2026, 12, 31))) {
			t.Errorf("%s: from %v to %v", e.ID, e.From, e.To)
		}
	}
	again, err := LoadModel(ctx, read, "https://geo.musterstadt.example")
	if err != nil || encode(t, "rdf", Catalog(m)) != encode(t, "rdf", Catalog(again)) {
		t.Errorf("two readings differ (%v)", err)
	}
	if one := DatasetTriples(m, "areas"); len(one) == 0 || len(DatasetTriples(m, "nothing")) != 0 {
		t.Error("one dataset")
	}
	found, _ := validate(t, Catalog(m))
	for _, v := range found {
		t.Errorf("%+v", v)
	}
}
