package booking

import (
	"embed"

	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations lists the steps that build this room's schema and those below.
func Migrations() []postgis.Migrations {
	return append(stations.Migrations(), postgis.MigrationsIn(migrations, "booking"))
}
