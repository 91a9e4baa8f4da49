package main

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/geo/postgis/cluster"
	"github.com/ortsnah/ortsnah/ingest"
)

// place is where a town's data is; every command that touches it embeds it.
type place struct {
	Data         string `default:"${data}" placeholder:"DIR" help:"Data folder (${default})."`
	Database     string `placeholder:"URL" help:"PostgreSQL with PostGIS to use instead of the private one in the data folder."`
	DatabaseRead string `placeholder:"URL" help:"Replica for public reads; default: the database."`
	Keys         string `placeholder:"FILE" help:"Keys that seal personal data; default: keys.json in the data folder. All instances on one database need the same."`
}

// deployment is a town's data, open.
type deployment struct {
	data    string
	url     string
	keyFile string
	db      *pgxpool.Pool // owner of the schemas
	open    *pgxpool.Pool // read role
	cluster *cluster.Cluster
	owner   bool // this process started the cluster
}

// defaultData is where data goes when nobody says: below /var/lib for root,
// as PostgreSQL runs as another user there, else in the user's data folder.
func defaultData(name string) string {
	if os.Geteuid() == 0 {
		return filepath.Join("/var/lib", name)
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, name)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return name
	}
	return filepath.Join(home, ".local", "share", name)
}

// migrations lists all rooms in the order of the floor plan.
func migrations() []postgis.Migrations {
	return append(auth.Migrations(), ingest.Migrations()...)
}

// serving opens the place for a program that stays: the data folder is its
// own, a second one is refused.
func (p place) serving(ctx context.Context, log *slog.Logger) (*deployment, error) {
	return p.openWith(ctx, log, cluster.Start)
}

// command opens the place for a short command, which may join a cluster that
// `ortsnah serve` runs on the same folder.
func (p place) command(ctx context.Context, log *slog.Logger) (*deployment, error) {
	return p.openWith(ctx, log, func(ctx context.Context, o cluster.Options) (*cluster.Cluster, error) {
		if c, ok, err := cluster.Join(ctx, o); ok || err != nil {
			return c, err
		}
		return cluster.Start(ctx, o)
	})
}

type starter func(context.Context, cluster.Options) (*cluster.Cluster, error)

func (p place) openWith(ctx context.Context, log *slog.Logger, start starter) (*deployment, error) {
	dir, err := filepath.Abs(p.Data)
	if err != nil {
		return nil, err
	}
	d := &deployment{data: dir, url: p.Database, keyFile: cmp.Or(p.Keys, filepath.Join(dir, "keys.json"))}
	if d.url == "" {
		if d.cluster, err = start(ctx, cluster.Options{Dir: filepath.Join(dir, "postgres"), Log: log}); err != nil {
			return nil, err
		}
		d.url = d.cluster.URL()
	}
	if err := d.connect(ctx, p.DatabaseRead); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *deployment) connect(ctx context.Context, readURL string) (err error) {
	if err = postgis.Migrate(ctx, d.url, migrations()); err != nil {
		return err
	}
	if d.db, err = postgis.Open(ctx, d.url, 24); err != nil {
		return err
	}
	if readURL == "" {
		readURL = d.url
	}
	if d.open, err = postgis.OpenRead(ctx, readURL, 24); err != nil {
		return err
	}
	return catalog.RegisterBuiltin(ctx, d.db)
}

// files is the folder of published snapshots.
func (d *deployment) files() string { return filepath.Join(d.data, "files") }

// roads is the folder of street networks, <data>/roads.
func (d *deployment) roads() string { return filepath.Join(d.data, "roads") }

// close ends connections and, where this process started it, the cluster. A
// command waits for others that joined its cluster meanwhile.
func (d *deployment) close() {
	for _, pool := range []*pgxpool.Pool{d.open, d.db} {
		if pool != nil {
			pool.Close()
		}
	}
	if d.cluster == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	_ = d.cluster.Stop(ctx, cluster.Smart)
}

// stop is close for a server: it does not wait for joined commands.
func (d *deployment) stop() error {
	for _, pool := range []*pgxpool.Pool{d.open, d.db} {
		if pool != nil {
			pool.Close()
		}
	}
	if d.cluster == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return d.cluster.Stop(ctx, cluster.Fast)
}

// run opens the place, runs f and closes it: the frame of short commands.
func (p place) run(ctx context.Context, log *slog.Logger, f func(*deployment) error) error {
	d, err := p.command(ctx, log)
	if err != nil {
		return err
	}
	defer d.close()
	return postgis.Explained(f(d))
}
