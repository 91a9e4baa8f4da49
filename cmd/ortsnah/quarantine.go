package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"text/tabwriter"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/ingest"
)

type quarantineCommand struct {
	List    quarantineList    `cmd:"" default:"withargs" help:"List rows in quarantine."`
	Show    quarantineShow    `cmd:"" help:"Show one row: where, why, and its original bytes."`
	Retry   quarantineRetry   `cmd:"" help:"Read rows again, as they came, with other options, or corrected."`
	Dismiss quarantineDismiss `cmd:"" help:"Take rows off the list; they stay in the database."`
}

type quarantineList struct {
	place
	Dataset string `placeholder:"ID" help:"Only this dataset."`
	Limit   int    `default:"100" help:"At most this many (${default})."`
	JSON    bool   `name:"json" help:"Print as JSON lines."`
}

// Run is the command.
func (cmd quarantineList) Run(ctx context.Context, c console, log *slog.Logger) error {
	return cmd.run(ctx, log, func(d *deployment) error {
		rows, err := ingest.Quarantine(ctx, d.db, cmd.Dataset, cmd.Limit)
		if err != nil {
			return err
		}
		if cmd.JSON {
			enc := json.NewEncoder(c.out)
			for _, q := range rows {
				if err := enc.Encode(quarantinedJSON(q)); err != nil {
					return err
				}
			}
			return nil
		}
		if len(rows) == 0 {
			c.say("%s", i18n.Text(c.lang(), "cmd.quarantine_empty", nil))
			return nil
		}
		table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tDATASET\tFILE\tLINE\tFEATURE\tKEY\tSEEN\tREASON")
		for _, q := range rows {
			fmt.Fprintf(table, "%d\t%s\t%s\t%d\t%d\t%s\t%d\t%s\n", q.ID, q.Dataset, q.File, q.Line, q.Feature, q.Key, q.Seen,
				i18n.Error(c.lang(), q.Reason()))
		}
		return table.Flush()
	})
}

func quarantinedJSON(q ingest.Quarantined) any {
	return map[string]any{"id": q.ID, "dataset": q.Dataset, "source": q.Source, "file": q.File, "line": q.Line,
		"feature": q.Feature, "byte_offset": q.ByteOffset, "byte_length": q.ByteLength, "key": q.Key, "seen": q.Seen,
		"state": q.State, "reason": q.ReasonKey, "detail": i18n.Error("de", q.Reason()), "detail_en": i18n.Error("en", q.Reason()),
		"created": q.Created}
}

type quarantineShow struct {
	place
	ID int64 `arg:"" help:"Number of the row."`
}

// Run is the command.
func (cmd quarantineShow) Run(ctx context.Context, c console, log *slog.Logger) error {
	return cmd.run(ctx, log, func(d *deployment) error {
		q, err := ingest.FindQuarantined(ctx, d.db, cmd.ID)
		if err != nil {
			return err
		}
		c.say("%s: %s, %s, line %d, feature %d, byte %d+%d, %s", q.Dataset, q.Source, q.File, q.Line, q.Feature, q.ByteOffset, q.ByteLength, q.State)
		c.say("%s", i18n.Error(c.lang(), q.Reason()))
		_, err = c.out.Write(append(q.Original, '\n'))
		return err
	})
}

type quarantineRetry struct {
	place
	IDs      []int64 `arg:"" optional:"" name:"id" help:"Numbers of rows; none: all open rows of --dataset."`
	Dataset  string  `placeholder:"ID" help:"With no numbers: the dataset whose rows are tried."`
	File     string  `type:"existingfile" placeholder:"FILE" help:"Corrected bytes of the one row."`
	CRS      string  `name:"crs" placeholder:"EPSG:n" help:"Read it in this reference system."`
	Encoding string  `placeholder:"E" help:"Read it in this encoding."`
	SwapAxes bool    `help:"Swap the axes."`
}

// Run is the command.
func (cmd quarantineRetry) Run(ctx context.Context, c console, log *slog.Logger) error {
	var corrected []byte
	if cmd.File != "" {
		b, err := os.ReadFile(cmd.File)
		if err != nil {
			return err
		}
		corrected = b
	}
	srid, err := cmd.srid()
	if err != nil {
		return err
	}
	change := func(o *ingest.Options) {
		if srid != 0 {
			o.CRS = srid
		}
		if cmd.Encoding != "" {
			o.Encoding = cmd.Encoding
		}
		o.SwapAxes = o.SwapAxes != cmd.SwapAxes
	}
	return cmd.run(ctx, log, func(d *deployment) error {
		ids, err := cmd.rows(ctx, d)
		if err != nil {
			return err
		}
		left := 0
		for _, id := range ids {
			v, err := ingest.Retry(ctx, d.db, id, corrected, actor(), change)
			if err != nil {
				left++
				c.say("%d: %s", id, i18n.Error(c.lang(), err))
				continue
			}
			c.say("%s", i18n.Text(c.lang(), "cmd.retry_done", map[string]any{"id": id, "dataset": v.Dataset, "version": v.Number}))
		}
		if left > 0 {
			return errQuarantined
		}
		return nil
	})
}

func (cmd quarantineRetry) srid() (geo.SRID, error) {
	if cmd.CRS == "" {
		return 0, nil
	}
	return geo.ParseCRS(cmd.CRS)
}

func (cmd quarantineRetry) rows(ctx context.Context, d *deployment) ([]int64, error) {
	if len(cmd.IDs) > 0 {
		return cmd.IDs, nil
	}
	rows, err := ingest.Quarantine(ctx, d.db, cmd.Dataset, 100000)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, q := range rows {
		ids = append(ids, q.ID)
	}
	return ids, nil
}

type quarantineDismiss struct {
	place
	IDs []int64 `arg:"" name:"id" help:"Numbers of rows."`
}

// Run is the command.
func (cmd quarantineDismiss) Run(ctx context.Context, log *slog.Logger) error {
	return cmd.run(ctx, log, func(d *deployment) error {
		for _, id := range cmd.IDs {
			if err := ingest.Dismiss(ctx, d.db, id); err != nil {
				return err
			}
		}
		return nil
	})
}
