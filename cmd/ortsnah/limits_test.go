package main

import (
	"testing"

	"github.com/ortsnah/ortsnah"
)

func TestTrustedProxies(t *testing.T) {
	limits, err := limiting{TrustedProxy: []string{"10.1.2.3/8", "::1", "192.0.2.1"}, RequestsPerMin: 10, HoldsPerMin: 0}.limits()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"10.0.0.0/8", "::1/128", "192.0.2.1/32"} {
		if got := limits.TrustedProxies[i].String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if limits.Requests.Burst != 10 || limits.Holds.PerMinute != 0 {
		t.Errorf("%+v", limits)
	}
	for _, bad := range []string{"", "proxy.example.org", "10.0.0.0/33", "10.0.0.1:80"} {
		if _, err := (limiting{TrustedProxy: []string{bad}}).limits(); ortsnah.KindOf(err) != ortsnah.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
