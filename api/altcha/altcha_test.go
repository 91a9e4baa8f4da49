package altcha

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
)

var secret = []byte("a key of thirty-two bytes or more")

func now() time.Time { return time.Unix(1_800_000_000, 0) }

// TestVector: the numbers were computed with OpenSSL:
// printf '%s' "$salt$number" | openssl dgst -sha256, and -hmac for the signature.
func TestVector(t *testing.T) {
	c := challenge([]byte("signing key"), "0123456789abcdef01234567", time.Unix(1_800_000_600, 0), 42, 1000)
	want := Challenge{Algorithm: "SHA-256", MaxNumber: 1000, Salt: "0123456789abcdef01234567?expires=1800000600&",
		Challenge: vectorChallenge, Signature: vectorSignature}
	if c != want {
		t.Errorf("%+v\nwant %+v", c, want)
	}
}

func TestSolveAndVerify(t *testing.T) {
	c, err := New(secret, now().Add(time.Minute), 5000)
	if err != nil {
		t.Fatal(err)
	}
	text, err := Solve(c)
	if err != nil {
		t.Fatal(err)
	}
	first, err := Verify(secret, text, now())
	if err != nil || !first.Expires.Equal(now().Add(time.Minute)) {
		t.Fatal(first, err)
	}
	if again, err := Verify(secret, text, now().Add(59*time.Second)); err != nil || again.ID != first.ID {
		t.Error("the same solution has another id", err)
	}
	if _, err := Verify(secret, text, now().Add(time.Minute)); key(err) != "altcha.expired" {
		t.Error("at the expiry:", err)
	}
	if _, err := Verify([]byte("another key"), text, now()); key(err) != "altcha.wrong" {
		t.Error("another key:", err)
	}
	c.MaxNumber = -1
	if _, err := Solve(c); key(err) != "altcha.unsolvable" {
		t.Error("unsolvable:", err)
	}
}

func TestForged(t *testing.T) {
	c := challenge(secret, "00", now().Add(time.Minute), 123, 1000)
	honest := payload{Algorithm: Algorithm, Challenge: c.Challenge, Number: 123, Salt: c.Salt, Signature: c.Signature}
	encode := func(change func(*payload)) string {
		p := honest
		change(&p)
		raw, _ := json.Marshal(p)
		return base64.StdEncoding.EncodeToString(raw)
	}
	if _, err := Verify(secret, encode(func(*payload) {}), now()); err != nil {
		t.Fatal("the honest one:", err)
	}
	later := strings.Replace(c.Salt, "1800000060", "1900000060", 1)
	for name, text := range map[string]string{
		"not base64": "{}", "not JSON": base64.StdEncoding.EncodeToString([]byte("x")), "too long": strings.Repeat("A", 4000),
		"another number":   encode(func(p *payload) { p.Number = 124 }),
		"negative":         encode(func(p *payload) { p.Number = -123 }),
		"another hash":     encode(func(p *payload) { p.Algorithm = "SHA-1" }),
		"another expiry":   encode(func(p *payload) { p.Salt = later }),
		"own challenge":    encode(func(p *payload) { p.Salt, p.Challenge = later, work(later, p.Number) }),
		"digits moved":     encode(func(p *payload) { p.Salt, p.Number = c.Salt+"1", 23 }),
		"no signature":     encode(func(p *payload) { p.Signature = "" }),
		"upper case":       encode(func(p *payload) { p.Challenge = strings.ToUpper(p.Challenge) }),
		"no expiry at all": encode(func(p *payload) { p.Salt = "00" }),
	} {
		if _, err := Verify(secret, text, now()); key(err) != "altcha.wrong" || ortsnah.KindOf(err) != ortsnah.Unproven {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Verify(secret, "", now()); key(err) != "altcha.missing" {
		t.Error("nothing:", err)
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("eyJhbGdvcml0aG0iOiJTSEEtMjU2In0=")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := Verify(secret, text, now()); err == nil {
			t.Error("a guess was accepted:", text)
		}
	})
}

func key(err error) string {
	if e, ok := errors.AsType[*ortsnah.Error](err); ok {
		return e.Key
	}
	return ""
}

const (
	vectorChallenge = "aca5f002c97417e1a88d584f2900b419b31d5cb1a69d387f5d48ddb33e28f455"
	vectorSignature = "5a0711c3f8a273ab0beb72cf17a6b59d40c7cfaf54c8befd1f33ef30fa650ef2"
)
