package cluster

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ortsnah/ortsnah"
)

// oldest is the first major version whose features the program uses.
const oldest = 15

// program is one installed PostgreSQL server.
type program struct {
	folder  string // with postgres and initdb
	major   int
	postgis bool // its PostGIS extension is installed
}

func (p program) path(name string) string { return filepath.Join(p.folder, name) }

// places are where servers are looked for. Only is the folder a person chose
// (ORTSNAH_PG_BIN); without it patterns (file globs) are tried, then path.
type places struct {
	only     string
	patterns []string
	path     bool
}

// installed are the places of Debian and of whatever is in PATH.
func installed(only string) places {
	return places{only: only, patterns: []string{"/usr/lib/postgresql/*/bin"}, path: true}
}

// program is the server to use: the one that wrote the folder (major "15"), or
// the newest that has PostGIS for a new cluster (major "").
func (w places) program(ctx context.Context, major, dir string) (program, error) {
	all := w.all(ctx)
	if len(all) == 0 && w.only != "" {
		return program{}, ortsnah.E(ortsnah.Unavailable, "cluster.bad_bin", "folder", w.only, "oldest", oldest)
	}
	if len(all) == 0 {
		return program{}, ortsnah.E(ortsnah.Unavailable, "cluster.no_server", "oldest", oldest, "packages", packages(oldest))
	}
	fits := slices.DeleteFunc(slices.Clone(all), func(p program) bool { return major != "" && strconv.Itoa(p.major) != major })
	if len(fits) == 0 {
		wrote, _ := strconv.Atoi(major)
		return program{}, ortsnah.E(ortsnah.Conflict, "cluster.version", "folder", dir, "wrote", major,
			"installed", all[0].major, "packages", packages(wrote))
	}
	for _, p := range fits {
		if p.postgis {
			return p, nil
		}
	}
	return program{}, ortsnah.E(ortsnah.Unavailable, "cluster.no_postgis", "version", fits[0].major, "packages", packages(fits[0].major))
}

// packages are the Debian packages of a major version.
func packages(major int) string {
	m := strconv.Itoa(major)
	return "postgresql-" + m + " postgresql-" + m + "-postgis-3 postgresql-" + m + "-postgis-3-scripts"
}

// all are the usable servers, the newest first; of one version the first found.
func (w places) all(ctx context.Context) []program {
	var found []program
	for _, folder := range w.folders() {
		if p, ok := look(ctx, folder); ok {
			found = append(found, p)
		}
	}
	slices.SortStableFunc(found, func(a, b program) int { return b.major - a.major })
	return found
}

// folders are the candidates.
func (w places) folders() []string {
	if w.only != "" {
		return []string{w.only}
	}
	var all []string
	for _, pattern := range w.patterns {
		hits, _ := filepath.Glob(pattern) // the only error is a bad pattern, and ours is good
		all = append(all, hits...)
	}
	if name, err := exec.LookPath("postgres"); w.path && err == nil {
		if real, err := filepath.EvalSymlinks(name); err == nil {
			all = append(all, filepath.Dir(real))
		}
	}
	return all
}

var versionLine = regexp.MustCompile(`^postgres \(PostgreSQL\) (\d+)`)

// look finds out what is in folder; ok is false when it has no server that is
// new enough, or no initdb.
func look(ctx context.Context, folder string) (p program, ok bool) {
	p = program{folder: folder}
	if _, err := exec.LookPath(p.path("initdb")); err != nil {
		return p, false
	}
	cmd := exec.CommandContext(ctx, p.path("postgres"), "--version")
	cmd.Env = environment()
	out, err := cmd.Output()
	match := versionLine.FindSubmatch(out)
	if err != nil || match == nil {
		return p, false
	}
	p.major, err = strconv.Atoi(string(match[1]))
	p.postgis = p.hasPostGIS(ctx)
	return p, err == nil && p.major >= oldest
}

// hasPostGIS looks for the control file of the extension. A server without
// pg_config gets the benefit of the doubt: CREATE EXTENSION will tell.
func (p program) hasPostGIS(ctx context.Context) bool {
	out, err := exec.CommandContext(ctx, p.path("pg_config"), "--sharedir").Output()
	if err != nil {
		return true
	}
	_, err = os.Stat(filepath.Join(strings.TrimSpace(string(out)), "extension", "postgis.control"))
	return err == nil
}
