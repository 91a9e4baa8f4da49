package ingest

import (
	"embed"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations lists the steps that build this room's schema and those below.
func Migrations() []postgis.Migrations {
	return append(catalog.Migrations(), postgis.MigrationsIn(migrations, "ingest"))
}
