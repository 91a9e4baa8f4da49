package catalog

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Town is the municipality that this deployment serves.
type Town struct {
	Name        string    `json:"name"`
	AGS         string    `json:"ags"` // Amtlicher Gemeindeschlüssel, 8 digits
	ARS         string    `json:"ars"` // Amtlicher Regionalschlüssel, 12 digits
	Publisher   Body      `json:"publisher"`
	Contact     Contact   `json:"contact"`
	Contributor string    `json:"contributor"` // dcatde:contributorID IRI
	Bounds      []float64 `json:"bounds"`      // CRS84: west, south, east, north
	Demo        bool      `json:"demo"`        // the demo town: invented data, labelled so
}

// LoadTown returns the municipality as configured; a fresh database has an
// unnamed one.
func LoadTown(ctx context.Context, db postgis.DB) (Town, error) {
	var doc []byte
	if err := db.QueryRow(ctx, `SELECT town FROM open.setting`).Scan(&doc); err != nil {
		return Town{}, err
	}
	var t Town
	return t, json.Unmarshal(doc, &t)
}

// SaveTown stores the municipality.
func SaveTown(ctx context.Context, db postgis.DB, t Town) error {
	doc, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, `UPDATE catalog.setting SET town = @town`, pgx.NamedArgs{"town": string(doc)})
	return err
}
