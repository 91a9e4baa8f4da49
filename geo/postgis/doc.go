// Package postgis is the only door to PostgreSQL: connection pools, the codec
// between orb geometries and PostGIS, and migrations.
//
// Every room has one schema of its own name and embeds its migrations
// (migrations/00001_words.sql, goose format, forward only). A room's
// Migrations() lists its own after those of the rooms below it; Migrate
// applies such a list under an advisory lock, so that several instances may
// start at once.
//
// Two roles exist: "ortsnah" owns the schemas, "ortsnah_open" may SELECT only
// the views in schema "open". OpenRead gives connections that are bound to the
// second role from their first byte on.
package postgis
