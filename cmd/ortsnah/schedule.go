package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"github.com/ortsnah/ortsnah/api"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/ingest"
	"github.com/ortsnah/ortsnah/publish"
	"github.com/ortsnah/ortsnah/stations"
)

// jobSchema is where River keeps its tables. It belongs to no room.
const jobSchema = "river"

// task is one line of the schedule.
type task struct {
	name  string
	every time.Duration
	run   func(context.Context, *work) error
}

// schedule is everything that happens without anybody asking, on whichever
// instance is the leader. All but the demo, which is loaded before, run at start, too.
func schedule() []task {
	return []task{
		{"import-due-sources", time.Minute, importDue},
		{"publish-snapshots", time.Minute, publishChanged},
		{"extend-visits", time.Hour, extendVisits},
		{"sweep-appointments", time.Minute, sweepAppointments},
		{"send-mails", 15 * time.Second, sendMails},
		{"extend-releases", time.Hour, extendReleases},
		{"forget", time.Hour, forget},
		{"observe-demand", time.Hour, observeDemand},
		{"refresh-demo", 6 * time.Hour, refreshDemo},
		{"sweep-imports", 10 * time.Minute, sweepImports},
		{"sweep-sessions", 10 * time.Minute, sweepSessions},
	}
}

// work is what tasks need.
type work struct {
	d         *deployment
	log       *slog.Logger
	refresh   func(context.Context, *pgxpool.Pool) error
	reception *booking.Reception
	mailer    *booking.Mailer // nil: notices stay in the portal
}

func importDue(ctx context.Context, w *work) error {
	return ingest.ImportDue(ctx, w.d.db, func(id string, rep ingest.Report, err error) {
		if err != nil {
			w.log.Error("scheduled import failed; the last version stays", "source", id, "error", err)
			return
		}
		w.log.Info("scheduled import", "source", id, "dataset", rep.Dataset, "version", rep.Version.Number,
			"added", rep.Version.Added, "changed", rep.Version.Changed, "removed", rep.Version.Removed, "quarantined", rep.Quarantined)
	})
}

func publishChanged(ctx context.Context, w *work) error {
	made, err := publish.Snapshot(ctx, w.d.db, w.d.open, publish.Folder(w.d.files()), nil, nil)
	if len(made) > 0 {
		w.log.Info("published", "files", len(made))
	}
	return err
}

func extendVisits(ctx context.Context, w *work) error {
	return pgx.BeginFunc(ctx, w.d.db, func(tx pgx.Tx) error {
		now := time.Now()
		if err := stations.Extend(ctx, tx, now); err != nil {
			return err
		}
		return stations.Publish(ctx, tx, now)
	})
}

func observeDemand(ctx context.Context, w *work) error {
	return pgx.BeginFunc(ctx, w.d.db, func(tx pgx.Tx) error { return booking.ObserveDemand(ctx, tx, time.Now()) })
}

func refreshDemo(ctx context.Context, w *work) error {
	if w.refresh == nil {
		return nil
	}
	return w.refresh(ctx, w.d.db)
}

func sweepImports(ctx context.Context, w *work) error {
	_, err := ingest.SweepRuns(ctx, w.d.db, time.Now())
	return err
}

// taskArgs is a River job that runs one task of the schedule by name.
type taskArgs struct {
	Name string `json:"name"`
}

// Kind names the job in River's tables.
func (taskArgs) Kind() string { return "task" }

// InsertOpts keeps a slow task from piling up: one of each name at a time.
func (taskArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
		rivertype.JobStateRetryable, rivertype.JobStateScheduled}}}
}

type taskWorker struct {
	river.WorkerDefaults[taskArgs]
	work *work
}

// Work runs the task. Its failure is logged here; the next round tries again.
func (w *taskWorker) Work(ctx context.Context, job *river.Job[taskArgs]) error {
	for _, t := range schedule() {
		if t.name == job.Args.Name {
			return t.run(ctx, w.work)
		}
	}
	return nil // a task of an older release
}

// Timeout gives imports of any size the time they need.
func (w *taskWorker) Timeout(*river.Job[taskArgs]) time.Duration { return -1 }

// runSchedule works until ctx ends: River runs the tasks on one instance at a
// time, and a new version of a dataset is published at once.
func runSchedule(ctx context.Context, log *slog.Logger, d *deployment, server *api.Server,
	refresh func(context.Context, *pgxpool.Pool) error, mailer *booking.Mailer) error {
	if err := migrateJobs(ctx, d.db); err != nil {
		return err
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &taskWorker{work: &work{d, log, refresh, server.Reception, mailer}})
	var periodic []*river.PeriodicJob
	for _, t := range schedule() {
		periodic = append(periodic, river.NewPeriodicJob(river.PeriodicInterval(t.every),
			func() (river.JobArgs, *river.InsertOpts) { return taskArgs{t.name}, nil },
			&river.PeriodicJobOpts{RunOnStart: t.name != "refresh-demo"}))
	}
	client, err := river.NewClient(riverpgxv5.New(d.db), &river.Config{Schema: jobSchema, Workers: workers, PeriodicJobs: periodic,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}}, Logger: slog.New(warnings{log.Handler()}),
		ErrorHandler: &jobErrors{log}})
	if err != nil {
		return err
	}
	if err := client.Start(ctx); err != nil {
		return err
	}
	server.OnVersion = func(string) {
		// When this fails, the task's next regular run publishes.
		_, _ = client.Insert(ctx, taskArgs{"publish-snapshots"}, nil)
	}
	err = server.Listen(ctx)
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(err, ctx.Err(), ignoreTimeout(client.StopAndCancel(stop)))
}

// ignoreTimeout: a task that does not stop in time is rolled back by its
// transaction when the connections close.
func ignoreTimeout(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// warnings drops River's messages below a warning.
type warnings struct{ slog.Handler }

// Enabled is the filter.
func (w warnings) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && w.Handler.Enabled(ctx, l)
}

// jobErrors logs failures of tasks.
type jobErrors struct{ log *slog.Logger }

// HandleError logs a task's error.
func (j *jobErrors) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	if ctx.Err() == nil {
		j.log.Error("task failed; its next run tries again", "job", string(job.EncodedArgs), "error", err)
	}
	return nil
}

// HandlePanic logs a task's panic.
func (j *jobErrors) HandlePanic(_ context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	j.log.Error("task panicked", "job", string(job.EncodedArgs), "panic", value, "stack", trace)
	return nil
}

// migrateJobs brings River's own tables up to date, one instance at a time.
// Each of its steps is a transaction of its own: later ones use enum values
// that earlier ones add.
func migrateJobs(ctx context.Context, db *pgxpool.Pool) error {
	lock, err := db.Acquire(ctx)
	if err != nil {
		return err
	}
	defer lock.Release()
	key := postgis.LockKey("migrate river")
	if _, err := lock.Exec(ctx, `SELECT pg_advisory_lock($1)`, key); err != nil {
		return err
	}
	defer lock.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, key)
	if _, err := lock.Exec(ctx, `CREATE SCHEMA IF NOT EXISTS river`); err != nil {
		return err
	}
	m, err := rivermigrate.New(riverpgxv5.New(db), &rivermigrate.Config{Schema: jobSchema})
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}
