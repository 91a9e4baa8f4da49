package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Setting is what a town decides about its appointments.
type Setting struct {
	Zone          string // IANA, of all wall times
	State         string // of Germany, whose public holidays count: "NW"
	GateControls  bool   // false: the gate shows the way and sees no names
	HoldMinutes   int    // a citizen has so long to confirm
	OfferHours    int    // an alternative of the town is held so long
	LateMinutes   int    // who has not come so long after the start does not come
	FixedMinutes  int    // so long before the start a room is no longer swapped
	EraseDays     int    // personal data goes so long after the visit
	TravelMinutes int    // of a mobile station, home from its stop
	HorizonDays   int    // releases are worked out so far ahead
}

// Settings reads the Setting.
func Settings(ctx context.Context, db postgis.DB) (Setting, error) {
	rows, err := db.Query(ctx, `SELECT zone, state, gate_controls, hold_minutes, offer_hours, late_minutes,
		fixed_minutes, erase_days, travel_minutes, horizon_days FROM booking.setting`)
	if err != nil {
		return Setting{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Setting])
}

// Hold is the time that a citizen has to confirm.
func (s Setting) Hold() time.Duration { return time.Duration(s.HoldMinutes) * time.Minute }
