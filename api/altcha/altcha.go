// Package altcha is the server side of the proof-of-work protocol ALTCHA,
// version 1 (altcha.org, "Proof-of-Work mechanism"): who wants something does
// some hundredths of a second of work that nobody can do in advance. It tells
// people from programs without watching people: no cookie, no third party.
//
// A challenge is SHA-256(salt ‖ number) for a secret number; the client finds
// the number by trying. The server keeps nothing: it signs the challenge
// (HMAC-SHA-256) and finds the expiry in the salt. That a solution counts only
// once is for the caller, who remembers Solution.ID until it expires.
package altcha

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
)

// Algorithm is the only one spoken here.
const Algorithm = "SHA-256"

// Challenge is what a client has to solve, in the form that the ALTCHA widget
// reads.
type Challenge struct {
	Algorithm string `json:"algorithm"`
	Challenge string `json:"challenge"` // hex of SHA-256(salt ‖ decimal number)
	MaxNumber int64  `json:"maxnumber"`
	Salt      string `json:"salt"`      // hex, then ?expires=<Unix seconds>&
	Signature string `json:"signature"` // hex of the HMAC of Challenge
}

// payload is what the client sends back: base64 of this as JSON.
type payload struct {
	Algorithm string `json:"algorithm"`
	Challenge string `json:"challenge"`
	Number    int64  `json:"number"`
	Salt      string `json:"salt"`
	Signature string `json:"signature"`
	Took      int64  `json:"took,omitempty"` // milliseconds; not looked at
}

// Solution is a proof that was accepted. ID names the challenge: whoever
// accepts it must not accept it again before Expires.
type Solution struct {
	ID      [sha256.Size]byte
	Expires time.Time
}

// New makes a challenge that holds until expires, whose number is below
// maxNumber: the work is maxNumber/2 hashes on average.
func New(key []byte, expires time.Time, maxNumber int64) (Challenge, error) {
	salt := make([]byte, 12)
	if _, err := rand.Read(salt); err != nil {
		return Challenge{}, err
	}
	number, err := rand.Int(rand.Reader, big.NewInt(maxNumber))
	if err != nil {
		return Challenge{}, err
	}
	return challenge(key, hex.EncodeToString(salt), expires, number.Int64(), maxNumber), nil
}

// challenge ends the salt with "&": else digits could wander from the number
// into the expiry without changing the hash.
func challenge(key []byte, salt string, expires time.Time, number, maxNumber int64) Challenge {
	salt += "?expires=" + strconv.FormatInt(expires.Unix(), 10) + "&"
	c := Challenge{Algorithm: Algorithm, Challenge: work(salt, number), MaxNumber: maxNumber, Salt: salt}
	c.Signature = sign(key, c.Challenge)
	return c
}

func work(salt string, number int64) string {
	sum := sha256.Sum256(strconv.AppendInt([]byte(salt), number, 10))
	return hex.EncodeToString(sum[:])
}

func sign(key []byte, challenge string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(challenge))
	return hex.EncodeToString(mac.Sum(nil))
}

// longestPayload bounds what is decoded; an honest one has about 350 bytes.
const longestPayload = 2048

// Verify checks the payload that the widget sends (base64 of JSON). Errors:
// Unproven altcha.missing, altcha.wrong, and altcha.expired.
func Verify(key []byte, text string, now time.Time) (Solution, error) {
	if text == "" {
		return Solution{}, ortsnah.E(ortsnah.Unproven, "altcha.missing").About("altcha")
	}
	wrong := ortsnah.E(ortsnah.Unproven, "altcha.wrong").About("altcha")
	if len(text) > longestPayload {
		return Solution{}, wrong
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return Solution{}, wrong
	}
	var p payload
	if err := json.Unmarshal(raw, &p); err != nil {
		return Solution{}, wrong
	}
	expires, ok := expiry(p.Salt)
	if !ok || p.Algorithm != Algorithm || p.Number < 0 || p.Challenge != work(p.Salt, p.Number) ||
		!hmac.Equal([]byte(sign(key, p.Challenge)), []byte(p.Signature)) {
		return Solution{}, wrong
	}
	if !now.Before(expires) {
		return Solution{}, ortsnah.E(ortsnah.Unproven, "altcha.expired").About("altcha")
	}
	return Solution{ID: sha256.Sum256([]byte(p.Challenge)), Expires: expires}, nil
}

// expiry reads the parameter of a salt; ok is false when it is not one of ours.
func expiry(salt string) (expires time.Time, ok bool) {
	_, query, ok := strings.Cut(salt, "?")
	if !ok || !strings.HasSuffix(query, "&") {
		return time.Time{}, false
	}
	values, err := url.ParseQuery(strings.TrimSuffix(query, "&"))
	if err != nil || len(values) != 1 || len(values["expires"]) != 1 {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseInt(values.Get("expires"), 10, 64)
	return time.Unix(seconds, 0), err == nil
}

// Solve does the work and returns the payload: for clients in Go and tests.
// Error: Invalid altcha.unsolvable when no number up to MaxNumber fits.
func Solve(c Challenge) (string, error) {
	for n := int64(0); n <= c.MaxNumber; n++ {
		if work(c.Salt, n) != c.Challenge {
			continue
		}
		raw, err := json.Marshal(payload{Algorithm: c.Algorithm, Challenge: c.Challenge, Number: n, Salt: c.Salt, Signature: c.Signature})
		return base64.StdEncoding.EncodeToString(raw), err
	}
	return "", ortsnah.E(ortsnah.Invalid, "altcha.unsolvable")
}
