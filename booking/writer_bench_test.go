package booking

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/booking/match"
)

// benchTown has 40 more clerks and rooms with 60 days of 60 slots each.
func benchTown(b *testing.B) (s *scenario, slot func(i int) Proposal) {
	s = scenarioTown(b, "2026-03-27 10:00")
	const clerks, days, perDay = 40, 60, 60
	s.must2(s.DB.Exec(b.Context(), `WITH c AS (
			INSERT INTO booking.resource (kind, code, label) SELECT 'clerk', 'k' || n, 'K' || n FROM generate_series(1, 40) n RETURNING id),
		r AS (INSERT INTO booking.resource (kind, code, label, site, persons)
			SELECT 'room', 'z' || n, 'Z' || n, 'rathaus', 2 FROM generate_series(1, 40) n),
		k AS (INSERT INTO booking.clerk (resource, office) SELECT id, 'buergerbuero' FROM c RETURNING resource)
		INSERT INTO booking.clerk_team SELECT resource, 'buergerbuero' FROM k`))
	s.must2(s.DB.Exec(b.Context(), `WITH r AS (
			INSERT INTO booking.release (clerk, site, first_day, opens, closes, channels)
			SELECT k.id, 'rathaus', date '2026-03-30' + d, '08:00', '18:00', '{counter}'
			FROM booking.resource k, generate_series(0, 59) d WHERE k.code ~ '^k[0-9]' RETURNING *)
		INSERT INTO booking.release_day (release, day, clerk, during, site, channels, via, concerns)
		SELECT id, first_day, clerk, tstzrange((first_day + opens) AT TIME ZONE zone, (first_day + closes) AT TIME ZONE zone), site, channels, via, concerns FROM r`))
	s.must2(s.DB.Exec(b.Context(), `ANALYZE`))
	s.reload()
	ids := func(prefix string) []int {
		rows, err := s.DB.Query(b.Context(), `SELECT id FROM booking.resource WHERE code ~ $1 ORDER BY id`, "^"+prefix+"[0-9]+$")
		s.must(err)
		list, err := pgx.CollectRows(rows, pgx.RowTo[int])
		s.must(err)
		return list
	}
	k, z, first := ids("k"), ids("z"), s.wall("2026-03-30 08:00")
	return s, func(i int) Proposal {
		n := i / clerks
		start := first.AddDate(0, 0, n/perDay%days).Add(time.Duration(n%perDay) * 10 * time.Minute)
		end := start.Add(10 * time.Minute)
		return Proposal{Starts: start, Ends: end, Channel: Counter, PlaceID: "site/rathaus", Office: "buergerbuero", Teams: []string{"buergerbuero"},
			Match: match.Proposal{Start: start, End: end, Room: z[i%clerks], Parts: []match.Assignment{{Concern: "pass", Clerk: k[i%clerks], Start: start, End: end}},
				Claims: []match.Claim{{Resource: k[i%clerks], From: start, To: end}, {Resource: z[i%clerks], From: start, To: end}}}}
	}
}

// bare is the least that a hold must write, without looking or locking.
func (s *scenario) bare(ctx context.Context, p Proposal) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		w := s.writing(Order{Request: Request{Persons: 1, Via: ViaWeb}}, p, reservation{TokenHash: hashToken("x")})
		var b pgx.Batch
		args := w.args()
		b.Queue(insertHoldSQL, args)
		b.Queue(reserveInsertSQL, args)
		return tx.SendBatch(ctx, &b).Close()
	})
}

// parallel runs do b.N times on eight connections and returns runs per second.
func parallel(b *testing.B, first int, do func(i int) error) float64 {
	var next atomic.Int64
	began := time.Now()
	together(8, func(int) {
		for i := int(next.Add(1)) - 1; i < b.N; i = int(next.Add(1)) - 1 {
			if err := do(first + i); err != nil {
				b.Error(err)
				return
			}
		}
	})
	return float64(b.N) / time.Since(began).Seconds()
}

// BenchmarkHolds measures holds per second on distinct resources: what the
// claims and locks cost (write), and with the search before it (Hold). x is the
// ratio to the bare transaction, which only inserts the same rows.
func BenchmarkHolds(b *testing.B) {
	o := Order{Request: Request{Concerns: []string{"pass"}, Persons: 1, Via: ViaWeb}}
	for name, hold := range map[string]func(s *scenario, p Proposal) error{
		"write": func(s *scenario, p Proposal) error {
			_, err := s.write(context.Background(), o, p, reservation{TokenHash: hashToken(random(tokenLetters))}, nil)
			return err
		},
		"Hold": func(s *scenario, p Proposal) error {
			o := o
			o.Starts, o.PlaceID = p.Starts, p.PlaceID
			_, err := s.Hold(context.Background(), o)
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			s, slot := benchTown(b)
			bare := parallel(b, 0, func(i int) error { return s.bare(context.Background(), slot(i)) })
			s.must2(s.DB.Exec(context.Background(), `DELETE FROM booking.appointment`))
			b.ResetTimer()
			rate := parallel(b, 0, func(i int) error { return hold(s, slot(i*41%(40*60*60))) }) // other clerk, room and start every time
			b.ReportMetric(rate, "holds/s")
			b.ReportMetric(bare, "bare/s")
			b.ReportMetric(bare/rate, "x")
		})
	}
}
