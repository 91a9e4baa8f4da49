package booking

import (
	"context"
	_ "embed"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Few is the smallest count that a report shows: below it, somebody could be
// recognised.
const Few = 5

// Count is a number in a report. The zero value is 0.
type Count struct {
	n      int
	hidden bool
}

// Number is the count; false where it is hidden.
func (c Count) Number() (int, bool) { return c.n, !c.hidden }

// String is the count, or "<5" where it is hidden.
func (c Count) String() string {
	if c.hidden {
		return "<" + strconv.Itoa(Few)
	}
	return strconv.Itoa(c.n)
}

// counted hides what is too few. 0 shows nobody.
func counted(n int) Count {
	if n > 0 && n < Few {
		return Count{hidden: true}
	}
	return Count{n: n}
}

// ReportLine is an office and concern in one ISO week. There is none by person
// or by clerk, on purpose.
type ReportLine struct {
	Week                time.Time // its Monday, midnight UTC
	Office, Concern     string    // Concern "": walk-ins whom nobody asked, or who need no appointment
	OfficeName          catalog.Text
	ConcernName         catalog.Text
	Booked              Count // all that were ever booked for this week
	Kept                Count // the visitor came
	Missed              Count // did not come
	Cancelled           Count
	Open                Count // still to come
	WalkIns             Count
	MissedShare         float64 // of Kept and Missed, 0 to 1; -1 where one of them is hidden or nobody was due
	WaitedMedianMinutes float64 // beyond the promised time; of walk-ins: since the ticket; -1 with fewer than Few
}

//go:embed sql/report.sql
var reportSQL string

// Report is what happened in the ISO weeks of [from, to), days as midnight UTC;
// office "" is every one. Weeks are whole and counts below Few hidden, so that
// two reports do not differ by one visitor.
func Report(ctx context.Context, db postgis.DB, from, to time.Time, office string) ([]ReportLine, error) {
	rows, err := db.Query(ctx, reportSQL, pgx.NamedArgs{"from": Monday(from), "to": Monday(to.AddDate(0, 0, 6)), "office": office})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (ReportLine, error) {
		var l ReportLine
		var booked, kept, missed, cancelled, open, walkIns, waits int
		err := row.Scan(&l.Week, &l.Office, &l.Concern, &l.OfficeName, &l.ConcernName, &booked, &kept, &missed, &cancelled, &open, &walkIns, &waits, &l.WaitedMedianMinutes)
		l.Booked, l.WalkIns = counted(booked), counted(walkIns)
		l.Kept, l.Missed, l.Cancelled, l.Open = hideParts(booked, [4]int{kept, missed, cancelled, open})
		l.MissedShare = -1
		if !l.Kept.hidden && !l.Missed.hidden && kept+missed > 0 {
			l.MissedShare = float64(missed) / float64(kept+missed)
		}
		if waits < Few {
			l.WaitedMedianMinutes = -1
		}
		return l, err
	})
}

// Monday is the first day of the ISO week of day (midnight UTC).
func Monday(day time.Time) time.Time {
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
}

// hideParts hides the parts of a sum that are too few. One hidden part could be
// worked out from the sum: then the smallest of the others is hidden, too. Of a
// hidden sum every part that is not 0 is.
func hideParts(sum int, parts [4]int) (a, b, c, d Count) {
	var out [4]Count
	hidden, smallest := 0, -1
	for i, n := range parts {
		out[i] = counted(n)
		if sum < Few && n > 0 {
			out[i] = Count{hidden: true}
		}
		if out[i].hidden {
			hidden++
		} else if n > 0 && (smallest < 0 || n < parts[smallest]) {
			smallest = i
		}
	}
	if hidden == 1 && smallest >= 0 {
		out[smallest] = Count{hidden: true}
	}
	return out[0], out[1], out[2], out[3]
}

// UnmetLine is how often a search for a concern found nothing, and why.
type UnmetLine struct {
	Concern string
	Name    catalog.Text
	Reason  string // match.Why
	Count   Count
}

// UnmetDemand is the demand without an appointment in the ISO weeks of [from, to),
// most first.
func UnmetDemand(ctx context.Context, db postgis.DB, from, to time.Time, office string) ([]UnmetLine, error) {
	rows, err := db.Query(ctx, `SELECT u.concern, jsonb_build_object('de', c.name_de, 'en', c.name_en), u.reason, count(*)
		FROM booking.unmet_demand u JOIN booking.concern c ON c.id = u.concern
		WHERE u.week >= @from AND u.week < @to AND @office IN ('', c.office)
		GROUP BY u.concern, c.id, u.reason ORDER BY count(*) DESC, c.name_de, u.reason`,
		pgx.NamedArgs{"from": Monday(from), "to": Monday(to.AddDate(0, 0, 6)), "office": office})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (UnmetLine, error) {
		var l UnmetLine
		var n int
		err := row.Scan(&l.Concern, &l.Name, &l.Reason, &n)
		l.Count = counted(n)
		return l, err
	})
}

// WishLine is how many wait for an appointment for a concern.
type WishLine struct {
	Concern string
	Name    catalog.Text
	Count   Count
}

// TopWishes are the ten concerns that most people wait for on the waiting list.
func TopWishes(ctx context.Context, db postgis.DB, office string) ([]WishLine, error) {
	rows, err := db.Query(ctx, `SELECT w.concern, jsonb_build_object('de', c.name_de, 'en', c.name_en), count(*)
		FROM booking.wish w JOIN booking.concern c ON c.id = w.concern
		WHERE w.state IN ('waiting', 'offered') AND @office IN ('', c.office)
		GROUP BY w.concern, c.id ORDER BY count(*) DESC, c.name_de LIMIT 10`, pgx.NamedArgs{"office": office})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (WishLine, error) {
		var l WishLine
		var n int
		err := row.Scan(&l.Concern, &l.Name, &n)
		l.Count = counted(n)
		return l, err
	})
}
