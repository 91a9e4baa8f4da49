package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"

	"github.com/alecthomas/kong"
	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
)

type migrateCommand struct{ place }

// Run is the command: opening the place migrates it.
func (cmd migrateCommand) Run(ctx context.Context, log *slog.Logger) error {
	return cmd.run(ctx, log, func(*deployment) error { return nil })
}

type versionCommand struct{}

// Run is the command.
func (versionCommand) Run(c console) error {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
	}
	_, err := fmt.Fprintf(c.out, "ortsnah %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

type configCommand struct{}

// Run is the command: every flag of every command with its value here and
// now, and the variable that sets it.
func (configCommand) Run(c console, k *kong.Kong) error {
	for _, cmd := range k.Model.Leaves(true) {
		for _, f := range cmd.Flags {
			value := os.Getenv(first(f.Envs))
			if value == "" {
				value = f.Default
			}
			if f.Name == "help" || f.Hidden {
				continue
			}
			if _, err := fmt.Fprintf(c.out, "%-18s --%-16s %-32s %s\n", cmd.Path(), f.Name, first(f.Envs), hideLogin(f.Name, value)); err != nil {
				return err
			}
		}
	}
	return nil
}

func first(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}

// hideLogin keeps passwords in addresses of databases and mail servers off the
// screen.
func hideLogin(flag, value string) string {
	if value != "" && slices.Contains([]string{"database", "database-read", "smtp"}, flag) {
		return "(set)"
	}
	return value
}

// login is the database's address as libpq's variables: arguments, which may
// hold a password, would be visible to everyone on the machine.
func (d *deployment) login() ([]string, error) {
	url := d.url
	if d.cluster != nil {
		url = d.cluster.SuperURL()
	}
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, ortsnah.E(ortsnah.Invalid, "geo.bad_database_url").About("database")
	}
	return []string{"PGHOST=" + c.Host, "PGPORT=" + strconv.Itoa(int(c.Port)), "PGUSER=" + c.User,
		"PGDATABASE=" + c.Database, "PGPASSWORD=" + c.Password}, nil
}

type psqlCommand struct {
	place
	Args []string `arg:"" optional:"" passthrough:"" help:"Arguments for psql."`
}

// Run is the command.
func (cmd psqlCommand) Run(ctx context.Context, c console, log *slog.Logger) error {
	return cmd.run(ctx, log, func(d *deployment) error {
		args := cmd.Args
		if len(args) > 0 && args[0] == "--" {
			args = args[1:]
		}
		env, err := d.login()
		if err != nil {
			return err
		}
		p := exec.CommandContext(ctx, "psql", args...)
		p.Env = append(os.Environ(), env...)
		p.Stdin, p.Stdout, p.Stderr = c.in, c.out, c.err
		err = p.Run()
		if errors.Is(err, exec.ErrNotFound) {
			return ortsnah.E(ortsnah.Unavailable, "cmd.no_psql")
		}
		if _, failed := errors.AsType[*exec.ExitError](err); failed {
			return ortsnah.E(ortsnah.Invalid, "cmd.psql_failed")
		}
		return err
	})
}
