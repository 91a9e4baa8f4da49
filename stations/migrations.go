package stations

import (
	"embed"
	"io/fs"

	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations lists the steps that build this room's schema and those below.
func Migrations() []postgis.Migrations {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // embedded at build time: cannot happen
	}
	return append(catalog.Migrations(), postgis.Migrations{Schema: "stations", Files: files})
}
