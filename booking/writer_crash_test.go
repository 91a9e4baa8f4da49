package booking

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/ortsnah/ortsnah/booking/seal"
	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/geo/postgis/cluster"
)

// S34: kill -9 of the program, of one database session and of the whole
// database, in turn, at random moments under load: what was confirmed to a
// citizen is there with claims, registration and notice, and nothing is half
// there. ORTSNAH_CRASH_ROUNDS sets the number of rounds (200 for a release).
func TestS34Crash(t *testing.T) {
	rounds := 6
	if text := os.Getenv("ORTSNAH_CRASH_ROUNDS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		rounds = n
	}
	x := newCrash(t)
	for round := range rounds {
		x.round(round)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
	t.Logf("%d rounds: %d confirmed, %d cancelled", rounds, len(x.confirmed)+len(x.trying)+len(x.cancelled), len(x.cancelled))
	if len(x.confirmed) == 0 {
		t.Error("nothing was confirmed")
	}
}

// crash is a database with fsync, and what its clients were told.
type crash struct {
	t         *testing.T
	options   cluster.Options
	cluster   *cluster.Cluster
	keys      string
	confirmed map[string]bool // must be booked
	trying    map[string]bool // a cancellation was on its way
	cancelled map[string]bool // must be cancelled
}

func newCrash(t *testing.T) *crash {
	t.Helper()
	// As root the server runs as user postgres, who must be able to enter.
	folder, err := os.MkdirTemp("", "ortsnah-crash-")
	if err != nil {
		t.Fatal(err)
	}
	x := &crash{t: t, options: cluster.Options{Dir: filepath.Join(folder, "postgres")}, keys: filepath.Join(folder, "keys.json"),
		confirmed: map[string]bool{}, trying: map[string]bool{}, cancelled: map[string]bool{}}
	x.must(os.Chmod(folder, 0o711))
	x.start()
	t.Cleanup(func() {
		x.cluster.Stop(context.Background(), cluster.Fast)
		os.RemoveAll(folder)
	})
	x.must(postgis.Migrate(t.Context(), x.cluster.URL(), Migrations()))
	s := x.town("2026-03-27 08:00")
	s.must(pgx.BeginFunc(t.Context(), s.DB, func(tx pgx.Tx) error { return Load(t.Context(), tx, scenarioCatalogue()) }))
	s.ids(s.DB)
	for day := s.wall("2026-03-30 12:00"); day.Month() < time.June; day = day.AddDate(0, 0, 1) {
		for _, clerk := range []string{"A1", "A2", "P1"} {
			s.released(clerk, day.Format(time.DateOnly), "08:00", "18:00")
		}
	}
	return x
}

func (x *crash) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

// start starts the database, again too.
func (x *crash) start() {
	x.t.Helper()
	c, err := cluster.Start(x.t.Context(), x.options)
	x.must(err)
	x.cluster = c
}

// town is the scenario town in the database of x.
func (x *crash) town(now string) *scenario {
	x.t.Helper()
	return crashTown(x.t, x.cluster.URL(), x.keys, now)
}

func crashTown(t *testing.T, url, keyFile, now string) *scenario {
	pool, err := postgis.Open(t.Context(), url, 10)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	keys, err := seal.Open(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	s := &scenario{t: t, clerk: map[string]int{}, room: map[string]int{}}
	clock := func() time.Time { return *s.clock.Load() }
	zone := berlin(t)
	s.Reception = &Reception{DB: pool, Board: NewBoard(pool, zone, clock), Keys: keys, Now: clock, Zone: zone}
	s.at(now)
	return s
}

// round lets a program work until it, a session or the database is killed.
func (x *crash) round(round int) {
	x.t.Helper()
	now := time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC).Add(time.Duration(round) * 10 * time.Minute).Format("2006-01-02 15:04")
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashingProgram$")
	cmd.Env = append(os.Environ(), "ORTSNAH_CRASH_URL="+x.cluster.URL(), "ORTSNAH_CRASH_KEYS="+x.keys, "ORTSNAH_CRASH_NOW="+now)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	x.must(err)
	x.must(cmd.Start())
	started, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		x.read(out, started)
	}()
	<-started
	<-time.After(time.Duration(rand.IntN(300)) * time.Millisecond) // the random moment
	if round%3 > 0 {
		x.killDatabase(round%3 == 1)
		<-time.After(time.Duration(rand.IntN(50)) * time.Millisecond)
	}
	x.must(cmd.Process.Kill())
	<-done
	if err := cmd.Wait(); err == nil || err.Error() != "signal: killed" {
		x.t.Errorf("the program ended before it was killed: %v", err)
	}
	if round%3 == 2 {
		x.cluster.Stop(context.Background(), cluster.Fast)
		x.start()
	}
	x.check(now)
}

// read notes what the program says until it is dead. A line that it did not
// finish was said to nobody.
func (x *crash) read(out io.Reader, started chan<- struct{}) {
	lines := bufio.NewReader(out)
	for first := true; ; first = false {
		line, err := lines.ReadString('\n')
		if first {
			close(started)
		}
		if err != nil {
			return
		}
		word, id, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "confirmed":
			x.confirmed[id] = true
		case "cancelling":
			delete(x.confirmed, id)
			x.trying[id] = true
		case "cancelled":
			delete(x.trying, id)
			x.cancelled[id] = true
		}
	}
}

// killDatabase kills the first process of the database, or one session.
func (x *crash) killDatabase(session bool) {
	x.t.Helper()
	conn, err := pgx.Connect(x.t.Context(), x.cluster.SuperURL())
	x.must(err)
	defer conn.Close(context.Background())
	sql := `SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)::int`
	if session {
		sql = `SELECT pid FROM pg_stat_activity WHERE usename = 'ortsnah' AND backend_type = 'client backend' ORDER BY random() LIMIT 1`
	}
	var pid int
	x.must(conn.QueryRow(x.t.Context(), sql).Scan(&pid))
	x.must(syscall.Kill(pid, syscall.SIGKILL))
	for deadline := time.Now().Add(30 * time.Second); conn.Ping(x.t.Context()) == nil; { // every session ends with it
		if time.Now().After(deadline) {
			x.t.Fatal("the database did not notice")
		}
	}
}

// check waits until the database is there again and holds it against what the
// citizens were told.
func (x *crash) check(now string) {
	x.t.Helper()
	var pool *pgxpool.Pool
	for deadline := time.Now().Add(30 * time.Second); ; {
		var err error
		if pool, err = postgis.Open(x.t.Context(), x.cluster.URL(), 2); err == nil {
			break
		}
		if time.Now().After(deadline) {
			x.t.Fatal(err)
		}
		<-time.After(20 * time.Millisecond)
	}
	defer pool.Close()
	s := &scenario{t: x.t, Reception: &Reception{DB: pool}}
	s.noOverlap()
	s.whole()
	for state, ids := range map[string]map[string]bool{"booked": x.confirmed, "cancelled": x.cancelled} {
		list := []string{}
		for id := range ids {
			list = append(list, id)
		}
		if n := s.count(`SELECT count(*) FROM booking.appointment WHERE id = ANY ($1) AND state = $2`, list, state); n != len(list) {
			x.t.Errorf("%s: %d of %d are %s", now, n, len(list), state)
		}
	}
}

// TestCrashingProgram is the program that TestS34Crash kills; alone it does
// nothing.
func TestCrashingProgram(t *testing.T) {
	url := os.Getenv("ORTSNAH_CRASH_URL")
	if url == "" {
		return
	}
	s := crashTown(t, url, os.Getenv("ORTSNAH_CRASH_KEYS"), os.Getenv("ORTSNAH_CRASH_NOW"))
	var mu sync.Mutex
	say := func(word, id string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(os.Stdout, "%s %s\n", word, id)
	}
	ctx := context.Background()
	s.must(s.Board.Load(ctx))
	first := s.wall("2026-03-30 08:00")
	together(6, func(int) {
		var mine []Ticket
		for {
			o := Order{Request: Request{Concerns: []string{"pass"}, Persons: 1, Via: ViaWeb}, PlaceID: "site/rathaus",
				Starts: first.AddDate(0, 0, rand.IntN(60)).Add(time.Duration(rand.IntN(60)) * 10 * time.Minute)}
			ticket, err := s.Hold(ctx, o)
			if err == nil {
				_, err = s.Confirm(ctx, ticket.Appointment.ID, By{Token: ticket.Token}, Person{Surname: "Muster"}, "de")
			}
			if err != nil {
				<-time.After(time.Millisecond)
				continue
			}
			say("confirmed", ticket.Appointment.ID)
			if mine = append(mine, ticket); len(mine) > 5 {
				say("cancelling", mine[0].Appointment.ID)
				if _, err := s.Cancel(ctx, mine[0].Appointment.ID, By{Token: mine[0].Token}); err == nil {
					say("cancelled", mine[0].Appointment.ID)
				}
				mine = mine[1:]
			}
		}
	})
}
