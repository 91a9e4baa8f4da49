package travel

import (
	"slices"

	"github.com/paulmach/osm"
)

// speeds are how fast a profile moves along a way and against it, in km/h; 0
// where it may not.
type speeds struct{ along, against float64 }

// uses is what each profile may do on a way, in the order of Profiles.
type uses [3]speeds

func (u uses) none() bool { return u == uses{} }

// permitted reads the first of keys that says something. Keys go from the
// special to the general (OSM wiki, Key:access, "Transport mode restrictions").
func permitted(tags osm.Tags, otherwise bool, keys ...string) bool {
	for _, key := range keys {
		switch tags.Find(key) {
		case "":
		case "yes", "designated", "permissive", "official", "destination", "customers", "residents", "permit", "dismount", "public":
			return true
		case "no", "private", "agricultural", "forestry", "agricultural;forestry", "military", "emergency", "use_sidepath", "restricted", "delivery", "discouraged", "psv", "bus":
			return false
		}
	}
	return otherwise
}

// usesOf reads a way's tags: who may use it, in which direction, how fast.
func usesOf(tags osm.Tags) uses {
	highway := tags.Find("highway")
	if tags.Find("route") == "ferry" && highway == "" {
		return ferryUses(tags)
	}
	usual, known := classOf(highway)
	if !known {
		return uses{}
	}
	walk := walking(tags, highway, usual)
	return uses{walk, cycling(tags, highway, usual, walk), driving(tags, highway, usual)}
}

func walking(tags osm.Tags, highway string, usual class) speeds {
	open := usual.walk && tags.Find("motorroad") != "yes"
	if slices.Contains([]string{"both", "left", "right", "yes"}, tags.Find("sidewalk")) {
		open = true
	}
	if !permitted(tags, open, "foot", "access") {
		return speeds{}
	}
	speed := walkSpeed
	if highway == "steps" {
		speed = stepsSpeed
	}
	return directed(tags.Find("oneway:foot"), speeds{speed, speed})
}

// cycling rides where bicycles may and pushes where only walkers may, so that
// the last metres to a square or against a one-way street are not a detour
// through half the town.
func cycling(tags osm.Tags, highway string, usual class, walk speeds) speeds {
	push := speeds{min(walk.along, pushSpeed), min(walk.against, pushSpeed)}
	if highway == "steps" {
		return speeds{push.along / 2, push.against / 2}
	}
	open := usual.bike && tags.Find("motorroad") != "yes"
	if !permitted(tags, open, "bicycle", "vehicle", "access") || tags.Find("bicycle") == "dismount" {
		return push
	}
	speed := bikeSpeed(tags, highway)
	ride := directed(bikeOneway(tags, highway), speeds{speed, speed})
	return speeds{max(ride.along, push.along), max(ride.against, push.against)}
}

// bikeOneway is the one-way rule for bicycles: that for all, unless contraflow
// is allowed (OSM wiki, Key:cycleway "opposite", Key:oneway:bicycle).
func bikeOneway(tags osm.Tags, highway string) string {
	if own := tags.Find("oneway:bicycle"); own != "" {
		return own
	}
	for _, key := range []string{"cycleway", "cycleway:left", "cycleway:right", "cycleway:both"} {
		switch tags.Find(key) {
		case "opposite", "opposite_lane", "opposite_track", "opposite_share_busway":
			return "no"
		}
		if tags.Find(key+":oneway") == "no" {
			return "no"
		}
	}
	return oneway(tags, highway)
}

func driving(tags osm.Tags, highway string, usual class) speeds {
	if !permitted(tags, usual.car > 0, "motorcar", "motor_vehicle", "vehicle", "access") {
		return speeds{}
	}
	return directed(oneway(tags, highway), carSpeeds(tags, usual.car))
}

// oneway is the one-way rule for vehicles; roundabouts and motorways have it
// without saying.
func oneway(tags osm.Tags, highway string) string {
	if own := tags.Find("oneway"); own != "" {
		return own
	}
	if j := tags.Find("junction"); j == "roundabout" || j == "circular" || highway == "motorway" || highway == "motorway_link" {
		return "yes"
	}
	return "no"
}

// directed applies a one-way rule. Ways whose direction changes in the course
// of the day are closed: a time that holds only in the morning is wrong.
func directed(rule string, s speeds) speeds {
	switch rule {
	case "yes", "true", "1":
		return speeds{along: s.along}
	case "-1", "reverse":
		return speeds{against: s.against}
	case "reversible", "alternating":
		return speeds{}
	}
	return s
}

// ferryUses: people and bicycles, cars where it is said.
func ferryUses(tags osm.Tags) uses {
	var u uses
	both := speeds{ferrySpeed, ferrySpeed}
	if permitted(tags, true, "foot", "access") {
		u[0] = both
	}
	if permitted(tags, true, "bicycle", "access") {
		u[1] = both
	}
	if permitted(tags, false, "motorcar", "motor_vehicle", "vehicle") {
		u[2] = both
	}
	for i := range u {
		u[i] = directed(tags.Find("oneway"), u[i])
	}
	return u
}

// blocks tells whom a node's barrier stops, in the order of Profiles. The
// defaults are those of OSRM's profiles; a bollard stops cars alone.
func blocks(tags osm.Tags) [3]bool {
	kind := tags.Find("barrier")
	if kind == "" || kind == "no" {
		return [3]bool{}
	}
	solid := slices.Contains([]string{"wall", "fence", "hedge", "retaining_wall", "city_wall", "ditch", "debris"}, kind)
	narrow := slices.Contains([]string{"stile", "turnstile", "full-height_turnstile", "kissing_gate", "horse_stile"}, kind)
	wide := slices.Contains([]string{"cattle_grid", "border_control", "toll_booth", "sally_port", "gate", "lift_gate", "swing_gate",
		"sliding_gate", "entrance", "height_restrictor", "kerb", "arch", "spikes"}, kind)
	free := tags.Find("locked") != "yes"
	return [3]bool{
		!permitted(tags, free && !solid, "foot", "access"),
		!permitted(tags, free && !solid && !narrow, "bicycle", "vehicle", "access"),
		!permitted(tags, free && wide, "motorcar", "motor_vehicle", "vehicle", "access"),
	}
}
