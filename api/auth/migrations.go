package auth

import (
	"embed"

	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations lists the steps that build schema auth and those below.
func Migrations() []postgis.Migrations {
	return append(booking.Migrations(), postgis.MigrationsIn(migrations, "auth"))
}
