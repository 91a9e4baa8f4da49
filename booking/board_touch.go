package booking

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/booking/match"
	"github.com/ortsnah/ortsnah/catalog"
)

// Touch is a resource on a local day (midnight UTC) whose claims have changed.
type Touch struct {
	Resource int
	Day      time.Time
}

// touched is what has changed since it was last looked at, by this instance
// (tell: others must hear of it) or by any.
type touched struct {
	mu          sync.Mutex
	local, tell map[Touch]bool
	expiry      map[Touch]time.Time // when a hold on it ends
}

// take takes what was touched on the days [first, last], so that nobody else
// reads it, too.
func (t *touched) take(first, last time.Time) []Touch {
	t.mu.Lock()
	defer t.mu.Unlock()
	var taken []Touch
	for k := range t.local {
		if !k.Day.Before(first) && !k.Day.After(last) {
			taken = append(taken, k)
			delete(t.local, k)
		}
	}
	return taken
}

// back puts back what could not be read.
func (t *touched) back(taken []Touch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range taken {
		t.local[k] = true
	}
}

// expired adds what was held until now.
func (t *touched) expired(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for k, until := range t.expiry {
		if !until.After(now) {
			t.local[k] = true
			delete(t.expiry, k)
		}
	}
}

// Touched says that claims have been written: the next search reads them, and
// other instances hear of them within a moment (Listen).
func (b *Board) Touched(touches ...Touch) {
	b.touched.mu.Lock()
	defer b.touched.mu.Unlock()
	for _, t := range touches {
		b.touched.local[t] = true
		if b.broadcast {
			b.touched.tell[t] = true
		}
	}
}

// refresh reads what was touched and what has run out on the days [first, last].
func (b *Board) refresh(ctx context.Context, o *offer, first, last time.Time) error {
	b.touched.expired(b.now())
	b.loading.Lock() // who comes second waits for what the first one takes
	defer b.loading.Unlock()
	taken := b.touched.take(first, last)
	if len(taken) == 0 {
		return nil
	}
	w, err := readWork(ctx, b.db, o, taken, b.now())
	if err != nil {
		b.touched.back(taken)
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.offer == o {
		b.apply(o, w, taken)
		b.version++
	}
	return nil
}

// apply writes work into the picture; what it says replaces what was known of
// touches (nil: of everything). b.mu is held.
func (b *Board) apply(o *offer, w picture, touches []Touch) {
	asked := map[slot]bool{}
	for _, t := range touches {
		if d := o.dayIndex(t.Day); d >= 0 {
			asked[slot{t.Resource, d}] = true
			delete(b.visits[d], t.Resource)
			b.clear(o, t.Resource, d)
		}
	}
	now := b.now()
	for _, c := range w.claims {
		if c.Status == Held && !c.HoldUntil.After(now) {
			continue // it has run out: free
		}
		for d := range o.days {
			m := o.mask(d, c.Starts, c.Ends, false)
			if m == (match.Timeline{}) || touches != nil && !asked[slot{c.Resource, d}] {
				continue
			}
			if b.busy[c.Resource] == nil {
				b.clear(o, c.Resource, d)
			}
			b.busy[c.Resource][d] = union(b.busy[c.Resource][d], m)
			b.load[c.Resource][d] += c.Minutes
			if c.Appointment != "" {
				if b.visits[d] == nil {
					b.visits[d] = map[int][]work{}
				}
				b.visits[d][c.Resource] = append(b.visits[d][c.Resource], c)
			}
			if c.Status == Held {
				b.touched.mu.Lock()
				b.touched.expiry[Touch{c.Resource, o.days[d].Date}] = *c.HoldUntil
				b.touched.mu.Unlock()
			}
		}
	}
	for k, minutes := range w.used {
		b.used[k] = minutes
	}
}

// clear gives a resource slices of its own, empty on day d: readers may still
// hold the old ones.
func (b *Board) clear(o *offer, resource, d int) {
	if b.busy[resource] == nil {
		b.busy[resource], b.load[resource] = make([]match.Timeline, len(o.days)), make([]int, len(o.days))
		return
	}
	busy, load := slices.Clone(b.busy[resource]), slices.Clone(b.load[resource])
	busy[d], load[d] = match.Timeline{}, 0
	b.busy[resource], b.load[resource] = busy, load
}

// Listen follows the database until ctx ends: changes of the offer are loaded,
// claims of other instances are read, own ones are told. A lost connection is
// made again; meanwhile the board lags and the claims still guard.
func (b *Board) Listen(ctx context.Context, log *slog.Logger) error {
	const pause = time.Second
	for {
		err := b.listenOnce(ctx)
		if ctx.Err() != nil {
			return nil
		}
		log.Warn("listening for changes of what is offered broke off", "error", err, "again_in", pause)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// tellEvery is how long a claim may be unknown to other instances.
const tellEvery = 100 * time.Millisecond

func (b *Board) listenOnce(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, b.db.Config().ConnConfig.Copy())
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, `LISTEN booking_offer; LISTEN booking_claims; LISTEN catalog_version`); err != nil {
		return err
	}
	b.touched.mu.Lock()
	b.broadcast = true
	b.touched.mu.Unlock()
	if err := b.Load(ctx); err != nil {
		return err
	}
	stale := false
	for {
		patience := tellEvery
		if stale {
			patience = 20 * time.Millisecond // more of the same transaction
		}
		wait, cancel := context.WithTimeout(ctx, patience)
		n, err := conn.WaitForNotification(wait)
		cancel()
		switch {
		case err == nil:
			stale = b.heard(n.Channel, n.Payload, conn.PgConn().PID()) || stale
		case ctx.Err() != nil || wait.Err() == nil:
			return err
		case stale:
			stale = false
			if err := b.Load(ctx); err != nil {
				return err
			}
		}
		if err := b.tell(ctx, conn); err != nil {
			return err
		}
	}
}

// heard notes one notification; true when the whole offer has to be loaded.
func (b *Board) heard(channel, payload string, self uint32) bool {
	switch channel {
	case "booking_offer":
		return true
	case "catalog_version":
		id, _, _ := strings.Cut(payload, " ")
		return id == catalog.Districts
	}
	from, list, _ := strings.Cut(payload, ":")
	if from == strconv.FormatUint(uint64(self), 10) {
		return false
	}
	b.touched.mu.Lock()
	defer b.touched.mu.Unlock()
	for item := range strings.SplitSeq(list, ",") {
		var resource int
		var day int64
		if n, _ := fmt.Sscanf(item, "%d/%d", &resource, &day); n == 2 {
			b.touched.local[Touch{resource, time.Unix(day*86400, 0).UTC()}] = true
		}
	}
	return false
}

// tell notifies other instances of what this one has claimed or freed.
func (b *Board) tell(ctx context.Context, conn *pgx.Conn) error {
	b.touched.mu.Lock()
	var items []string
	for t := range b.touched.tell {
		items = append(items, fmt.Sprintf("%d/%d", t.Resource, t.Day.Unix()/86400))
	}
	clear(b.touched.tell)
	b.touched.mu.Unlock()
	for batch := range slices.Chunk(items, 300) { // a payload has at most 8000 bytes
		payload := strconv.FormatUint(uint64(conn.PgConn().PID()), 10) + ":" + strings.Join(batch, ",")
		if _, err := conn.Exec(ctx, `SELECT pg_notify('booking_claims', $1)`, payload); err != nil {
			return err
		}
	}
	return nil
}
