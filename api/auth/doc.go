// Package auth knows who is who: accounts of the staff, sign-in, sessions.
//
// The model of security:
//
//   - A session is a random token of 256 bits in a cookie (HttpOnly,
//     SameSite=Lax, __Host- and Secure over https); the database holds its SHA-256.
//     It ends after 30 minutes without a request, after 12 hours in any case, and
//     gets a new token at every step of signing in, so that a token planted before
//     is worth nothing.
//   - Until all steps are done (password, code, a new password where one was
//     given out, a second factor where the role needs it) a session opens nothing but
//     the next step. Stage says which.
//   - Passwords follow NIST SP 800-63B: at least 12 characters, no rules of
//     composition, not the commonest ones and not one's own name; stored as argon2id
//     (RFC 9106). An unknown name costs the same work and gets the same sentence as
//     a wrong password, and is throttled alike.
//   - Attempts are counted before the password is looked at, so that many at once
//     cannot slip through, per name and address, per name, and per address.
//   - The second factor is TOTP (RFC 6238), a code once only; its secret is
//     sealed with the deployment's key. Administrators must have one.
//   - Single sign-on (OpenID Connect) proves who somebody is; what the account
//     may do is decided here alone.
//
// Citizens need no account; who wants one has it in tables of its own, with
// sessions of its own (Citizens).
//
// Every change of an account of the staff is a row of booking.audit, which nobody can change.
package auth
