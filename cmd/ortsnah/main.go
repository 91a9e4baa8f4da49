// Command ortsnah is the whole program: `ortsnah demo` shows a town in one
// step, `ortsnah serve` runs one, the other commands work on its data. Each
// command is a struct in a file of its own; flags, ORTSNAH_* variables and the
// configuration file have the same names.
//
// Exit codes: 0 done, 1 failed, 2 wrong usage, 3 finished but some rows were
// quarantined. Messages go to stderr, data to stdout.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // wall times are right on machines without zone files

	"github.com/alecthomas/kong"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/ingest"
	"github.com/ortsnah/ortsnah/publish"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the default is back: a second one ends at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], console{os.Stdin, os.Stdout, os.Stderr}))
}

// Exit codes of the contract.
const (
	exitDone = iota
	exitFailed
	exitUsage
	exitQuarantined
)

// errQuarantined ends a command that did its work but left rows behind.
var errQuarantined = errors.New("some rows were quarantined")

// console is where a command reads and writes.
type console struct {
	in       io.Reader
	out, err io.Writer
}

// say prints one message for the person at the terminal.
func (c console) say(format string, args ...any) {
	fmt.Fprintf(c.err, format+"\n", args...)
}

// lang is the language of the terminal: German where the locale says so.
func (c console) lang() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(v, "de") {
				return "de"
			}
			return "en"
		}
	}
	return "en"
}

// commands is the command line.
type commands struct {
	Demo       demoCommand       `cmd:"" help:"Serve the demo town on a private database."`
	Serve      serveCommand      `cmd:"" help:"Serve a town."`
	Ingest     ingestCommand     `cmd:"" help:"Import a file, folder, URL or standard input (-) into a dataset."`
	Quarantine quarantineCommand `cmd:"" help:"List, show, retry or dismiss rows that imports could not use."`
	Source     sourceCommand     `cmd:"" help:"List, add or remove sources that serve imports on a schedule."`
	Publish    publishCommand    `cmd:"" help:"Write snapshot files of datasets that changed."`
	Export     exportCommand     `cmd:"" help:"Write one dataset in one format."`
	Census     censusCommand     `cmd:"" help:"Import a census grid as demand of the station planning."`
	Floorplan  floorplanCommand  `cmd:"" help:"Replace the floor plan of a building."`
	Siting     sitingCommand     `cmd:"" help:"Choose sites with a proof, or check a proof."`
	User       userCommand       `cmd:"" help:"List, add, lock or unlock accounts of the staff, give passwords."`
	Migrate    migrateCommand    `cmd:"" help:"Bring the database up to date and stop."`
	Config     configCommand     `cmd:"" help:"Show the configuration in force."`
	Psql       psqlCommand       `cmd:"" help:"Open psql on the database."`
	Version    versionCommand    `cmd:"" help:"Show the version."`

	ConfigFile kong.ConfigFlag `name:"config-file" placeholder:"FILE" help:"JSON file with flags by name, e.g. {\"serve\":{\"listen\":\"…\"}}."`
	LogFormat  string          `enum:"text,json" default:"text" help:"Format of log lines: text or json."`
}

// run parses the arguments, runs the command and returns the exit code.
func run(ctx context.Context, args []string, c console) int {
	var cli commands
	code := -1
	parser, err := kong.New(&cli, kong.Name("ortsnah"),
		kong.Description("Ortsnah: a town's map, open data and nearest town hall."),
		kong.DefaultEnvars("ORTSNAH"), kong.Configuration(kong.JSON),
		kong.Vars{"data": defaultData("ortsnah"), "demo_data": defaultData("ortsnah-demo"),
			"formats":        names(ingest.Formats(), func(f ingest.Format) string { return f.Name }),
			"export_formats": names(publish.Formats(), func(f publish.Format) string { return f.Name })},
		kong.Writers(c.out, c.err), kong.UsageOnError(), kong.Exit(func(n int) { code = n }),
		kong.Bind(c), kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		c.say("ortsnah: %v", err)
		return exitFailed
	}
	parsed, err := parser.Parse(args)
	if code >= 0 { // --help was answered
		return code
	}
	if err != nil {
		c.say("ortsnah: %v", err)
		c.say("%s", i18n.Text(c.lang(), "cmd.usage_hint", nil))
		return exitUsage
	}
	return exitCode(parsed.Run(newLogger(c, cli.LogFormat)), c)
}

func names[T any](list []T, name func(T) string) string {
	var all []string
	for _, f := range list {
		all = append(all, name(f))
	}
	return strings.Join(all, ", ")
}

func exitCode(err error, c console) int {
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errQuarantined):
		return exitQuarantined
	case errors.Is(err, context.Canceled):
		c.say("%s", i18n.Text(c.lang(), "cmd.interrupted", nil))
		return exitFailed
	}
	c.say("ortsnah: %s", i18n.Error(c.lang(), err))
	if e, ok := errors.AsType[*ortsnah.Error](err); ok {
		if reason, ok := errors.AsType[*ortsnah.Error](e.Err); ok { // the one row that stands for all
			c.say("  %s", i18n.Error(c.lang(), reason))
		}
	}
	if os.Getenv("ORTSNAH_DEBUG") != "" {
		c.say("  %v", err)
	}
	return exitFailed
}

func newLogger(c console, format string) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(c.err, nil))
	}
	return slog.New(slog.NewTextHandler(c.err, nil))
}
