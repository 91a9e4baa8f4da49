package main

import (
	"context"
	"fmt"
	"log/slog"
	"text/tabwriter"
	"time"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/ingest"
)

type sourceCommand struct {
	List   sourceList   `cmd:"" default:"withargs" help:"List sources with a schedule."`
	Add    sourceAdd    `cmd:"" help:"Add or change a source; serve imports it when it is due."`
	Remove sourceRemove `cmd:"" help:"Remove a source; its dataset stays."`
}

type sourceList struct{ place }

// Run is the command.
func (cmd sourceList) Run(ctx context.Context, c console, log *slog.Logger) error {
	return cmd.run(ctx, log, func(d *deployment) error {
		all, err := ingest.Scheduled(ctx, d.db)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tDATASET\tEVERY\tNEXT\tLAST\tURL")
		for _, s := range all {
			last := s.LastState
			if s.LastError != nil {
				last += ": " + i18n.Error(c.lang(), s.LastError)
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", s.ID, s.Dataset, s.Every, s.NextRun.Format(time.RFC3339), last, s.URL)
		}
		return table.Flush()
	})
}

type sourceAdd struct {
	place
	reading
	ID      string        `arg:"" help:"Name of the source."`
	URL     string        `arg:"" help:"http(s) URL, file or folder."`
	Dataset string        `required:"" placeholder:"ID" help:"Dataset to import into."`
	Every   time.Duration `default:"1h" help:"How often, e.g. 10m, 24h (${default})."`
}

// Run is the command.
func (cmd sourceAdd) Run(ctx context.Context, log *slog.Logger) error {
	o, err := cmd.options(nil)
	if err != nil {
		return err
	}
	source, err := ingest.Lasting(cmd.URL)
	if err != nil {
		return err
	}
	return cmd.run(ctx, log, func(d *deployment) error {
		return ingest.Schedule(ctx, d.db, ingest.ScheduledSource{ID: cmd.ID, Dataset: cmd.Dataset, URL: source, Every: cmd.Every}, o)
	})
}

type sourceRemove struct {
	place
	ID string `arg:"" help:"Name of the source."`
}

// Run is the command.
func (cmd sourceRemove) Run(ctx context.Context, log *slog.Logger) error {
	return cmd.run(ctx, log, func(d *deployment) error { return ingest.Unschedule(ctx, d.db, cmd.ID) })
}
