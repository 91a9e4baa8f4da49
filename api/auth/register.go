package auth

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// AllRoles are the roles in the order in which they are listed.
func AllRoles() []Role {
	return []Role{Clerk, InfoDesk, Gate, RoomManager, Planner, Steward, Administrator}
}

// Entry is an account as administrators see it.
type Entry struct {
	Account
	ClerkCode    string     // code of the clerk's resource, "" when no clerk
	Active       bool       // false: locked
	MustChange   bool       // the password was given out
	HasPassword  bool       // false: single sign-on only
	SecondFactor bool       // TOTP is set up
	LastSignIn   *time.Time // the day; nil: never
}

type entryRow struct {
	ID, Name, Office, Site, ClerkCode             string
	Roles                                         []Role
	Clerk                                         int
	Active, MustChange, HasPassword, SecondFactor bool
	LastSignIn                                    *time.Time
}

// Entries lists all accounts by name; with id only that one.
func Entries(ctx context.Context, db postgis.DB, id string) ([]Entry, error) {
	rows, err := db.Query(ctx, `SELECT a.id, a.name, a.roles, coalesce(a.clerk, 0) AS clerk, coalesce(a.office, '') AS office,
			coalesce(a.site, '') AS site, coalesce(r.code, '') AS clerk_code, a.active, a.must_change,
			a.password <> '' AS has_password, a.totp IS NOT NULL AS second_factor, a.last_sign_in
		FROM auth.account a LEFT JOIN booking.resource r ON r.id = a.clerk
		WHERE @id = '' OR a.id = @id ORDER BY a.name, a.id`, pgx.NamedArgs{"id": id})
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[entryRow])
	entries := make([]Entry, len(list))
	for i, r := range list {
		entries[i] = Entry{Account: Account{ID: r.ID, Name: r.Name, Roles: r.Roles, Clerk: r.Clerk, Office: r.Office, Site: r.Site},
			ClerkCode: r.ClerkCode, Active: r.Active, MustChange: r.MustChange, HasPassword: r.HasPassword,
			SecondFactor: r.SecondFactor, LastSignIn: r.LastSignIn}
	}
	return entries, err
}

// EntryOf is the account called id. Error: NotFound auth.no_account.
func EntryOf(ctx context.Context, db postgis.DB, id string) (Entry, error) {
	list, err := Entries(ctx, db, id)
	if err != nil {
		return Entry{}, err
	}
	if id == "" || len(list) != 1 {
		return Entry{}, ortsnah.E(ortsnah.NotFound, "auth.no_account", "name", id)
	}
	return list[0], nil
}

// Change is a new account, or what an account shall be.
type Change struct {
	ID, Name     string
	Roles        []Role
	Clerk        string // code of a clerk; "" none
	Office, Site string // ids; "" none
}

var signInNames = regexp.MustCompile(`^[a-z0-9]+([.@_-][a-z0-9]+)*$`)

// check finds what is wrong with c and looks its clerk up.
func (c Change) check(ctx context.Context, db postgis.DB) (clerk *int, err error) {
	if !signInNames.MatchString(c.ID) || len(c.ID) > 60 {
		return nil, ortsnah.E(ortsnah.Invalid, "auth.bad_name", "name", c.ID).About("id")
	}
	if c.Name == "" || len(c.Name) > 200 {
		return nil, ortsnah.E(ortsnah.Invalid, "auth.name_missing").About("name")
	}
	for _, r := range c.Roles {
		if !slices.Contains(AllRoles(), r) {
			return nil, ortsnah.E(ortsnah.Invalid, "auth.no_role", "role", string(r)).About("roles")
		}
	}
	if c.Clerk == "" {
		if slices.Contains(c.Roles, Clerk) {
			return nil, ortsnah.E(ortsnah.Invalid, "auth.clerk_missing").About("clerk")
		}
		return nil, nil
	}
	var id int
	err = db.QueryRow(ctx, `SELECT c.resource FROM booking.clerk c JOIN booking.resource r ON r.id = c.resource WHERE r.code = $1`, c.Clerk).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ortsnah.E(ortsnah.Invalid, "auth.no_clerk", "code", c.Clerk).About("clerk")
	}
	return &id, err
}

// Add makes an account. password is what it was given out; "" makes an account
// for single sign-on only. mustChange asks for one of its own at the first
// sign-in. Errors: Conflict auth.name_taken, Invalid auth.….
func (d *Door) Add(ctx context.Context, by ortsnah.Actor, c Change, password string, mustChange bool) error {
	phc := ""
	if password != "" {
		if err := CheckPassword(password, c.ID, c.Name); err != nil {
			return err
		}
		var err error
		if phc, err = d.hash(ctx, password); err != nil {
			return err
		}
	}
	return pgx.BeginFunc(ctx, d.DB, func(tx pgx.Tx) error {
		clerk, err := c.check(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO auth.account (id, name, password, must_change, roles, clerk, office, site, created)
			VALUES (@id, @name, @password, @must_change, @roles, @clerk, nullif(@office, ''), nullif(@site, ''), @now)`,
			pgx.NamedArgs{"id": c.ID, "name": c.Name, "password": phc, "must_change": mustChange && phc != "",
				"roles": roleNames(c.Roles), "clerk": clerk, "office": c.Office, "site": c.Site, "now": d.Now()})
		if err != nil {
			return explained(err, c)
		}
		return d.audit(ctx, tx, by, "add account", c.ID, map[string]any{"roles": roleNames(c.Roles)})
	})
}

// explained says what is wrong where the database refuses an account.
func explained(err error, c Change) error {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return err
	}
	switch pg.ConstraintName {
	case "account_pkey":
		return ortsnah.E(ortsnah.Conflict, "auth.name_taken", "name", c.ID).About("id")
	case "account_office_fkey":
		return ortsnah.E(ortsnah.Invalid, "auth.no_office", "office", c.Office).About("office")
	case "account_site_fkey":
		return ortsnah.E(ortsnah.Invalid, "auth.no_site", "site", c.Site).About("site")
	}
	return err
}

// Edit gives an account other roles, name, clerk, office or site. Its sessions
// end where roles changed: rights are asked at the next sign-in. Errors: as of Add,
// NotFound auth.no_account, Conflict auth.last_administrator.
func (d *Door) Edit(ctx context.Context, by ortsnah.Actor, c Change) error {
	return d.change(ctx, c.ID, func(tx pgx.Tx, old Entry) error {
		clerk, err := c.check(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE auth.account SET name = @name, roles = @roles, clerk = @clerk, office = nullif(@office, ''),
			site = nullif(@site, '') WHERE id = @id`, pgx.NamedArgs{"id": c.ID, "name": c.Name, "roles": roleNames(c.Roles),
			"clerk": clerk, "office": c.Office, "site": c.Site})
		if err != nil {
			return explained(err, c)
		}
		if !slices.Equal(roleNames(old.Roles), roleNames(c.Roles)) {
			if err := revokeAll(ctx, tx, c.ID, ""); err != nil {
				return err
			}
		}
		return d.audit(ctx, tx, by, "edit account", c.ID, map[string]any{"roles": roleNames(c.Roles), "before": roleNames(old.Roles)})
	})
}

// Lock keeps an account out at once, or lets it in again. Errors: NotFound
// auth.no_account, Conflict auth.last_administrator.
func (d *Door) Lock(ctx context.Context, by ortsnah.Actor, id string, locked bool) error {
	return d.change(ctx, id, func(tx pgx.Tx, _ Entry) error {
		if _, err := tx.Exec(ctx, `UPDATE auth.account SET active = $2 WHERE id = $1`, id, !locked); err != nil {
			return err
		}
		action := "unlock account"
		if locked {
			action = "lock account"
			if err := revokeAll(ctx, tx, id, ""); err != nil {
				return err
			}
		}
		return d.audit(ctx, tx, by, action, id, nil)
	})
}

// Reset gives an account a password that was given out and ends its sessions.
// Errors: NotFound auth.no_account, Invalid auth.password_….
func (d *Door) Reset(ctx context.Context, by ortsnah.Actor, id, password string, mustChange bool) error {
	phc, err := d.hash(ctx, password)
	if err != nil {
		return err
	}
	return d.change(ctx, id, func(tx pgx.Tx, old Entry) error {
		if err := CheckPassword(password, id, old.Name); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE auth.account SET password = $2, must_change = $3 WHERE id = $1`, id, phc, mustChange)
		if err != nil {
			return err
		}
		if err := revokeAll(ctx, tx, id, ""); err != nil {
			return err
		}
		return d.audit(ctx, tx, by, "reset password", id, nil)
	})
}

// ResetSecondFactor removes the second factor of somebody who has lost it, and
// ends the sessions. Error: NotFound auth.no_account.
func (d *Door) ResetSecondFactor(ctx context.Context, by ortsnah.Actor, id string) error {
	return d.change(ctx, id, func(tx pgx.Tx, _ Entry) error {
		if err := revokeAll(ctx, tx, id, ""); err != nil {
			return err
		}
		return d.dropFactor(ctx, tx, by, id)
	})
}

// change runs f on a locked account and then holds the rule that a town
// which has an administrator who can sign in keeps one.
func (d *Door) change(ctx context.Context, id string, f func(pgx.Tx, Entry) error) error {
	return pgx.BeginFunc(ctx, d.DB, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `LOCK TABLE auth.account IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return err
		}
		old, err := EntryOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := f(tx, old); err != nil {
			return err
		}
		if !old.Has(Administrator) || !old.Active {
			return nil
		}
		var left bool
		err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM auth.account WHERE active AND 'administrator' = ANY (roles))`).Scan(&left)
		if err == nil && !left {
			err = ortsnah.E(ortsnah.Conflict, "auth.last_administrator")
		}
		return err
	})
}

func roleNames(roles []Role) []string {
	names := make([]string, 0, len(roles))
	for _, r := range AllRoles() {
		if slices.Contains(roles, r) {
			names = append(names, string(r))
		}
	}
	return names
}
