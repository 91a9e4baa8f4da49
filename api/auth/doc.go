// Package auth knows who of the staff is who: accounts, sign-in, sessions.
package auth
