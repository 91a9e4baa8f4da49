package api

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestClientOf(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, c := range []struct {
		from, forwarded, want string
	}{
		{"203.0.113.7:1234", "", "203.0.113.7/32"},
		{"203.0.113.7:1234", "198.51.100.1", "203.0.113.7/32"}, // says so itself: not believed
		{"10.0.0.1:80", "198.51.100.1", "198.51.100.1/32"},
		{"10.0.0.1:80", "6.6.6.6, 198.51.100.1, 10.2.3.4", "198.51.100.1/32"}, // the first entry is the client's own fancy
		{"10.0.0.1:80", "", "10.0.0.1/32"},
		{"10.0.0.1:80", "nonsense", "10.0.0.1/32"},
		{"10.0.0.1:80", "198.51.100.1, nonsense", "10.0.0.1/32"},
		{"[2001:db8:1:2:3:4:5:6]:80", "", "2001:db8:1:2::/64"},
		{"[::ffff:203.0.113.7]:80", "", "203.0.113.7/32"},
		{"[fe80::1%eth0]:80", "", "fe80::/64"},
		{"[::1]:80", "2001:db8::1", "2001:db8::/64"},
		{"@", "", "invalid Prefix"},
	} {
		r, _ := http.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.from
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := clientOf(r, proxies).String(); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.from, c.forwarded, got, c.want)
		}
	}
}

func TestLimiterRemembersBoundedly(t *testing.T) {
	var l limiter
	now, r := clock(), Rate{PerMinute: 60, Burst: 2}
	for i := range 3 * mostAddresses {
		l.wait(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32), r, now)
		if len(l.buckets) > mostAddresses {
			t.Fatal(len(l.buckets))
		}
	}
	one := netip.MustParsePrefix("192.0.2.1/32")
	for i, want := range []time.Duration{0, 0, time.Second, time.Second} { // who is refused does not wait longer for it
		if got := l.wait(one, r, now); got != want {
			t.Errorf("%d: %v, want %v", i, got, want)
		}
	}
	if got := l.wait(one, r, now.Add(time.Second)); got != 0 {
		t.Error("after the time that was said:", got)
	}
	if got := l.wait(one, Rate{}, now); got != 0 {
		t.Error("no limit:", got)
	}
}

func TestS45TooManyRequests(t *testing.T) {
	x := emptyTown(t)
	x.Limits = UsualLimits()
	refused := 0
	for range 1000 {
		a := x.get("/api/v1/proposals?service=none")
		if a.StatusCode != http.StatusTooManyRequests {
			continue
		}
		refused++
		if seconds, err := strconv.Atoi(a.Header.Get("Retry-After")); err != nil || seconds < 1 || seconds > 60 ||
			a.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(a.body, "urn:ortsnah:problem:api.too_many") {
			t.Fatalf("%v %s", a.Header, a.body)
		}
	}
	if refused != 1000-UsualLimits().Requests.Burst {
		t.Errorf("%d of 1,000 at once were refused", refused)
	}
	if a := x.get("/termin", "Accept", browser); a.StatusCode != http.StatusTooManyRequests || !strings.Contains(a.body, "<html") {
		t.Errorf("page: %d", a.StatusCode)
	}
	if a := x.get("/api/v1/services"); a.StatusCode != http.StatusOK {
		t.Errorf("open data: %d", a.StatusCode)
	}
}
