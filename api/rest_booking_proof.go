package api

import (
	"net/http"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/altcha"
	"github.com/ortsnah/ortsnah/booking"
)

// What a proof of work costs and how long a challenge holds: 50,000 hashes on
// average are a blink for one citizen and an obstacle for who wants thousands.
const (
	hardestNumber  = 100_000
	challengeHolds = 10 * time.Minute
)

// challenge answers GET /api/v1/challenge: a sum to solve before reserving.
func (s *Server) challenge(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	key, err := booking.ProofKey(r.Context(), s.DB)
	if err != nil {
		return err
	}
	c, err := altcha.New(key, s.Now().Add(challengeHolds), hardestNumber)
	if err != nil {
		return err
	}
	body, err := encoded(c)
	if err != nil {
		return err
	}
	return answerJSON(w, http.StatusOK, body)
}

// proven accepts a solution once (S45). Errors: Unproven altcha.….
func (s *Server) proven(r *http.Request, text string) error {
	key, err := booking.ProofKey(r.Context(), s.DB)
	if err != nil {
		return err
	}
	solution, err := altcha.Verify(key, text, s.Now())
	if err != nil {
		return err
	}
	first, err := booking.SpendProof(r.Context(), s.DB, solution.ID, solution.Expires, s.Now())
	if err == nil && !first {
		return ortsnah.E(ortsnah.Unproven, "altcha.spent").About("altcha")
	}
	return err
}

// human keeps programs from doing by pages what people do. A form field
// "altcha" with a solution counts against the bucket of reserving; without
// one, as a browser without JavaScript sends it, the bucket is a third as
// large. Errors: TooMany api.too_many, Unproven altcha.….
func (s *Server) human(r *http.Request) error {
	client := clientOf(r, s.Limits.TrustedProxies)
	if text := r.PostFormValue("altcha"); text != "" {
		if err := s.proven(r, text); err != nil {
			return err
		}
		return tooMany(s.limiters.holds.wait(client, s.Limits.Holds, s.Now()))
	}
	slow := Rate{PerMinute: (s.Limits.Holds.PerMinute + 2) / 3, Burst: (s.Limits.Holds.Burst + 2) / 3}
	return tooMany(s.limiters.unproven.wait(client, slow, s.Now()))
}
