package main

import (
	"net/netip"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api"
)

// limiting are the settings that keep programs from taking what is for people.
type limiting struct {
	TrustedProxy   []string `placeholder:"ADDR" help:"Address or network of a proxy whose X-Forwarded-For is believed; may be repeated."`
	Proof          bool     `default:"true" negatable:"" help:"Ask programs for a proof of work before they reserve (--no-proof turns it off)."`
	RequestsPerMin int      `name:"requests-per-minute" default:"600" placeholder:"N" help:"Requests about appointments from one address; 0: no limit."`
	HoldsPerMin    int      `name:"holds-per-minute" default:"30" placeholder:"N" help:"Reservations from one address; 0: no limit."`
}

// limits reads the settings. Error: Invalid cmd.bad_proxy.
func (l limiting) limits() (api.Limits, error) {
	limits := api.UsualLimits()
	limits.Requests = api.Rate{PerMinute: l.RequestsPerMin, Burst: min(limits.Requests.Burst, l.RequestsPerMin)}
	limits.Holds = api.Rate{PerMinute: l.HoldsPerMin, Burst: min(limits.Holds.Burst, l.HoldsPerMin)}
	for _, text := range l.TrustedProxy {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			address, err := netip.ParseAddr(text)
			if err != nil {
				return limits, ortsnah.E(ortsnah.Invalid, "cmd.bad_proxy", "value", text).About("trusted-proxy")
			}
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
		limits.TrustedProxies = append(limits.TrustedProxies, prefix.Masked())
	}
	return limits, nil
}
