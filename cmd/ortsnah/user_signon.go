package main

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/booking/seal"
)

// signOn are the flags of an OpenID Connect provider for the staff.
type signOn struct {
	OIDCIssuer     string `name:"oidc-issuer" placeholder:"URL" help:"OpenID Connect provider of the staff's single sign-on."`
	OIDCClientID   string `name:"oidc-client-id" placeholder:"ID" help:"This program's id there."`
	OIDCSecretFile string `name:"oidc-secret-file" placeholder:"FILE" help:"File with the client's secret; none for a public client."`
	OIDCClaim      string `name:"oidc-claim" default:"preferred_username" placeholder:"NAME" help:"Claim that is the sign-in name (${default})."`
}

// apply gives door the configured provider, if there is one.
func (o signOn) apply(door *auth.Door) error {
	if o.OIDCIssuer == "" {
		return nil
	}
	if o.OIDCClientID == "" {
		return ortsnah.E(ortsnah.Invalid, "auth.oidc_config", "what", "--oidc-client-id").About("oidc-client-id")
	}
	p := &auth.Provider{Issuer: o.OIDCIssuer, ClientID: o.OIDCClientID, Claim: o.OIDCClaim}
	if o.OIDCSecretFile != "" {
		secret, err := os.ReadFile(o.OIDCSecretFile)
		if err != nil {
			return ortsnah.E(ortsnah.Invalid, "auth.oidc_config", "what", "--oidc-secret-file").About("oidc-secret-file").Because(err)
		}
		p.Secret = strings.TrimSpace(string(secret))
	}
	door.OIDC = p
	return nil
}

// staff is the door of a served town.
func (l listening) staff(d *deployment) (*auth.Door, error) {
	keys, err := d.keys()
	if err != nil {
		return nil, err
	}
	door := auth.NewDoor(d.db, keys, time.Now)
	return door, l.apply(door)
}

// keys is the deployment's keyring.
func (d *deployment) keys() (*seal.Keyring, error) { return seal.Open(d.keyFile) }

// sweepSessions removes what has ended and keeps second factors under the
// newest key.
func sweepSessions(ctx context.Context, w *work) error {
	keys, err := w.d.keys()
	if err != nil {
		return err
	}
	door := auth.NewDoor(w.d.db, keys, time.Now)
	if n, err := door.Reseal(ctx); err != nil {
		return err
	} else if n > 0 {
		w.log.Info("second factors sealed with the newest key", "count", n)
	}
	if _, err := door.Citizens().Reseal(ctx); err != nil {
		return err
	}
	if _, err := door.Citizens().Sweep(ctx); err != nil {
		return err
	}
	return door.Sweep(ctx)
}
