package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah/geo/postgis/cluster"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
)

// TestMain lets the test binary be the program: with ORTSNAH_BE_PROGRAM=1 it
// runs main, so that tests can start it, kill it and look at what is left.
func TestMain(m *testing.M) {
	if os.Getenv("ORTSNAH_BE_PROGRAM") == "1" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		context.AfterFunc(ctx, stop)
		os.Exit(run(ctx, os.Args[1:], console{os.Stdin, os.Stdout, os.Stderr}))
	}
	pgtest.Main(m)
}

// folder is a data folder that PostgreSQL can enter when the tests run as
// root (t.TempDir cannot be entered by another user).
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ortsnah-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// program is a running ortsnah.
type program struct {
	cmd  *exec.Cmd
	url  string
	data string

	mu  sync.Mutex
	log bytes.Buffer
}

// logged is what the program has written to stderr so far.
func (p *program) logged() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// start runs a serving command and waits for the address it prints.
func start(t *testing.T, args ...string) *program {
	t.Helper()
	p := &program{cmd: exec.Command(os.Args[0], args...)}
	p.cmd.Env = append(os.Environ(), "ORTSNAH_BE_PROGRAM=1", "LC_ALL=C")
	out, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.stop(t) })
	found := make(chan string, 1)
	go func() {
		address := regexp.MustCompile(`Ortsnah is up: (http://\S+?)/ `)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if m := address.FindStringSubmatch(lines.Text()); m != nil {
				found <- m[1]
				continue
			}
			p.mu.Lock()
			fmt.Fprintln(&p.log, lines.Text())
			p.mu.Unlock()
		}
		close(found)
	}()
	select {
	case url, ok := <-found:
		if !ok {
			t.Fatalf("the program ended:\n%s", p.logged())
		}
		p.url = url
	case <-time.After(2 * time.Minute):
		p.cmd.Process.Kill()
		t.Fatal("the program did not come up in two minutes")
	}
	return p
}

// stop ends the program in an orderly way.
func (p *program) stop(t *testing.T) {
	if p.cmd.ProcessState != nil {
		return
	}
	p.cmd.Process.Signal(os.Interrupt)
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
}

// kill ends it like a power cut.
func (p *program) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.cmd.Wait()
}

// command runs a short command to its end.
func command(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	t.Setenv("LC_ALL", "C")
	code = run(t.Context(), args, console{strings.NewReader(stdin), &out, &errs})
	return code, out.String(), errs.String()
}

func fetch(t *testing.T, url string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// eventually waits for a condition, not for a time.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(90 * time.Second); time.Now().Before(deadline); {
		if ok() {
			return
		}
		<-time.After(50 * time.Millisecond)
	}
	t.Fatalf("not within 90 s: %s", what)
}

// TestDemoFromIngestToDownload is the main job: a steward imports a feed while
// the town is served, citizens see it, developers download it.
func TestDemoFromIngestToDownload(t *testing.T) {
	dir := folder(t)
	p := start(t, "demo", "--listen", "127.0.0.1:0", "--data", dir)
	for path, want := range map[string]string{
		"/": "Gütersloh", "/en/": "Gütersloh", "/karte": "Baustellen", "/daten": "Stadtteile", "/daten/districts": "Innenstadt",
		"/baustellen": "Demo", "/stationen": "Demo", "/anliegen": "Reisepass", "/ogc/collections?f=html": "construction-sites",
		"/ogc/collections": `"construction-sites"`, "/ogc/collections/districts/items?limit=1": "Innenstadt", "/catalog.ttl": "dcat:Catalog",
		"/healthz": "ok", "/readyz": "ok", "/api/v1/services": "reisepass",
		"/api/v1/jurisdiction?lon=8.380622&lat=51.907893":             "Innenstadt",
		"/api/v1/stations/nearest?lon=8.380622&lat=51.907893&limit=3": "travel",
	} {
		res, body := fetch(t, p.url+path)
		if res.StatusCode != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d, %q is not in %.300s", path, res.StatusCode, want, body)
		}
	}
	count := func(dataset string) int {
		var doc struct {
			Features []json.RawMessage `json:"features"`
		}
		_, body := fetch(t, p.url+"/ogc/collections/"+dataset+"/items?limit=10000&f=json")
		if err := json.Unmarshal([]byte(body), &doc); err != nil {
			t.Fatal(err)
		}
		return len(doc.Features)
	}
	for dataset, least := range map[string]int{"municipality": 1, "districts": 14, "construction-sites": 40, "stations": 1,
		"stops": 8, "visits": 20, "rooms": 8, "services": 60, "transit-stops": 300, "addresses": 200, "neighbours": 5} {
		if n := count(dataset); n < least {
			t.Errorf("the demo town has %d %s, want %d", n, dataset, least)
		}
	}

	feed := `{"type":"FeatureCollection","features":[{"type":"Feature","id":"t1","properties":{"title":"Test: Tunnel","start":"2026-01-01","end":"2036-01-01","impact":"closed"},
		"geometry":{"type":"LineString","coordinates":[[8.38,51.90],[8.39,51.91]]}}]}`
	code, out, errs := command(t, feed, "ingest", "-", "--dataset", "construction-sites", "--data", dir, "--json")
	if code != exitDone || !strings.Contains(out, `"new_version":true`) {
		t.Fatalf("ingest beside the running program: %d\n%s\n%s", code, out, errs)
	}
	if _, body := fetch(t, p.url+"/ogc/collections/construction-sites/items/t1?f=json"); !strings.Contains(body, "Test: Tunnel") {
		t.Errorf("the imported site is not served: %.300s", body)
	}
	if _, body := fetch(t, p.url+"/baustellen"); !strings.Contains(body, "Test: Tunnel") {
		t.Error("the imported site is not on the page")
	}
	var file string
	eventually(t, "the new version is published as files", func() bool {
		_, body := fetch(t, p.url+"/daten/construction-sites")
		file = regexp.MustCompile(`/datasets/construction-sites/2/[^"]+\.parquet`).FindString(body)
		return file != ""
	})
	t.Run("catalogue", func(t *testing.T) {
		_, turtle := fetch(t, p.url+"/catalog.ttl")
		conforms(t, turtle)
	})

	res, body := fetch(t, p.url+file)
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(body, "PAR1") || res.Header.Get("ETag") == "" {
		t.Errorf("%s: %d %.20q", file, res.StatusCode, body)
	}
	if res, body := fetch(t, p.url+file, "Range", "bytes=0-3"); res.StatusCode != http.StatusPartialContent || body != "PAR1" {
		t.Errorf("range: %d %q", res.StatusCode, body)
	}
	if code, _, errs := command(t, "", "serve", "--listen", "127.0.0.1:0", "--data", dir); code != exitFailed || !strings.Contains(errs, fmt.Sprint(p.cmd.Process.Pid)) {
		t.Errorf("a second program on the folder: %d %s", code, errs)
	}
}

// TestKilledDuringIngest kills the program that owns the database while an
// import has written its 100,000 rows and not committed them, and starts again.
func TestKilledDuringIngest(t *testing.T) {
	dir := folder(t)
	first := `{"type":"FeatureCollection","features":[{"type":"Feature","id":"old","properties":{"n":1},"geometry":{"type":"Point","coordinates":[8.38,51.9]}}]}`
	if code, _, errs := command(t, first, "ingest", "-", "--dataset", "many", "--data", dir); code != exitDone {
		t.Fatal(errs)
	}
	p := start(t, "serve", "--listen", "127.0.0.1:0", "--data", dir)
	db := join(t, dir)
	// Readers may pass, but the version cannot be recorded: the import stops
	// between its last row and its commit, for as long as the test wants.
	if _, err := db.Exec(t.Context(), `BEGIN; LOCK TABLE catalog.version IN EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	ingest := exec.Command(os.Args[0], "ingest", manyRows(t, 100_000), "--dataset", "many", "--data", dir)
	ingest.Env = append(os.Environ(), "ORTSNAH_BE_PROGRAM=1", "LC_ALL=C")
	var said bytes.Buffer
	ingest.Stderr = &said
	if err := ingest.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the import waits to record its version", func() bool {
		var waits bool
		err := db.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'catalog.version'::regclass)`).Scan(&waits)
		return err == nil && waits
	})
	p.kill(t)
	if err := ingest.Wait(); err == nil || !strings.Contains(said.String(), "database cannot be reached") {
		t.Errorf("the import beside a killed program: %v\n%s", err, said.String())
	}
	eventually(t, "no postgres is left", func() bool { return len(servers(dir)) == 0 })

	again := start(t, "serve", "--listen", "127.0.0.1:0", "--data", dir)
	if _, body := fetch(t, again.url+"/ogc/collections/many/items?limit=10&f=json"); strings.Count(body, `"id":"`) != 1 || !strings.Contains(body, `"id":"old"`) {
		t.Errorf("after the crash: %.500s", body)
	}
	code, out, errs := command(t, "", "psql", "--data", dir, "--", "-Atc",
		"SELECT (SELECT count(*) FROM catalog.feature_many), (SELECT max(number) FROM catalog.version WHERE dataset = 'many'), (SELECT string_agg(state, ',' ORDER BY id) FROM ingest.run)")
	if code != exitDone || strings.TrimSpace(out) != "1|1|done,interrupted" {
		t.Errorf("half-written? %d %s %s", code, out, errs)
	}
}

// TestKilledIngestCommand kills a short command that owns the database itself.
func TestKilledIngestCommand(t *testing.T) {
	dir := folder(t)
	if code, _, errs := command(t, "", "migrate", "--data", dir); code != exitDone {
		t.Fatal(errs)
	}
	ingest := exec.Command(os.Args[0], "ingest", manyRows(t, 100_000), "--dataset", "many", "--data", dir)
	ingest.Env = append(os.Environ(), "ORTSNAH_BE_PROGRAM=1")
	if err := ingest.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "its postgres runs", func() bool { return len(servers(dir)) > 0 })
	if err := ingest.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	ingest.Wait()
	eventually(t, "no postgres is left", func() bool { return len(servers(dir)) == 0 })
	if code, _, errs := command(t, "", "migrate", "--data", dir); code != exitDone {
		t.Errorf("after the kill: %s", errs)
	}
}

// manyRows writes a file of n points.
func manyRows(t *testing.T, n int) string {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "many.geojsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	for i := range n {
		fmt.Fprintf(w, `{"type":"Feature","id":"%d","properties":{"n":%d},"geometry":{"type":"Point","coordinates":[8.%06d,51.9]}}`+"\n", i, i, i)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

// join connects to the database of a running program.
func join(t *testing.T, dir string) *pgx.Conn {
	t.Helper()
	c, ok, err := cluster.Join(t.Context(), cluster.Options{Dir: filepath.Join(dir, "postgres")})
	if err != nil || !ok {
		t.Fatalf("join: %v %v", ok, err)
	}
	conn, err := pgx.Connect(t.Context(), c.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// servers finds PostgreSQL processes of the data folder.
func servers(dir string) []string {
	var found []string
	all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range all {
		b, err := os.ReadFile(path)
		// Not the program itself, whose arguments name the folder, too.
		if err == nil && bytes.Contains(b, []byte("postgres")) && bytes.Contains(b, []byte(dir)) && !bytes.Contains(b, []byte("--data\x00")) {
			found = append(found, string(bytes.ReplaceAll(b, []byte{0}, []byte{' '})))
		}
	}
	return found
}

// TestServeOnAnotherDatabase uses a database that is not the program's own.
func TestServeOnAnotherDatabase(t *testing.T) {
	url := pgtest.Empty(t)
	dir := t.TempDir()
	p := start(t, "serve", "--listen", "127.0.0.1:0", "--data", dir, "--database", url)
	if res, body := fetch(t, p.url+"/"); res.StatusCode != http.StatusOK || strings.Contains(body, "Demo") {
		t.Errorf("an empty town: %d %.300s", res.StatusCode, body)
	}
	code, _, errs := command(t, `{"type":"FeatureCollection","features":[{"type":"Feature","id":"x","properties":{"title":"Tunnel"},"geometry":{"type":"Point","coordinates":[8.3,51.9]}}]}`,
		"ingest", "-", "--dataset", "construction-sites", "--data", dir, "--database", url)
	if code != exitDone {
		t.Fatal(errs)
	}
	if _, body := fetch(t, p.url+"/baustellen"); !strings.Contains(body, "Tunnel") {
		t.Error("what was imported is not on the page")
	}
}

func TestUsage(t *testing.T) {
	t.Setenv("ORTSNAH_SMTP", "smtp://name:swordfish@mail.example:587")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"version"}, exitDone, "ortsnah "},
		{[]string{"--help"}, exitDone, "demo"},
		{[]string{"frobnicate"}, exitUsage, "--help"},
		{[]string{"ingest"}, exitUsage, "--dataset"},
		{[]string{"ingest", "x", "--dataset", "y", "--crs", "Mars", "--data", "/nonexistent"}, exitFailed, "Mars"},
		{[]string{"export", "x", "--format", "docx"}, exitFailed, "docx"},
		{[]string{"config"}, exitDone, "ORTSNAH_LISTEN"},
		{[]string{"config"}, exitDone, "(set)"},
		{[]string{"serve", "--database", "postgres://user:swordfish@127.0.0.1:1/x?connect_timeout=1"}, exitFailed, "database"},
	} {
		code, out, errs := command(t, "", c.args...)
		if code != c.code || !strings.Contains(out+errs, c.want) {
			t.Errorf("%v: exit %d, want %d with %q:\n%s%s", c.args, code, c.code, c.want, out, errs)
		}
		if strings.Contains(out+errs, "swordfish") {
			t.Errorf("%v shows the password", c.args)
		}
	}
}
