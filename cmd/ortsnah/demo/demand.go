package demo

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

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
