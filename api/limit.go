package api

import (
	"math"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/ortsnah/ortsnah"
)

// Limits say how often one client address may ask. A rate that is zero does
// not limit. Open data is never limited.
type Limits struct {
	Requests Rate // of everything about appointments
	Holds    Rate // of reserving, which takes something from others
	// TrustedProxies may say whom they ask for (X-Forwarded-For); what anybody
	// else says there is not believed.
	TrustedProxies []netip.Prefix
}

// Rate is a token bucket: Burst at once, PerMinute in the long run.
type Rate struct{ PerMinute, Burst int }

// UsualLimits suit a town: behind one address may be a school or all
// customers of a mobile network.
func UsualLimits() Limits {
	return Limits{Requests: Rate{PerMinute: 600, Burst: 300}, Holds: Rate{PerMinute: 30, Burst: 30}}
}

// limiter counts by client address. It forgets who has not been here for so
// long that the bucket is full again, and remembers a bounded number.
type limiter struct {
	mu      sync.Mutex
	buckets map[netip.Prefix]*bucket
}

type bucket struct {
	*rate.Limiter
	seen time.Time
}

// mostAddresses bounds the memory of a limiter to some megabytes.
const mostAddresses = 20_000

// wait takes a token for the client; positive is how long to wait for one.
func (l *limiter) wait(client netip.Prefix, r Rate, now time.Time) time.Duration {
	if r.PerMinute <= 0 {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.buckets[client]
	if !ok {
		l.makeRoom(r, now)
		b = &bucket{Limiter: rate.NewLimiter(rate.Limit(float64(r.PerMinute)/60), max(r.Burst, 1))}
		l.buckets[client] = b
	}
	b.seen = now
	reservation := b.ReserveN(now, 1)
	delay := reservation.DelayFrom(now)
	if delay > 0 {
		reservation.CancelAt(now)
	}
	return delay
}

// makeRoom forgets full buckets when there are many, then any: to be
// forgotten is to start with a full bucket, so forgetting errs on the side of
// the client.
func (l *limiter) makeRoom(r Rate, now time.Time) {
	if l.buckets == nil {
		l.buckets = map[netip.Prefix]*bucket{}
	}
	if len(l.buckets) < mostAddresses {
		return
	}
	full := time.Duration(float64(r.Burst) / float64(r.PerMinute) * float64(time.Minute))
	for client, b := range l.buckets {
		if now.Sub(b.seen) >= full {
			delete(l.buckets, client)
		}
	}
	for client := range l.buckets {
		if len(l.buckets) < mostAddresses*3/4 {
			return
		}
		delete(l.buckets, client)
	}
}

// limiters are those of a server.
type limiters struct {
	requests, holds, unproven limiter
	warned                    sync.Once
}

// limited answers 429 to whom asks too often about appointments.
func (s *Server) limited(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isLimited(r.URL.Path) {
			client := clientOf(r, s.Limits.TrustedProxies)
			s.warnOfProxy(r, client.Addr())
			if err := tooMany(s.limiters.requests.wait(client, s.Limits.Requests, s.Now())); err != nil {
				s.fail(w, r, err)
				return
			}
		}
		h.ServeHTTP(w, r)
	})
}

// warnOfProxy says once that a proxy of this network is not trusted: then all
// the town counts as one client.
func (s *Server) warnOfProxy(r *http.Request, client netip.Addr) {
	if s.Limits.Requests.PerMinute > 0 && r.Header.Get("X-Forwarded-For") != "" && (client.IsLoopback() || client.IsPrivate()) {
		s.limiters.warned.Do(func() {
			s.Log.Warn("requests come through a proxy that is not trusted: all its clients share one limit; set --trusted-proxy")
		})
	}
}

// isLimited tells what costs or reveals something from open data and assets.
func isLimited(path string) bool {
	path = strings.TrimPrefix(path, "/en")
	for _, prefix := range []string{"/api/v1/proposals", "/api/v1/holds", "/api/v1/appointments", "/api/v1/wishes",
		"/api/v1/challenge", "/termin", "/konto"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// mayHold takes one of the client's holds, or says TooMany.
func (s *Server) mayHold(r *http.Request) error {
	return tooMany(s.limiters.holds.wait(clientOf(r, s.Limits.TrustedProxies), s.Limits.Holds, s.Now()))
}

// tooMany says when it is possible again; nil where there is nothing to wait
// for.
func tooMany(wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	return ortsnah.E(ortsnah.TooMany, "api.too_many", "n", int(math.Ceil(wait.Seconds())))
}

// clientOf is whom a request comes from: one IPv4 address, or the /64 that
// one connection has in IPv6. A trusted proxy names it as the last entry of
// X-Forwarded-For that is not a trusted proxy itself.
func clientOf(r *http.Request, trusted []netip.Prefix) netip.Prefix {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	client, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Prefix{} // no network address: all are one client
	}
	client = client.Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && isTrusted(client, trusted); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		client = hop.Unmap()
	}
	bits := 32
	if client.Is6() {
		bits = 64
	}
	// No error: the address is valid and has so many bits.
	prefix, _ := client.WithZone("").Prefix(bits)
	return prefix
}

func isTrusted(client netip.Addr, trusted []netip.Prefix) bool {
	for _, p := range trusted {
		if p.Contains(client) {
			return true
		}
	}
	return false
}
