package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/booking"
)

type floorplanCommand struct {
	place
	Site string `arg:"" help:"Building, for example rathaus."`
	File string `arg:"" help:"GeoJSON file, or an IMDF archive (OGC 20-094) as ZIP file or unpacked folder."`
}

// Run is the command.
func (cmd floorplanCommand) Run(ctx context.Context, c console, log *slog.Logger) error {
	return cmd.run(ctx, log, func(d *deployment) error {
		shapes, err := cmd.read(ctx, d)
		if err != nil {
			return err
		}
		var report booking.FloorPlanReport
		err = pgx.BeginFunc(ctx, d.db, func(tx pgx.Tx) error {
			report, err = booking.ImportFloorPlan(ctx, tx, cmd.Site, shapes)
			return err
		})
		if err != nil {
			return err
		}
		c.say("%s", i18n.Text(c.lang(), "cmd.floorplan_done", map[string]any{"site": cmd.Site, "n": report.Shapes, "levels": report.Levels}))
		if len(report.Missing) > 0 {
			c.say("%s", i18n.Text(c.lang(), "cmd.floorplan_missing", map[string]any{"rooms": strings.Join(report.Missing, ", ")}))
		}
		return nil
	})
}

// read reads the plan in whichever form it comes.
func (cmd floorplanCommand) read(ctx context.Context, d *deployment) ([]booking.FloorShape, error) {
	unreadable := func(err error) error {
		return ortsnah.E(ortsnah.Invalid, "booking.floor_plan_unreadable", "file", cmd.File, "reason", fmt.Sprint(err)).Because(err)
	}
	info, err := os.Stat(cmd.File)
	if err != nil {
		return nil, unreadable(err)
	}
	var files fs.FS
	switch {
	case info.IsDir():
		files = os.DirFS(cmd.File)
	case strings.HasSuffix(strings.ToLower(cmd.File), ".zip"):
		archive, err := zip.OpenReader(cmd.File)
		if err != nil {
			return nil, unreadable(err)
		}
		defer archive.Close()
		files = archive
	default:
		text, err := os.ReadFile(cmd.File)
		if err != nil {
			return nil, unreadable(err)
		}
		shapes, err := booking.ReadFloorPlan(text)
		if e, ok := errors.AsType[*ortsnah.Error](err); ok && e.Key == "booking.floor_plan_unreadable" {
			e.Args["file"] = cmd.File
		}
		return shapes, err
	}
	rooms, err := booking.RoomNames(ctx, d.db, cmd.Site)
	if err != nil {
		return nil, err
	}
	return booking.ReadIMDF(files, rooms)
}
