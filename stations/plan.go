package stations

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/catalog"
)

// Plan is everything about the stations as one JSON document.
type Plan struct {
	Zone         string         `json:"zone"`          // IANA name of the wall times
	AnchorMonday string         `json:"anchor_monday"` // week 0 of patterns that come every n weeks
	ClosedDays   []string       `json:"closed_days"`   // YYYY-MM-DD, no visits at all
	ClosedNote   string         `json:"closed_note"`
	Stations     []Station      `json:"stations"`
	Stops        []Stop         `json:"stops"`
	Visits       []PlannedVisit `json:"visits"`
	// Devices names, per service, the devices without which a station cannot
	// offer it.
	Devices map[string][]string `json:"devices"`
}

// PlannedVisit is a weekly pattern: on Weekday (Monday is 1) of every
// EveryWeeks-th week, counted from week WeekOffset after the anchor.
type PlannedVisit struct {
	ID         string             `json:"id"`
	Station    string             `json:"station"`
	Stop       string             `json:"stop"`
	Weekday    int                `json:"weekday"`
	Start      string             `json:"start"` // wall time, "09:00"
	End        string             `json:"end"`
	EveryWeeks int                `json:"every_weeks"`
	WeekOffset int                `json:"week_offset"`
	Services   []string           `json:"services"`
	Exceptions []PlannedException `json:"exceptions"`
	Note       string             `json:"note"`
}

// PlannedException cancels one visit: on Day (YYYY-MM-DD), or, for a demo that
// has to look alive on every day, the first one from the Monday on that is
// WeekFromNow weeks after the current week's.
type PlannedException struct {
	Day         string       `json:"day"`
	WeekFromNow int          `json:"week_from_now"`
	State       State        `json:"state"` // only Cancelled has a meaning
	Reason      catalog.Text `json:"reason"`
}

// Load makes the stored plan equal to p and extends the visits from now on.
// Loading the same plan again changes nothing. Patterns that p no longer has
// become inactive, their coming visits cancelled; stations and stops stay, and
// so does everything that a planner has made or changed.
//
// Errors are Invalid (stations.unknown_zone, bad_day, bad_clock, bad_pattern,
// unknown_reference, stop_outside) or Conflict (stations.station_at_two_places);
// the transaction must then be rolled back.
func Load(ctx context.Context, tx pgx.Tx, p Plan, now time.Time) error {
	patterns, exceptions, err := p.patterns(now)
	if err != nil {
		return err
	}
	if err := lock(ctx, tx); err != nil {
		return err
	}
	for _, s := range p.Stations {
		if err := loadStation(ctx, tx, s); err != nil {
			return fmt.Errorf("load station %s: %w", s.ID, err)
		}
	}
	for _, s := range p.Stops {
		if err := loadStop(ctx, tx, s); err != nil {
			return fmt.Errorf("load stop %s: %w", s.ID, err)
		}
	}
	ids := []string{}
	for _, pattern := range patterns {
		ids = append(ids, pattern.ID)
		if err := loadPattern(ctx, tx, pattern, exceptions[pattern.ID]); err != nil {
			return fmt.Errorf("load pattern %s: %w", pattern.ID, err)
		}
	}
	_, err = tx.Exec(ctx, `UPDATE stations.visit_pattern SET active = false
		WHERE origin = 'plan' AND id <> ALL (@ids)`, pgx.NamedArgs{"ids": ids})
	if err != nil {
		return err
	}
	if err := loadClosedDays(ctx, tx, p); err != nil {
		return err
	}
	if err := loadDevices(ctx, tx, p.Devices); err != nil {
		return err
	}
	return Extend(ctx, tx, now)
}

// patterns checks the plan and resolves it at now.
func (p Plan) patterns(now time.Time) ([]Pattern, map[string][]exception, error) {
	zone, err := time.LoadLocation(p.Zone)
	if err != nil || p.Zone == "" || p.Zone == "Local" {
		return nil, nil, ortsnah.E(ortsnah.Invalid, "stations.unknown_zone", "zone", p.Zone).About("zone")
	}
	anchor, err := parseDay(p.AnchorMonday)
	if err != nil {
		return nil, nil, err
	}
	if anchor.Weekday() != time.Monday {
		return nil, nil, ortsnah.E(ortsnah.Invalid, "stations.bad_day", "day", p.AnchorMonday).About("anchor_monday")
	}
	known := map[string]bool{}
	for _, s := range p.Stations {
		known["station "+s.ID] = true
	}
	for _, s := range p.Stops {
		if !geo.Germany().Contains(orb.Point{s.Lon, s.Lat}) {
			return nil, nil, ortsnah.E(ortsnah.Invalid, "stations.stop_outside", "stop", s.ID, "lon", s.Lon, "lat", s.Lat).About("lon")
		}
		known["stop "+s.ID] = true
	}
	var patterns []Pattern
	exceptions := map[string][]exception{}
	for _, v := range p.Visits {
		for _, reference := range []string{"station " + v.Station, "stop " + v.Stop} {
			if !known[reference] {
				return nil, nil, ortsnah.E(ortsnah.Invalid, "stations.unknown_reference", "pattern", v.ID, "reference", reference)
			}
		}
		pattern, err := v.pattern(p.Zone, anchor)
		if err != nil {
			return nil, nil, err
		}
		if exceptions[v.ID], err = v.exceptions(pattern, Day(now.In(zone))); err != nil {
			return nil, nil, err
		}
		patterns = append(patterns, pattern)
	}
	return patterns, exceptions, nil
}

func (v PlannedVisit) pattern(zone string, anchor time.Time) (Pattern, error) {
	opens, err := ParseClock(v.Start)
	if err != nil {
		return Pattern{}, err
	}
	closes, err := ParseClock(v.End)
	if err != nil {
		return Pattern{}, err
	}
	if v.ID == "" || v.Weekday < 1 || v.Weekday > 7 || v.EveryWeeks < 1 || v.WeekOffset < 0 || opens >= closes {
		return Pattern{}, ortsnah.E(ortsnah.Invalid, "stations.bad_pattern", "pattern", v.ID).About("visits")
	}
	return Pattern{
		ID: v.ID, Station: v.Station, Stop: v.Stop, Opens: opens, Closes: closes, Zone: zone,
		Series: v.ID, FirstDay: anchor.AddDate(0, 0, 7*v.WeekOffset+v.Weekday-1),
		Rule: fmt.Sprintf("FREQ=WEEKLY;INTERVAL=%d", v.EveryWeeks), Services: v.Services, Note: v.Note,
	}, nil
}

func (v PlannedVisit) exceptions(p Pattern, today time.Time) ([]exception, error) {
	var found []exception
	for _, x := range v.Exceptions {
		e := exception{Pattern: v.ID, Reason: x.Reason}
		if x.Day != "" {
			day, err := parseDay(x.Day)
			if err != nil {
				return nil, err
			}
			e.Day = day
		} else {
			monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7+7*x.WeekFromNow)
			days, err := p.Days(monday, monday.AddDate(1, 0, 0))
			if err != nil {
				return nil, err
			}
			if len(days) == 0 {
				continue
			}
			e.Day = days[0]
		}
		found = append(found, e)
	}
	return found, nil
}

func parseDay(text string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return day, ortsnah.E(ortsnah.Invalid, "stations.bad_day", "day", text).Because(err)
	}
	return day, nil
}
