package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/ingest"
	"github.com/ortsnah/ortsnah/stations/demand"
)

type censusCommand struct {
	place
	Files       []string `arg:"" help:"Grid files of the census: CSV or ZIP, 100 m and 1 km together where there are both."`
	Source      string   `required:"" placeholder:"ID" help:"Identifier of the source, for example zensus-2022; what it held is replaced."`
	Name        string   `placeholder:"TEXT" help:"Name for people; default: the identifier."`
	Day         string   `placeholder:"YYYY-MM-DD" help:"Day that the census speaks of."`
	Licence     string   `default:"dl-de/by-2-0" placeholder:"ID" help:"Licence of the files (${default})."`
	Attribution string   `placeholder:"TEXT" help:"Whom to name, for example „Statistische Ämter des Bundes und der Länder“."`
}

// Run is the command.
func (cmd censusCommand) Run(ctx context.Context, c console, log *slog.Logger) error {
	s := demand.Source{ID: cmd.Source, Name: cmd.Name, Licence: cmd.Licence, Attribution: cmd.Attribution}
	if s.Name == "" {
		s.Name = cmd.Source
	}
	if cmd.Day != "" {
		day, err := time.Parse(time.DateOnly, cmd.Day)
		if err != nil {
			return ortsnah.E(ortsnah.Invalid, "demand.bad_day", "day", cmd.Day).About("day")
		}
		s.ReferenceDay = &day
	}
	var files []demand.File
	for _, path := range cmd.Files {
		f, err := os.Open(path)
		if err != nil {
			return ortsnah.E(ortsnah.NotFound, "demand.no_file", "file", path).Because(err)
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil || !info.Mode().IsRegular() {
			return ortsnah.E(ortsnah.NotFound, "demand.no_file", "file", path).Because(err)
		}
		files = append(files, demand.File{Name: filepath.Base(path), Size: info.Size(), Text: f})
	}
	return cmd.run(ctx, log, func(d *deployment) error {
		bar := newProgress(c.err)
		s, err := demand.Import(ctx, d.db, time.Now(), s, files, func(p demand.Progress) {
			bar.show(ingest.Progress{Phase: "read", Rows: p.Lines, Consumed: p.Bytes, Total: p.Total})
		})
		bar.done()
		if err != nil {
			return err
		}
		return cmd.tell(c, s.Report)
	})
}

// tell says what was found; lines that could not be used end the command with
// the code for them.
func (cmd censusCommand) tell(c console, r demand.Report) error {
	lang := c.lang()
	c.say("%s", i18n.Text(lang, "cmd.census_done", map[string]any{"source": cmd.Source, "cells": r.Cells, "people": r.People,
		"estimated": r.Estimated, "suppressed": r.Suppressed, "uncertain": r.Uncertain, "outside": r.Outside}))
	if r.Unusable == 0 {
		return nil
	}
	c.say("%s", i18n.Text(lang, "cmd.census_unusable", map[string]any{"n": r.Unusable}))
	for _, p := range r.Problems {
		c.say("  %s:%d: %s", p.File, p.Line, i18n.Text(lang, p.Key, p.Args))
	}
	return errQuarantined
}
