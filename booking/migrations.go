package booking

import (
	"embed"
	"io/fs"

	"github.com/ortsnah/ortsnah/geo/postgis"
	"github.com/ortsnah/ortsnah/stations"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations lists the steps that build this room's schema and those below.
func Migrations() []postgis.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // embedded at build time: cannot happen
	}
	return append(stations.Migrations(), postgis.Migrations{Schema: "booking", Files: files})
}
