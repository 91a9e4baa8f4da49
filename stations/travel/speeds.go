package travel

import (
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/osm"
)

// Speeds in km/h. Walking is that of package stations; pushing a bicycle, the
// ferry, speeds of bicycles and of cars by class, and the share of the limit
// that is driven are those of the profiles of the Open Source Routing Machine
// (project-osrm/osrm-backend, profiles/{bicycle,car}.lua, release 5).
const (
	walkSpeed    = 4.8
	stepsSpeed   = 2.4 // half: up or down, one floor at a time
	pushSpeed    = 4.0
	ferrySpeed   = 5.0
	cycleSpeed   = 15.0
	serviceSpeed = 15.0
	limitShare   = 0.8 // of the limit that is driven on the average
)

// class is what a highway class means without further tags: whether one walks
// or rides there, and how fast cars are (0: they may not). Defaults are those
// for Germany (OSM wiki, "OSM tags for routing/Access restrictions"); tracks
// are taken as closed to cars, as most are for farming only.
type class struct {
	walk, bike bool
	car        float64
}

func classOf(highway string) (c class, known bool) {
	switch highway {
	case "motorway":
		return class{false, false, 90}, true
	case "motorway_link":
		return class{false, false, 45}, true
	case "trunk":
		return class{false, false, 85}, true
	case "trunk_link":
		return class{false, false, 40}, true
	case "primary":
		return class{true, true, 65}, true
	case "primary_link":
		return class{true, true, 30}, true
	case "secondary":
		return class{true, true, 55}, true
	case "secondary_link", "unclassified", "residential", "road":
		return class{true, true, 25}, true
	case "tertiary":
		return class{true, true, 40}, true
	case "tertiary_link":
		return class{true, true, 20}, true
	case "service":
		return class{true, true, serviceSpeed}, true
	case "living_street":
		return class{true, true, 10}, true
	case "track", "path", "cycleway":
		return class{true, true, 0}, true
	case "footway", "pedestrian", "steps", "corridor", "platform":
		return class{true, false, 0}, true
	case "bridleway", "busway":
		return class{}, true
	}
	return class{}, false
}

// bikeSpeed is the cycling speed by surface, else by class.
func bikeSpeed(tags osm.Tags, highway string) float64 {
	switch tags.Find("surface") {
	case "asphalt", "paved", "concrete", "concrete:lanes", "concrete:plates", "metal", "wood":
		return cycleSpeed
	case "paving_stones":
		return 13
	case "compacted", "fine_gravel":
		return 12
	case "gravel", "unpaved", "ground", "dirt", "earth", "pebblestone", "rock", "cobblestone", "unhewn_cobblestone", "sett", "grass_paver":
		return 8
	case "sand", "mud", "grass", "snow", "ice", "woodchips":
		return 5
	}
	if highway == "track" || highway == "path" {
		return 12
	}
	return cycleSpeed
}

// carSpeeds are those of the limit where there is one, else of the class.
func carSpeeds(tags osm.Tags, usual float64) speeds {
	if usual == 0 {
		usual = serviceSpeed // opened to cars by a tag: a drive at a crawl
	}
	s := speeds{usual, usual}
	if limit := speedLimit(tags.Find("maxspeed")); limit > 0 {
		s = speeds{limit * limitShare, limit * limitShare}
	}
	if limit := speedLimit(tags.Find("maxspeed:forward")); limit > 0 {
		s.along = limit * limitShare
	}
	if limit := speedLimit(tags.Find("maxspeed:backward")); limit > 0 {
		s.against = limit * limitShare
	}
	return s
}

// speedLimit reads a limit (OSM wiki, Key:maxspeed) in km/h; 0 when it says
// nothing usable, as "signals" does.
func speedLimit(text string) float64 {
	text, _, _ = strings.Cut(text, ";")
	text = strings.TrimSpace(text)
	switch strings.ToLower(text) {
	case "none", "de:motorway":
		return 130 // the advisory speed of German motorways
	case "de:rural":
		return 100
	case "de:urban":
		return 50
	case "de:zone30", "de:zone:30", "de:30", "de:bicycle_road":
		return 30
	case "de:zone20", "de:zone:20":
		return 20
	case "walk", "de:walk", "de:living_street", "5":
		return 7 // what courts take as walking pace
	}
	unit := 1.0
	if mph, ok := strings.CutSuffix(text, "mph"); ok {
		text, unit = strings.TrimSpace(mph), 1.609344
	} else if kmh, ok := strings.CutSuffix(text, "km/h"); ok {
		text = strings.TrimSpace(kmh)
	}
	limit, err := strconv.ParseFloat(text, 64)
	if err != nil || !(limit*unit >= 1 && limit*unit <= 300) {
		return 0
	}
	return limit * unit
}

// crossing reads how long a ferry takes (ISO 8601 or h:mm, OSM wiki,
// Key:duration); 0 when it is not said.
func crossing(text string) time.Duration {
	if h, m, ok := strings.Cut(text, ":"); ok {
		hours, err := strconv.Atoi(h)
		minutes, err2 := strconv.Atoi(m)
		if err != nil || err2 != nil || hours < 0 || minutes < 0 || hours > 48 {
			return 0
		}
		return time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	}
	if iso, ok := strings.CutPrefix(text, "PT"); ok {
		if d, err := time.ParseDuration(strings.ToLower(iso)); err == nil && d > 0 && d <= 48*time.Hour {
			return d
		}
	}
	if minutes, err := strconv.Atoi(text); err == nil && minutes > 0 && minutes <= 48*60 {
		return time.Duration(minutes) * time.Minute
	}
	return 0
}
