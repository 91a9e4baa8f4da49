package cluster

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ortsnah/ortsnah"
)

// fakeServer is a folder with programs that say this version.
func fakeServer(t *testing.T, above, name, version string, postgis bool) string {
	t.Helper()
	folder := filepath.Join(above, name, "bin")
	must(t, os.MkdirAll(filepath.Join(folder, "extension"), 0o755))
	if postgis {
		must(t, os.WriteFile(filepath.Join(folder, "extension", "postgis.control"), nil, 0o644))
	}
	for program, says := range map[string]string{"postgres": version, "initdb": "", "pg_config": folder} {
		must(t, os.WriteFile(filepath.Join(folder, program), fmt.Appendf(nil, "#!/bin/sh\necho '%s'\n", says), 0o755))
	}
	return folder
}

func TestProgram(t *testing.T) {
	above := t.TempDir()
	fakeServer(t, above, "14", "postgres (PostgreSQL) 14.9", true)
	fakeServer(t, above, "15", "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)", true)
	fakeServer(t, above, "16", "postgres (PostgreSQL) 16.4", true)
	fakeServer(t, above, "17", "postgres (PostgreSQL) 17beta1", false)
	fakeServer(t, above, "broken", "Segmentation fault", true)
	must(t, os.MkdirAll(filepath.Join(above, "empty", "bin"), 0o755))
	every := places{patterns: []string{above + "/*/bin"}}
	for _, row := range []struct {
		name  string
		in    places
		major string
		want  string // folder, or the key of the error
	}{
		{"newest with PostGIS", every, "", "16"},
		{"the one that wrote the folder", every, "15", "15"},
		{"that one has no PostGIS", every, "17", "cluster.no_postgis"},
		{"too old, though it wrote the folder", every, "14", "cluster.version"},
		{"from the future", every, "18", "cluster.version"},
		{"chosen", places{only: above + "/15/bin", patterns: every.patterns}, "", "15"},
		{"chosen, another wrote the folder", places{only: above + "/15/bin"}, "16", "cluster.version"},
		{"chosen, too old", places{only: above + "/14/bin"}, "", "cluster.bad_bin"},
		{"chosen, nothing there", places{only: above + "/nowhere"}, "", "cluster.bad_bin"},
		{"chosen, no PostGIS", places{only: above + "/17/bin"}, "", "cluster.no_postgis"},
		{"nothing installed", places{patterns: []string{above + "/empty/bin", above + "/broken/bin"}}, "", "cluster.no_server"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p, err := row.in.program(t.Context(), row.major, "/data/postgres")
			if strings.HasPrefix(row.want, "cluster.") {
				e := wantError(t, err, ortsnah.KindOf(err), row.want)
				if pkgs, ok := e.Args["packages"]; ok && !strings.Contains(pkgs.(string), "postgresql-") {
					t.Error("no package is named:", e)
				}
				return
			}
			must(t, err)
			if got := filepath.Base(filepath.Dir(p.folder)); got != row.want {
				t.Errorf("took %s, want %s", got, row.want)
			}
		})
	}
	t.Run("from PATH", func(t *testing.T) {
		t.Setenv("PATH", above+"/16/bin")
		if p, err := (places{path: true}).program(t.Context(), "", ""); err != nil || p.major != 16 {
			t.Error(p, err)
		}
	})
}

func TestSocketFolder(t *testing.T) {
	long := "/" + strings.Repeat("sehr-langer-ordner/", 50) + "postgres"
	if got := socketFolder(long) + "/.s.PGSQL." + port + ".lock"; len(got) > 107 {
		t.Errorf("%d bytes", len(got))
	}
	if socketFolder("/a/postgres") == socketFolder("/b/postgres") {
		t.Error("two clusters share a socket folder")
	}
}

func TestRecord(t *testing.T) {
	for _, row := range []struct {
		line  string
		level slog.Level
		want  string // "" when dropped
	}{
		{"postmaster|00000|LOG:  database system is ready to accept connections", slog.LevelDebug, "postmaster: database system is ready to accept connections"},
		{"postmaster|00000|LOG:  server process (PID 7) was terminated by signal 9: Killed", slog.LevelWarn, "postmaster: server process (PID 7) was terminated by signal 9: Killed"},
		{"client backend|22P02|ERROR:  invalid input syntax for type integer: \"Maria\"", slog.LevelDebug, "ERROR of a client, SQLSTATE 22P02"},
		{"client backend|01000|WARNING:  Maria", slog.LevelDebug, "WARNING of a client, SQLSTATE 01000"},
		{"client backend|00000|LOG:  duration: 12 ms  statement: SELECT 'Maria'", slog.LevelDebug, "LOG of a client, SQLSTATE 00000"},
		{"client backend|23505|DETAIL:  Key (name)=(Maria) already exists.", 0, ""},
		{"client backend|23505|STATEMENT:  INSERT INTO x VALUES ('Maria')", 0, ""},
		{"\tVALUES ('Maria')", 0, ""},
		{"", 0, ""},
		{"client backend|53100|ERROR:  could not extend file \"base/1/2\": No space left on device", slog.LevelError, "client backend: could not extend file \"base/1/2\": No space left on device"},
		{"client backend|XX001|ERROR:  invalid page in block 3 of relation base/5/16402", slog.LevelError, "client backend: invalid page in block 3 of relation base/5/16402"},
		{"autovacuum worker|40P01|ERROR:  canceling autovacuum task", slog.LevelError, "autovacuum worker: canceling autovacuum task"},
		{"checkpointer|00000|WARNING:  slow", slog.LevelWarn, "checkpointer: slow"},
		{"client backend||FATAL:  x", slog.LevelDebug, "FATAL of a client, SQLSTATE "},
		{"GEOS: out of words", slog.LevelWarn, "GEOS: out of words"},
	} {
		level, text, ok := record(row.line)
		if ok != (row.want != "") || (ok && (text != row.want || level != row.level)) {
			t.Errorf("%q:\n got %v %q %v\nwant %v %q", row.line, level, text, ok, row.level, row.want)
		}
	}
}

func TestJournalSurvivesLongLines(t *testing.T) {
	j := &journal{log: slog.New(slog.DiscardHandler)}
	j.follow(strings.NewReader(strings.Repeat("x", 1<<20) + "\nlast\n"))
	if lines := strings.Split(j.tail(), "\n"); len(lines) != 2 || lines[1] != "last" {
		t.Errorf("%d lines, the last is %.20q", len(lines), lines[len(lines)-1])
	}
}
