package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/api/i18n"
)

type userCommand struct {
	List   userList   `cmd:"" default:"withargs" help:"List accounts of the staff."`
	Add    userAdd    `cmd:"" help:"Add an account. The password is typed, read from standard input, or made and shown once."`
	Lock   userLock   `cmd:"" help:"Keep an account out; its sign-ins end at once."`
	Unlock userUnlock `cmd:"" help:"Let a locked account in again."`
	Passwd userPasswd `cmd:"" help:"Give an account a new password."`
}

// console is in whose name accounts are changed here.
func (console) actor() ortsnah.Actor { return ortsnah.System("ortsnah user") }

func (d *deployment) door() *auth.Door { return auth.NewDoor(d.db, nil, time.Now) }

type userList struct {
	place
	JSON bool `name:"json" help:"Write JSON."`
}

// listedUser is an account as --json writes it.
type listedUser struct {
	ID           string      `json:"id"`
	Name         string      `json:"name"`
	Roles        []auth.Role `json:"roles"`
	Clerk        string      `json:"clerk,omitempty"`
	Office       string      `json:"office,omitempty"`
	Site         string      `json:"site,omitempty"`
	Locked       bool        `json:"locked"`
	SecondFactor bool        `json:"second_factor"`
}

// Run is the command.
func (cmd userList) Run(ctx context.Context, c console, log *slog.Logger) error {
	return cmd.run(ctx, log, func(d *deployment) error {
		all, err := auth.Entries(ctx, d.db, "")
		if err != nil {
			return err
		}
		if cmd.JSON {
			list := make([]listedUser, len(all))
			for i, e := range all {
				list[i] = listedUser{e.ID, e.Name, e.Roles, e.ClerkCode, e.Office, e.Site, !e.Active, e.SecondFactor}
			}
			return json.NewEncoder(c.out).Encode(list)
		}
		table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tNAME\tROLES\tCLERK\tSTATE")
		for _, e := range all {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", e.ID, e.Name, joined(e.Roles), e.ClerkCode, stateOf(e))
		}
		return table.Flush()
	})
}

func joined(roles []auth.Role) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return strings.Join(names, ",")
}

func stateOf(e auth.Entry) string {
	switch {
	case !e.Active:
		return "locked"
	case e.MustChange:
		return "new password"
	}
	return "active"
}

// givenPassword is how commands come by a password.
type givenPassword struct {
	Generate bool `help:"Make a password and show it once; it must be changed at the first sign-in."`
	JSON     bool `name:"json" help:"Write JSON."`
}

// read returns the password and whether it was made here. At a terminal it is
// asked for twice without showing it; an empty answer makes one.
func (g givenPassword) read(c console) (password string, made bool, err error) {
	if g.Generate {
		return auth.Invented(), true, nil
	}
	if f, ok := c.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return g.ask(c, f)
	}
	line, err := bufio.NewReader(io.LimitReader(c.in, 4096)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", false, err
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return auth.Invented(), true, nil
	}
	return line, false, nil
}

func (g givenPassword) ask(c console, f *os.File) (string, bool, error) {
	var typed [2]string
	for i, key := range []string{"cmd.password", "cmd.password_again"} {
		fmt.Fprint(c.err, i18n.Text(c.lang(), key, nil)+" ")
		raw, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(c.err)
		if err != nil {
			return "", false, err
		}
		if typed[i] = string(raw); i == 0 && len(raw) == 0 {
			return auth.Invented(), true, nil
		}
	}
	if typed[0] != typed[1] {
		return "", false, ortsnah.E(ortsnah.Invalid, "auth.password_differs")
	}
	return typed[0], false, nil
}

// tell shows a password that was made here, once.
func (g givenPassword) tell(c console, id, password string, made bool) error {
	if !made {
		password = ""
	}
	if g.JSON {
		return json.NewEncoder(c.out).Encode(struct {
			ID       string `json:"id"`
			Password string `json:"password,omitempty"`
		}{id, password})
	}
	if made {
		c.say("%s", i18n.Text(c.lang(), "cmd.password_made", map[string]any{"name": id}))
		_, err := fmt.Fprintln(c.out, password)
		return err
	}
	return nil
}

type userAdd struct {
	place
	givenPassword
	ID     string   `arg:"" help:"Sign-in name, e.g. erika.muster."`
	Name   string   `help:"The person's name; default: the sign-in name."`
	Role   []string `placeholder:"ROLE" help:"clerk, info_desk, gate, room_manager, planner, steward or administrator; may be repeated."`
	Clerk  string   `placeholder:"CODE" help:"Code of the clerk whose appointments these are."`
	Office string   `placeholder:"ID" help:"Office."`
	Site   string   `placeholder:"ID" help:"Building of a gate or info desk."`
	Keep   bool     `help:"The password need not be changed at the first sign-in."`
}

// Run is the command.
func (cmd userAdd) Run(ctx context.Context, c console, log *slog.Logger) error {
	change := auth.Change{ID: strings.ToLower(cmd.ID), Name: cmd.Name, Clerk: cmd.Clerk, Office: cmd.Office, Site: cmd.Site}
	if change.Name == "" {
		change.Name = change.ID
	}
	for _, r := range cmd.Role {
		change.Roles = append(change.Roles, auth.Role(r))
	}
	password, made, err := cmd.read(c)
	if err != nil {
		return err
	}
	return cmd.run(ctx, log, func(d *deployment) error {
		if err := d.door().Add(ctx, c.actor(), change, password, !cmd.Keep); err != nil {
			return err
		}
		return cmd.tell(c, change.ID, password, made)
	})
}

type userLock struct {
	place
	ID string `arg:"" help:"Sign-in name."`
}

// Run is the command.
func (cmd userLock) Run(ctx context.Context, c console, log *slog.Logger) error {
	return cmd.run(ctx, log, func(d *deployment) error { return d.door().Lock(ctx, c.actor(), cmd.ID, true) })
}

type userUnlock struct {
	place
	ID string `arg:"" help:"Sign-in name."`
}

// Run is the command.
func (cmd userUnlock) Run(ctx context.Context, c console, log *slog.Logger) error {
	return cmd.run(ctx, log, func(d *deployment) error { return d.door().Lock(ctx, c.actor(), cmd.ID, false) })
}

type userPasswd struct {
	place
	givenPassword
	ID          string `arg:"" help:"Sign-in name."`
	ResetFactor bool   `help:"Remove the second factor, too: its device is lost."`
	Keep        bool   `help:"The password need not be changed at the next sign-in."`
}

// Run is the command.
func (cmd userPasswd) Run(ctx context.Context, c console, log *slog.Logger) error {
	password, made, err := cmd.read(c)
	if err != nil {
		return err
	}
	return cmd.run(ctx, log, func(d *deployment) error {
		if err := d.door().Reset(ctx, c.actor(), cmd.ID, password, !cmd.Keep); err != nil {
			return err
		}
		if cmd.ResetFactor {
			if err := d.door().ResetSecondFactor(ctx, c.actor(), cmd.ID); err != nil {
				return err
			}
		}
		return cmd.tell(c, cmd.ID, password, made)
	})
}
