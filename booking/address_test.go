package booking_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"

	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis/pgtest"
)

func TestLocateAddress(t *testing.T) {
	tx := pgtest.Tx(t, booking.Migrations())
	town(t, tx)
	if _, err := tx.Exec(t.Context(), `UPDATE catalog.feature_addresses SET street = 'Böhmerstraße', house_number = '3 A',
		label = 'Böhmerstraße 3 A' WHERE _key = (SELECT min(_key) FROM catalog.feature_addresses)`); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"Boehmerstr. 3a":                    "Böhmerstraße 3 A",
		"Berliner Straße 70":                "Berliner Straße 70",
		"berliner str. 70, 33330 Gütersloh": "Berliner Straße 70",
		"Berliner Strasse 70":               "Berliner Straße 70",
		"BERLINERSTR 70":                    "Berliner Straße 70",
		"Berlinr Straße 70":                 "Berliner Straße 70",
	} {
		found, err := booking.LocateAddress(t.Context(), tx, text)
		if err != nil || !strings.HasPrefix(found[0].Label, want) || found[0].Lon < 8 || found[0].X < 400_000 {
			t.Errorf("%q: %+v, %v; want %s", text, found, err, want)
		}
	}
	if found, err := booking.LocateAddress(t.Context(), tx, "Berliner Straße 70"); err != nil || len(found) != 1 || !found[0].Exact {
		t.Errorf("exact: %+v, %v", found, err)
	}
	if found, err := booking.LocateAddress(t.Context(), tx, "Berliner Straße 9999999999"); err != nil || found[0].Exact {
		t.Errorf("unknown number: %+v, %v", found, err)
	}
	if found, err := booking.LocateAddress(t.Context(), tx, "Berliner Straße 9999"); err != nil || !strings.HasPrefix(found[0].Label, "Berliner Straße") {
		t.Errorf("the street is right: %+v, %v", found, err)
	}
	for text, key := range map[string]string{
		"": "booking.address_empty", ", Gütersloh": "booking.address_empty", "???": "booking.address_empty",
		strings.Repeat("a", 300): "booking.address_empty", "Qwrtzpl 5": "booking.address_unknown", "\xff": "booking.address_empty",
		"a'b\x00c": "booking.address_unknown",
	} {
		found, err := booking.LocateAddress(t.Context(), tx, text)
		if e, ok := err.(*ortsnah.Error); !ok || e.Key != key {
			t.Errorf("%q: %v %v, want %s", text, found, err, key)
		}
	}
}

// BenchmarkLocateAddress asks a city of 100,000 addresses in 3,333 streets, as
// Essen has. "x" is the ratio to the limit: reading one row by its key.
func BenchmarkLocateAddress(b *testing.B) {
	tx := pgtest.Tx(b, booking.Migrations())
	if err := catalog.RegisterBuiltin(b.Context(), tx); err != nil {
		b.Fatal(err)
	}
	for _, sql := range []string{
		`INSERT INTO catalog.feature_addresses (_key, _since, _hash, _geojson, _geom, id, street, house_number, label)
		SELECT i::text, 1, '\x00', repeat('x', 300), ST_SetSRID(ST_MakePoint(360000 + i % 317 * 30, 5700000 + i / 317 * 30), 25832), i::text,
			(ARRAY['Berliner ', 'Hamburger ', 'Alte ', 'Neue ', 'Obere ', 'Untere ', 'Große ', 'Goethe', 'Schiller', 'Linden', 'Eichen', 'Birken',
				'Kirch', 'Markt', 'Schul', 'Bahnhof', 'Feld', 'Wald'])[1 + i / 30 % 18]
			|| (ARRAY['straße', 'weg', 'allee', 'platz', 'ring', 'gasse', 'hof', 'damm', 'ufer', 'steig'])[1 + i / 540 % 10]
			|| repeat(' am ' || chr(97 + i / 5400), least(i / 5400, 1)), (i % 30 + 1)::text, 'x'
		FROM generate_series(0, 99999) AS i`,
		`CREATE UNIQUE INDEX ON catalog.feature_addresses (_key) WHERE _until IS NULL`,
		`ANALYZE catalog.feature_addresses`,
	} {
		if _, err := tx.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	one := func() {
		var label string
		if err := tx.QueryRow(b.Context(), `SELECT label FROM open.addresses WHERE _until IS NULL AND _key = '777'`).Scan(&label); err != nil {
			b.Fatal(err)
		}
	}
	for name, text := range map[string]string{"exact": "Berliner Str. 5", "mistyped": "Berlinr Straße 5", "unknown": "Qwrtzpl 5"} {
		b.Run(name, func(b *testing.B) {
			start := time.Now()
			for range 100 {
				one()
			}
			limit := time.Since(start) / 100
			for b.Loop() {
				if _, err := booking.LocateAddress(b.Context(), tx, text); err != nil && name != "unknown" {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(limit), "x")
		})
	}
}
