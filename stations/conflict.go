package stations

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// FindingKind names what is odd about a visit.
type FindingKind string

// The kinds of findings. What cannot be at all - a station or a kit at two
// places at once - is refused and never gets that far.
const (
	ShortWay     FindingKind = "short_way"     // not enough time for the way from the visit before
	KitWay       FindingKind = "kit_way"       // not enough time to bring a kit from the visit before
	OutsideTown  FindingKind = "outside_town"  // the stop is not in the town
	NoPower      FindingKind = "no_power"      // the station needs a socket, the stop has none
	DeviceLacks  FindingKind = "device_lacks"  // a service needs a device that the station does not have
	DeviceCheck  FindingKind = "device_check"  // a service needs a device that is there, but not checked
	NobodyOffers FindingKind = "nobody_offers" // planned soon, and no clerk has released time
	RetiredPlace FindingKind = "retired_place" // station or stop are no longer in use
)

// Finding is something about a visit that a planner should know.
type Finding struct {
	Kind     FindingKind
	Visit    Visit
	Other    Visit    // the visit before, for ways
	Kit      string   // id
	Services []string // ids
	Devices  []string // ids
	Gap      int      // minutes between the two visits
	Way      int      // minutes that the way takes
}

// Surroundings is what findings are judged by.
type Surroundings struct {
	Stations map[string]Station
	Stops    map[string]Stop
	Kits     map[string]Kit
	Along    map[string][]string // pattern: kits that go along
	Needs    map[string][]string // service: devices
	Outside  map[string]bool     // stop: not in the town
	Offered  map[string]bool     // visit: a clerk has released time there
	// OfferedUntil is until when somebody should have released time; zero: it
	// does not matter.
	OfferedUntil time.Time
	// Way is how many minutes the drive between two stops takes at a time.
	Way func(from, to Stop, at time.Time) int
}

// Findings returns what is odd about the planned visits, in the order of their
// start.
func Findings(visits []Visit, s Surroundings) []Finding {
	visits = slices.DeleteFunc(slices.Clone(visits), func(v Visit) bool { return v.State != Planned })
	slices.SortStableFunc(visits, func(a, b Visit) int { return a.Starts.Compare(b.Starts) })
	var found []Finding
	stations, kits := map[string]Visit{}, map[string]Visit{}
	for _, v := range visits {
		if before, ok := stations[v.Station]; ok {
			found = s.way(found, ShortWay, "", before, v)
		}
		stations[v.Station] = v
		for _, k := range s.Along[v.Pattern] {
			if before, ok := kits[k]; ok && before.Station != v.Station {
				found = s.way(found, KitWay, k, before, v)
			}
			kits[k] = v
		}
		found = append(found, s.place(v)...)
		found = append(found, s.devices(v)...)
	}
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(a.Visit.Starts.Compare(b.Visit.Starts), cmp.Compare(a.Visit.ID, b.Visit.ID))
	})
	return found
}

// way adds a finding where the time between two visits of one day is short.
func (s Surroundings) way(found []Finding, kind FindingKind, kit string, before, v Visit) []Finding {
	if before.Stop == v.Stop || !before.Day.Equal(v.Day) || s.Way == nil {
		return found
	}
	gap, way := int(v.Starts.Sub(before.Ends)/time.Minute), s.Way(s.Stops[before.Stop], s.Stops[v.Stop], before.Ends)
	if gap >= way {
		return found
	}
	return append(found, Finding{Kind: kind, Visit: v, Other: before, Kit: kit, Gap: gap, Way: way})
}

func (s Surroundings) place(v Visit) (found []Finding) {
	station, stop := s.Stations[v.Station], s.Stops[v.Stop]
	if s.Outside[v.Stop] {
		found = append(found, Finding{Kind: OutsideTown, Visit: v})
	}
	if station.NeedsPower && !stop.Power {
		found = append(found, Finding{Kind: NoPower, Visit: v})
	}
	if station.Retired || stop.Retired {
		found = append(found, Finding{Kind: RetiredPlace, Visit: v})
	}
	if v.Starts.Before(s.OfferedUntil) && !s.Offered[v.ID] {
		found = append(found, Finding{Kind: NobodyOffers, Visit: v})
	}
	return found
}

func (s Surroundings) devices(v Visit) (found []Finding) {
	var along []string
	for _, k := range s.Along[v.Pattern] {
		along = append(along, s.Kits[k].Devices...)
	}
	missing, unchecked := s.Stations[v.Station].Lacks(v.Services, s.Needs, along)
	for _, part := range []struct {
		kind  FindingKind
		lacks map[string][]string
	}{{DeviceLacks, missing}, {DeviceCheck, unchecked}} {
		if len(part.lacks) == 0 {
			continue
		}
		services := slices.Sorted(maps.Keys(part.lacks))
		var devices []string
		for _, service := range services {
			devices = append(devices, part.lacks[service]...)
		}
		slices.Sort(devices)
		found = append(found, Finding{Kind: part.kind, Visit: v, Services: services, Devices: slices.Compact(devices)})
	}
	return found
}
