package api

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/ortsnah/ortsnah/booking"
)

// unmetMemory remembers for an hour which searches were counted, so that who
// tries again and again is one citizen and not twenty. It holds hashes under
// a key that ends with the program, in memory only.
type unmetMemory struct {
	mu   sync.Mutex
	key  [32]byte
	seen map[[sha256.Size]byte]time.Time
}

const (
	rememberUnmet = time.Hour
	mostUnmet     = 50_000
)

// first says whether what is new, and remembers it.
func (m *unmetMemory) first(what string, now time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil {
		if _, err := rand.Read(m.key[:]); err != nil {
			return false, err
		}
		m.seen = map[[sha256.Size]byte]time.Time{}
	}
	hash := sha256.Sum256(append(m.key[:], what...))
	if since, ok := m.seen[hash]; ok && now.Sub(since) < rememberUnmet {
		return false, nil
	}
	if len(m.seen) >= mostUnmet {
		clear(m.seen)
	}
	m.seen[hash] = now
	return true, nil
}

// noteUnmet writes one anonymous row about a search that found nothing (S46):
// once per client, concern and reason within an hour. A question that lacks a
// name or a place, or is about something that needs no appointment, is no
// unmet demand.
func (s *Server) noteUnmet(r *http.Request, q booking.Request, found booking.Search) error {
	switch found.Why {
	case "", booking.WhyName, booking.WhyPlace, booking.WhyNoVisit, booking.WhyChannel:
		return nil
	}
	for _, concern := range q.Concerns {
		what := fmt.Sprint(clientOf(r, s.Limits.TrustedProxies), concern, found.Why, q.Where)
		first, err := s.unmet.first(what, s.Now())
		if err != nil {
			return err
		}
		if !first {
			continue
		}
		u := booking.Unmet{Concern: concern, Where: q.Where, Day: s.Now().In(s.Zone), Reason: found.Why}
		if err := booking.NoteUnmet(r.Context(), s.DB, u); err != nil {
			return err
		}
	}
	return nil
}
