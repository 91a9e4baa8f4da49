package planning

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// The clockwork of runs. Times between instances are the database's.
const (
	beat        = 2 * time.Second        // between signs of life
	presumed    = 15 * time.Second       // without one a run counts as abandoned
	report      = 250 * time.Millisecond // between two rows of progress
	look        = 5 * time.Second        // between looks for abandoned runs
	mostClaims  = 3                      // a run that killed so many instances is not tried again
	channel     = "siting_run"           // NOTIFY "<run> <state>"
	lastAttempt = 10 * time.Second       // for writing down what was found
)

// Work works on runs until ctx ends, one at a time: it claims the oldest that
// waits, or one whose instance died, says every two seconds that it is alive,
// and writes down what it found. When ctx ends, the run that is worked on goes
// back to the queue. It returns ctx's error.
func (d *Desk) Work(ctx context.Context) error {
	defer d.notices.close()
	wake := make(chan struct{}, 1)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.listen(ctx, wake) })
	group.Go(func() error { return d.serve(ctx, wake) })
	return group.Wait()
}

// serve works on what waits.
func (d *Desk) serve(ctx context.Context, wake <-chan struct{}) error {
	again := time.NewTicker(d.pace(look))
	defer again.Stop()
	for {
		j, err := d.claim(ctx)
		switch {
		case err == nil:
			j.work(ctx)
		case errors.Is(err, pgx.ErrNoRows):
		case ctx.Err() == nil:
			d.Log.Warn("runs could not be looked for", "error", err)
		}
		if err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wake:
		case <-again.C:
		}
	}
}

// Finish works on what waits now and returns when nothing does, for programs
// without Work. Runs that fail are no error; the database's are.
func (d *Desk) Finish(ctx context.Context) error {
	for {
		j, err := d.claim(ctx)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		j.work(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// pace lets tests run the clockwork faster.
func (d *Desk) pace(usual time.Duration) time.Duration {
	if d.Pace > 0 {
		return time.Duration(float64(usual) * d.Pace)
	}
	return usual
}

// claim makes a run this desk's. Error: pgx.ErrNoRows when none waits.
func (d *Desk) claim(ctx context.Context) (*job, error) {
	if err := d.giveUp(ctx); err != nil {
		return nil, err
	}
	rows, err := d.DB.Query(ctx, `UPDATE stations.run SET state = 'running', worker = gen_random_uuid(), attempts = attempts + 1,
			alive_at = clock_timestamp(), started_at = coalesce(started_at, @now)
		WHERE id = (SELECT id FROM stations.run
			WHERE state = 'queued' OR state = 'running' AND alive_at < clock_timestamp() - @presumed::interval
			ORDER BY queued_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
		RETURNING worker::text, `+runColumns, pgx.NamedArgs{"now": d.Now(), "presumed": d.pace(presumed)})
	if err != nil {
		return nil, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[claimRow])
	if err != nil {
		return nil, err
	}
	return &job{desk: d, run: row.run(), worker: row.Worker, began: time.Now()}, nil
}

type claimRow struct {
	Worker string
	runRow
}

// giveUp ends runs that took one instance after the other with them.
func (d *Desk) giveUp(ctx context.Context) error {
	_, err := d.DB.Exec(ctx, `WITH lost AS (
			UPDATE stations.run SET state = 'failed', error = @error, ended_at = @now, stage = stage + 1, worker = NULL
			WHERE state = 'running' AND attempts >= @most AND alive_at < clock_timestamp() - @presumed::interval RETURNING *),
		event AS (INSERT INTO stations.run_event (run, number, at, state, progress) SELECT id, stage, @now, state, progress FROM lost)
		SELECT pg_notify('siting_run', id || ' failed') FROM lost`,
		pgx.NamedArgs{"error": kept(ortsnah.E(ortsnah.Internal, "planning.gave_up", "n", mostClaims)), "now": d.Now(),
			"most": mostClaims, "presumed": d.pace(presumed)})
	return err
}

// listen follows what other instances and pages do with runs.
func (d *Desk) listen(ctx context.Context, wake chan<- struct{}) error {
	for {
		err := d.listenOnce(ctx, wake)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		d.Log.Warn("listening for runs broke off", "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

func (d *Desk) listenOnce(ctx context.Context, wake chan<- struct{}) error {
	conn, err := pgx.ConnectConfig(ctx, d.DB.Config().ConnConfig.Copy())
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, `LISTEN `+channel); err != nil {
		return err
	}
	d.notices.tell("") // what happened before is unknown
	for {
		nudge(wake)
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		id, state, _ := strings.Cut(n.Payload, " ")
		d.notices.tell(id)
		if state == string(Dismissed) {
			d.dismissed(id)
		}
	}
}

func nudge(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is awake already
	}
}

// errLost says that the run is not this instance's any more: dismissed, or
// taken over by another one.
var errLost = errors.New("the run is no longer ours")

// working is the run that this desk works on now.
type working struct {
	run    string
	cancel context.CancelCauseFunc
}

func (d *Desk) dismissed(run string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.current.run == run {
		d.current.cancel(errLost)
	}
}

func (d *Desk) at(w working) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.current = w
}

// work carries out the run and writes down how it ended.
func (j *job) work(ctx context.Context) {
	own, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	j.desk.at(working{j.run.ID, cancel})
	defer j.desk.at(working{})
	alive := make(chan struct{})
	go func() {
		defer close(alive)
		j.live(own, cancel)
	}()
	a, err := j.carefully(own)
	cancel(nil)
	<-alive
	if ctx.Err() != nil {
		j.putBack(ctx)
		return
	}
	last, done := context.WithTimeout(context.WithoutCancel(ctx), lastAttempt)
	defer done()
	if err := j.end(last, a, err); err != nil {
		j.desk.Log.Error("how a run ended could not be written; it will be worked on again", "run", j.run.ID, "error", err)
	}
}

// carefully keeps a defect of the solver from ending the program.
func (j *job) carefully(ctx context.Context) (a *answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			a, err = nil, fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return j.answer(ctx)
}

// live writes signs of life and progress until ctx ends.
func (j *job) live(ctx context.Context, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(j.desk.pace(report))
	defer tick.Stop()
	var told time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		progress, news := j.news()
		if !news && time.Since(told) < j.desk.pace(beat) {
			continue
		}
		mine, err := j.tell(ctx, progress, news)
		switch {
		case err != nil && ctx.Err() == nil:
			j.desk.Log.Warn("sign of life of a run not written", "run", j.run.ID, "error", err)
		case err == nil && !mine:
			cancel(errLost)
			return
		case err == nil:
			told = time.Now()
		}
	}
}

// tell writes a sign of life and, when there is news, an event; mine is false
// when the run was dismissed or taken over.
func (j *job) tell(ctx context.Context, p Progress, news bool) (mine bool, err error) {
	added := 0
	if news {
		added = 1
	}
	tag, err := j.desk.DB.Exec(ctx, `WITH told AS (
			UPDATE stations.run SET alive_at = clock_timestamp(), progress = @progress, stage = stage + @added
			WHERE id = @id AND worker = @worker AND state = 'running' RETURNING id, stage),
		event AS (INSERT INTO stations.run_event (run, number, at, state, progress)
			SELECT id, stage, @now, 'running', @progress FROM told WHERE @added = 1)
		SELECT CASE WHEN @added = 1 THEN pg_notify('siting_run', id || ' running') END FROM told`,
		pgx.NamedArgs{"id": j.run.ID, "worker": j.worker, "progress": p, "added": added, "now": j.desk.Now()})
	return tag.RowsAffected() == 1, err
}

// putBack queues the run again: this instance ends, it was not the run's fault.
func (j *job) putBack(ctx context.Context) {
	last, done := context.WithTimeout(context.WithoutCancel(ctx), lastAttempt)
	defer done()
	_, err := j.desk.DB.Exec(last, `WITH back AS (
			UPDATE stations.run SET state = 'queued', worker = NULL, alive_at = NULL, attempts = attempts - 1
			WHERE id = @id AND worker = @worker AND state = 'running' RETURNING id)
		SELECT pg_notify('siting_run', id || ' queued') FROM back`, pgx.NamedArgs{"id": j.run.ID, "worker": j.worker})
	if err != nil {
		// Without a sign of life another instance takes it up by itself.
		j.desk.Log.Warn("a run was not put back into the queue", "run", j.run.ID, "error", err)
	}
}

// end writes how the run ended. One that was dismissed meanwhile keeps what was
// found; one that another instance has taken over is left alone.
func (j *job) end(ctx context.Context, a *answer, err error) error {
	state, why := j.verdict(a, err)
	if a == nil {
		a = &answer{}
	}
	progress, _ := j.news()
	args := pgx.NamedArgs{"id": j.run.ID, "worker": j.worker, "state": state, "progress": progress, "result": a.outcome,
		"inputs": a.inputs, "hash": a.hash, "certificate": a.certificate, "error": why, "now": j.desk.Now()}
	_, err = j.desk.DB.Exec(ctx, `WITH ended AS (
			UPDATE stations.run SET state = CASE state WHEN 'running' THEN @state ELSE state END,
				ended_at = coalesce(ended_at, @now), alive_at = NULL, worker = NULL, stage = stage + 1, progress = @progress,
				result = @result, inputs = @inputs, inputs_hash = @hash, certificate = @certificate,
				error = CASE state WHEN 'running' THEN @error::jsonb END
			WHERE id = @id AND worker = @worker AND state IN ('running', 'dismissed') RETURNING id, stage, state),
		event AS (INSERT INTO stations.run_event (run, number, at, state, progress)
			SELECT id, stage, @now, state, @progress FROM ended)
		SELECT pg_notify('siting_run', id || ' ' || state) FROM ended`, args)
	return err
}

// verdict is the state that an answer leads to and the sentence beside it.
func (j *job) verdict(a *answer, err error) (State, *keptError) {
	if err != nil {
		if e, ok := errors.AsType[*ortsnah.Error](err); ok && e.Kind != ortsnah.Internal {
			return Failed, kept(e)
		}
		if !errors.Is(err, context.Canceled) {
			j.desk.Log.Error("run failed", "run", j.run.ID, "error", err)
		}
		if e, ok := errors.AsType[*ortsnah.Error](postgis.Explained(err)); ok {
			return Failed, kept(e)
		}
		return Failed, kept(ortsnah.E(ortsnah.Internal, "planning.defect"))
	}
	return a.state()
}
