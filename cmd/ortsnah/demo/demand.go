package demo

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/stations"
	"github.com/ortsnah/ortsnah/stations/demand"
)

// CensusSource is the demo's census grid: real figures of 2011.
const CensusSource = "zensus-2011-1km"

// loadDemand imports the census grid and, once, the invented need rates: what
// a visitor of the demo has changed stays.
func loadDemand(ctx context.Context, tx pgx.Tx, now time.Time) error {
	if err := loadCensus(ctx, tx, now); err != nil {
		return fmt.Errorf("demo census: %w", err)
	}
	known, err := demand.Rates(ctx, tx)
	if err != nil || len(known) > 0 {
		return err
	}
	var file struct {
		Rates []struct {
			Concern string
			Visits  map[demand.Feature]float64
		}
	}
	if err := read("demand.json", &file); err != nil {
		return err
	}
	for _, r := range file.Rates {
		var rates []demand.Rate
		for _, age := range demand.RateAges() {
			if visits, ok := r.Visits[age]; ok {
				rates = append(rates, demand.Rate{Age: age, Visits: visits, Note: "Demo: angenommen"})
			}
		}
		if err := demand.SetRates(ctx, tx, stations.Day(now), r.Concern, rates); err != nil {
			return fmt.Errorf("demo need rates of %s: %w", r.Concern, err)
		}
	}
	return loadCounts(ctx, tx, now)
}

// loadCounts invents what was counted in 22 weeks that are older than those
// which booking.ObserveDemand counts again: some offices guessed too low, some
// too high, and in the east of the town many search in vain.
func loadCounts(ctx context.Context, tx pgx.Tx, now time.Time) error {
	lines, err := demand.Compare(ctx, tx, CensusSource)
	if err != nil {
		return err
	}
	last := booking.Monday(stations.Day(now)).AddDate(0, 0, -7*9)
	for i, l := range lines {
		weekly := float64(l.Expected) / 100 / 52.18 * (0.75 + 0.15*float64(i*7%6))
		_, err := tx.Exec(ctx, `WITH week AS (
				INSERT INTO stations.demand_observation (concern, week, booked, kept, walk_ins, unmet)
				SELECT @concern, @last::date - 7 * n, ceil(@weekly * 0.9), ceil(@weekly * 0.8), floor(@weekly * 0.2), (n + @i) % 3 * floor(@weekly * 0.1)
				FROM generate_series(0, 21) AS n
				ON CONFLICT DO NOTHING RETURNING concern, week, unmet::int)
			INSERT INTO stations.unmet_cell (concern, week, cell, number)
			SELECT concern, week, cell, unmet / 2 FROM week, (VALUES ('1kmN3202E4215'), ('')) AS c (cell) WHERE unmet / 2 > 0`,
			pgx.NamedArgs{"concern": l.Concern, "last": last, "weekly": weekly, "i": i})
		if err != nil {
			return fmt.Errorf("demo counts of %s: %w", l.Concern, err)
		}
	}
	return nil
}

func loadCensus(ctx context.Context, tx pgx.Tx, now time.Time) error {
	known, err := demand.Sources(ctx, tx)
	if err != nil || len(known) > 0 {
		return err
	}
	const name = "census_2011_1km.csv"
	b, err := data.ReadFile("data/" + name)
	if err != nil {
		return err
	}
	day := time.Date(2011, 5, 9, 0, 0, 0, 0, time.UTC)
	_, err = demand.Import(ctx, tx, now, demand.Source{ID: CensusSource, Name: "Zensus 2011, Gitter 1 km", ReferenceDay: &day, Licence: "dl-de/by-2-0",
		Attribution: "© Statistische Ämter des Bundes und der Länder, Zensus 2011 (dl-de/by-2-0), Auszug"},
		[]demand.File{{Name: name, Size: int64(len(b)), Text: bytes.NewReader(b)}}, nil)
	return err
}
