package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/oauth2"

	"github.com/ortsnah/ortsnah"
)

// Provider is an OpenID Connect provider that proves who somebody is
// (authorization code flow with PKCE, state and nonce; OpenID Connect Core 1.0,
// section 3.1). It is safe for concurrent use.
type Provider struct {
	Issuer   string // "https://login.example/realms/town"
	ClientID string
	Secret   string // of the client; "" for a public one
	// Claim names the claim that is the sign-in name at the first sign-in;
	// afterwards the subject counts, whatever the person is renamed to. Empty:
	// preferred_username.
	Claim string

	mu       sync.Mutex
	provider *oidc.Provider // found at the first use: the town serves when the provider is away
}

// handshakeTime is how long one may take at the provider.
const handshakeTime = 10 * time.Minute

// discovered asks the issuer for its endpoints and keys, once.
func (p *Provider) discovered(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.provider != nil {
		return p.provider, nil
	}
	// Keys are fetched with this context for as long as the program runs.
	lasting := oidc.ClientContext(context.WithoutCancel(ctx), &http.Client{Timeout: 10 * time.Second})
	found, err := oidc.NewProvider(lasting, p.Issuer)
	if err != nil {
		return nil, ortsnah.E(ortsnah.Unavailable, "auth.oidc_away").Because(err)
	}
	p.provider = found
	return found, nil
}

func (p *Provider) config(found *oidc.Provider, back string) oauth2.Config {
	return oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret, Endpoint: found.Endpoint(), RedirectURL: back,
		Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}
}

// Depart begins a single sign-on: url is where the browser goes, cookie what
// proves on its return that it is the same one. back is the absolute URL of the
// return, next the path that was wanted. Error: Unavailable auth.oidc_away.
func (d *Door) Depart(ctx context.Context, back, next string) (url, cookie string, err error) {
	found, err := d.OIDC.discovered(ctx)
	if err != nil {
		return "", "", err
	}
	state, nonce, verifier := rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	cookie, hash := newToken()
	_, err = d.DB.Exec(ctx, `INSERT INTO auth.handshake (cookie, state, nonce, verifier, next, ends)
		VALUES (@cookie, @state, @nonce, @verifier, @next, @ends)`, pgx.NamedArgs{"cookie": hash, "state": state,
		"nonce": nonce, "verifier": verifier, "next": next, "ends": d.Now().Add(handshakeTime)})
	config := d.OIDC.config(found, back)
	return config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), cookie, err
}

// Return is what came back from the provider.
type Return struct {
	Cookie, State, Code string
	Back                string // as given to Depart
	Device              string
}

type handshake struct{ State, Nonce, Verifier, Next string }

// Arrive ends a single sign-on and begins a session. Errors: Forbidden
// auth.oidc_failed (forged, late, replayed, refused by the provider),
// Forbidden auth.oidc_unknown, Unavailable auth.oidc_away.
func (d *Door) Arrive(ctx context.Context, r Return) (token string, stage Stage, next string, err error) {
	rows, err := d.DB.Query(ctx, `DELETE FROM auth.handshake WHERE cookie = $1 AND ends > $2 RETURNING state, nonce, verifier, next`,
		hashOf(r.Cookie), d.Now())
	if err != nil {
		return "", "", "", err
	}
	h, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[handshake])
	if errors.Is(err, pgx.ErrNoRows) || err == nil && subtle.ConstantTimeCompare([]byte(h.State), []byte(r.State)) != 1 {
		return "", "", "", ortsnah.E(ortsnah.Forbidden, "auth.oidc_failed")
	}
	if err != nil {
		return "", "", "", err
	}
	subject, name, err := d.proved(ctx, r, h)
	if err != nil {
		return "", "", "", err
	}
	k, err := d.accountOf(ctx, subject, name)
	if err != nil {
		return "", "", "", err
	}
	stage = k.next(NeedsCode, true)
	token, err = d.admit(ctx, k, stage, r.Device)
	return token, stage, h.Next, err
}

// proved exchanges the code for an ID token and checks it: signature, issuer,
// audience, expiry, nonce (OpenID Connect Core 1.0, section 3.1.3.7).
func (d *Door) proved(ctx context.Context, r Return, h handshake) (subject, name string, err error) {
	found, err := d.OIDC.discovered(ctx)
	if err != nil {
		return "", "", err
	}
	failed := func(cause error) error { return ortsnah.E(ortsnah.Forbidden, "auth.oidc_failed").Because(cause) }
	config := d.OIDC.config(found, r.Back)
	asking := oidc.ClientContext(ctx, &http.Client{Timeout: 10 * time.Second})
	answer, err := config.Exchange(asking, r.Code, oauth2.VerifierOption(h.Verifier))
	if err != nil {
		return "", "", failed(reason(err))
	}
	raw, _ := answer.Extra("id_token").(string)
	id, err := found.Verifier(&oidc.Config{ClientID: d.OIDC.ClientID, Now: d.Now}).Verify(asking, raw)
	if err != nil {
		return "", "", failed(err)
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return "", "", failed(err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(h.Nonce)) != 1 {
		return "", "", failed(errors.New("the nonce is not ours"))
	}
	if party, _ := claims["azp"].(string); len(id.Audience) > 1 && party != d.OIDC.ClientID || id.Subject == "" {
		return "", "", failed(errors.New("the token was made for another party"))
	}
	claim := d.OIDC.Claim
	if claim == "" {
		claim = "preferred_username"
	}
	name, _ = claims[claim].(string)
	if verified, _ := claims["email_verified"].(bool); claim == "email" && !verified {
		name = ""
	}
	return id.Subject, signInName(name), nil
}

// reason keeps the body of the provider's answer, which may hold anything, out
// of the log.
func reason(err error) error {
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		return errors.New("the provider refused the code: " + strings.ToValidUTF8(refused.ErrorCode, "?"))
	}
	return err
}

// accountOf is the account of a subject; at its first sign-in the one called
// name, which then belongs to this subject for good.
func (d *Door) accountOf(ctx context.Context, subject, name string) (k known, err error) {
	unknown := ortsnah.E(ortsnah.Forbidden, "auth.oidc_unknown")
	err = pgx.BeginFunc(ctx, d.DB, func(tx pgx.Tx) error {
		var id string
		err := tx.QueryRow(ctx, `SELECT account FROM auth.identity WHERE issuer = $1 AND subject = $2`, d.OIDC.Issuer, subject).Scan(&id)
		if err == nil {
			k, err = d.known(ctx, tx, id)
			return err
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if k, err = d.known(ctx, tx, name); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO auth.identity (issuer, subject, account) VALUES ($1, $2, $3)`, d.OIDC.Issuer, subject, k.ID)
		if err != nil {
			return err
		}
		return d.audit(ctx, tx, Actor(k.ID), "link single sign-on", k.ID, nil)
	})
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.ConstraintName == "identity_is_one_per_account" {
		return known{}, unknown // the name belongs to another subject
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return known{}, unknown
	}
	return k, err
}
