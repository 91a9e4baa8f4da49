package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/cmd/ortsnah/demo"
	"github.com/ortsnah/ortsnah/ingest"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/travel"
)

// listening are the flags of commands that serve.
type listening struct {
	Listen        string `default:"127.0.0.1:8080" placeholder:"ADDR" help:"Address to serve on (${default}); port 0 lets the system choose."`
	MetricsListen string `default:"127.0.0.1:0" placeholder:"ADDR" help:"Loopback address of /metrics (${default}); empty turns it off."`
	BaseURL       string `name:"base-url" placeholder:"URL" help:"Public address for absolute links; default: where it listens."`
	signOn
	mailing
	limiting
	ways
	Theme string `type:"existingdir" placeholder:"DIR" help:"Folder with theme.css and arms.svg of the town."`
}

type serveCommand struct {
	place
	listening
}

// Run is the command.
func (cmd serveCommand) Run(ctx context.Context, c console, log *slog.Logger) error {
	d, err := cmd.serving(ctx, log)
	if err != nil {
		return err
	}
	return errors.Join(cmd.listening.serve(ctx, c, log, d, nil), d.stop())
}

type demoCommand struct {
	Data string `default:"${demo_data}" placeholder:"DIR" help:"Data folder (${default})."`
	listening
}

// Run is the command.
func (cmd demoCommand) Run(ctx context.Context, c console, log *slog.Logger) error {
	d, err := place{Data: cmd.Data}.serving(ctx, log)
	if err != nil {
		return err
	}
	if err := demo.Load(ctx, d.db, time.Now()); err != nil {
		return errors.Join(err, d.stop())
	}
	roads := func() (*travel.Live, error) { return cmd.roads(ctx, log, d, true) }
	if err := demo.LoadPlanning(ctx, d.db, log, roads); err != nil {
		return errors.Join(err, d.stop())
	}
	if err := cmd.people(ctx, c, d); err != nil {
		return errors.Join(err, d.stop())
	}
	refresh := func(ctx context.Context, db *pgxpool.Pool) error { return demo.Load(ctx, db, time.Now()) }
	return errors.Join(cmd.listening.serve(ctx, c, log, d, refresh), d.stop())
}

// people adds the demo's accounts and some appointments, and says who may sign
// in.
func (cmd demoCommand) people(ctx context.Context, c console, d *deployment) error {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return err
	}
	reception, err := d.reception(ctx, zone)
	if err != nil {
		return err
	}
	if err := demo.LoadBookings(ctx, d.db, reception); err != nil {
		return err
	}
	accounts, err := demo.LoadAccounts(ctx, d.door())
	if err != nil {
		return err
	}
	c.say("%s", i18n.Text(c.lang(), "cmd.demo_accounts", map[string]any{"password": demo.Password}))
	for _, a := range accounts {
		c.say("  %-18s %s", a.Name, a.Roles)
	}
	return nil
}

// serve answers requests and does the scheduled work until ctx ends. refresh,
// which may be nil, keeps a demo town around today.
func (l listening) serve(ctx context.Context, c console, log *slog.Logger, d *deployment, refresh func(context.Context, *pgxpool.Pool) error) error {
	listener, err := net.Listen("tcp", l.Listen)
	if err != nil {
		return ortsnah.E(ortsnah.Unavailable, "cmd.cannot_listen", "address", l.Listen).Because(err)
	}
	defer listener.Close()
	if l.BaseURL == "" {
		l.BaseURL = "http://" + listener.Addr().String()
	}
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	server, err := l.server(ctx, log, d, metrics)
	if err != nil {
		return err
	}
	mailer, err := l.mailer(l.BaseURL)
	if err != nil {
		return err
	}
	if n, err := ingest.SweepRuns(ctx, d.db, time.Now()); err != nil {
		return err
	} else if n > 0 {
		log.Warn("imports were interrupted by an earlier end of the program; their datasets are unchanged", "count", n)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return serveHTTP(ctx, listener, server.Handler()) })
	group.Go(func() error { return l.serveMetrics(ctx, log, metrics) })
	group.Go(func() error { return server.Reception.Board.Listen(ctx, log) })
	group.Go(func() error { return server.Planning.Work(ctx) })
	group.Go(func() error { return runSchedule(ctx, log, d, server, refresh, mailer) })
	if d.cluster != nil {
		group.Go(func() error { return watchCluster(ctx, d) })
	}
	c.say("%s", i18n.Text(c.lang(), "cmd.serving", map[string]any{"url": l.BaseURL + "/"}))
	err = group.Wait()
	if errors.Is(err, context.Canceled) {
		return nil // a signal: the orderly end
	}
	return err
}

func (l listening) server(ctx context.Context, log *slog.Logger, d *deployment, metrics *prometheus.Registry) (*api.Server, error) {
	town, err := catalog.LoadTown(ctx, d.open)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return nil, err
	}
	var theme fs.FS
	if l.Theme != "" {
		theme = os.DirFS(l.Theme)
	}
	pages, err := web.New(web.Town{Name: town.Name, Kind: "Stadt", Demo: town.Demo, BaseURL: l.BaseURL,
		Email: town.Contact.Email, MunicipalityURL: "/ogc/collections/municipality/items?f=json", Theme: theme})
	if err != nil {
		return nil, err
	}
	staff, err := l.staff(d)
	if err != nil {
		return nil, err
	}
	reception, err := d.reception(ctx, zone)
	if err != nil {
		return nil, err
	}
	limits, err := l.limits()
	if err != nil {
		return nil, err
	}
	roads, err := l.roads(ctx, log, d, town.Demo)
	if err != nil {
		return nil, err
	}
	desk := &planning.Desk{DB: d.db, Travel: roads, Now: time.Now, Log: log}
	s := &api.Server{Travel: roads, Planning: desk, Staff: staff, Reception: reception, Limits: limits, Proof: l.Proof, DB: d.db, Open: d.open, Town: town, Pages: pages, Files: d.files(), BaseURL: l.BaseURL, Log: log,
		Metrics: metrics, Now: time.Now, Zone: zone, Districts: api.NewDistricts(d.open)}
	return s, s.Districts.Reload(ctx)
}

// serveHTTP answers until ctx ends, then lets running requests finish.
func serveHTTP(ctx context.Context, listener net.Listener, h http.Handler) error {
	// No write timeout: downloads of any size may be slow. The head must come
	// soon, and idle connections end.
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 8*time.Second)
	defer cancel()
	if server.Shutdown(grace) != nil {
		server.Close()
	}
	return ctx.Err()
}

// serveMetrics answers Prometheus on a listener of its own, so that metrics
// are never public.
func (l listening) serveMetrics(ctx context.Context, log *slog.Logger, metrics *prometheus.Registry) error {
	if l.MetricsListen == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(l.MetricsListen)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return ortsnah.E(ortsnah.Invalid, "cmd.metrics_not_loopback", "address", l.MetricsListen).About("metrics-listen")
	}
	listener, err := net.Listen("tcp", l.MetricsListen)
	if err != nil {
		return ortsnah.E(ortsnah.Unavailable, "cmd.cannot_listen", "address", l.MetricsListen).Because(err)
	}
	defer listener.Close()
	log.Info("metrics", "url", "http://"+listener.Addr().String()+"/metrics")
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	return serveHTTP(ctx, listener, mux)
}

// watchCluster ends the program when its database ended by itself: a
// supervisor restarts it, and the start recovers the data.
func watchCluster(ctx context.Context, d *deployment) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-d.cluster.Wait():
		return ortsnah.E(ortsnah.Unavailable, "cmd.database_ended", "folder", filepath.Join(d.data, "postgres"))
	}
}
