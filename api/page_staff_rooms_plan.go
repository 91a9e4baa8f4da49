package api

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
)

// drawPlan draws a storey at a moment; nil when the building has no plan. The
// plan is turned so that the longest wall of the building lies flat, the same
// on every storey.
func drawPlan(shapes []booking.FloorShape, level int, rooms []booking.RoomDay, at time.Time, persons int) *web.PlanPicture {
	if len(shapes) == 0 {
		return nil
	}
	angle := longestWall(shapes)
	sin, cos := math.Sincos(-angle)
	turn := func(p orb.Point) orb.Point {
		return orb.Point{10 * (p[0]*cos - p[1]*sin), -10 * (p[0]*sin + p[1]*cos)} // y grows downwards
	}
	state := map[string]string{}
	for _, d := range rooms {
		state[d.Room] = string(d.At(at, persons))
	}
	// The frame is that of the whole building: storeys lie on each other.
	frame := orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
	for _, s := range shapes {
		for _, ring := range lines(s.Geometry) {
			for _, p := range ring {
				frame = frame.Extend(turn(p))
			}
		}
	}
	picture := &web.PlanPicture{Stroke: "2", North: fmt.Sprintf("rotate(%.1f)", angle*180/math.Pi)}
	origin := orb.Point{frame.Min[0] - 10, frame.Min[1] - 10}
	picture.ViewBox = fmt.Sprintf("0 0 %.0f %.0f", frame.Max[0]-frame.Min[0]+20, frame.Max[1]-frame.Min[1]+20)
	for _, s := range shapes {
		if s.Level == level {
			picture.Shapes = append(picture.Shapes, drawShape(s, state, turn, origin))
		}
	}
	return picture
}

func drawShape(s booking.FloorShape, state map[string]string, turn func(orb.Point) orb.Point, origin orb.Point) web.PlanShape {
	shape := web.PlanShape{Kind: string(s.Kind), Label: s.Label}
	var path strings.Builder
	for _, ring := range lines(s.Geometry) {
		for i, p := range ring {
			q := turn(p)
			fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(i, 1)], q[0]-origin[0], q[1]-origin[1])
		}
		if s.Kind != booking.EntranceShape {
			path.WriteByte('Z')
		}
	}
	shape.Path = path.String()
	middle, _ := planar.CentroidArea(s.Geometry)
	m := turn(middle)
	shape.X, shape.Y = fmt.Sprintf("%.1f", m[0]-origin[0]), fmt.Sprintf("%.1f", m[1]-origin[1])
	if s.Kind == booking.RoomShape && s.Room != "" {
		shape.State = state[s.Room]
	}
	if shape.State != "" {
		shape.Mark = stateMark(shape.State)
	}
	return shape
}

// stateMark is a sign beside colour and pattern, for who sees neither well.
func stateMark(state string) string {
	switch booking.Availability(state) {
	case booking.RoomFree:
		return "✓"
	case booking.RoomOccupied:
		return "●"
	case booking.RoomClosed:
		return "✕"
	}
	return "‹"
}

// lines are the rings or the line of a geometry.
func lines(g orb.Geometry) [][]orb.Point {
	switch g := g.(type) {
	case orb.Point:
		return [][]orb.Point{{g, {g[0] + 0.5, g[1]}}} // a short dash
	case orb.LineString:
		return [][]orb.Point{g}
	case orb.Polygon:
		var all [][]orb.Point
		for _, ring := range g {
			all = append(all, ring)
		}
		return all
	case orb.MultiPolygon:
		var all [][]orb.Point
		for _, p := range g {
			all = append(all, lines(p)...)
		}
		return all
	}
	return nil
}

// longestWall is the direction of the longest side of an outline, in
// (-π/2, π/2].
func longestWall(shapes []booking.FloorShape) float64 {
	longest, angle := 0.0, 0.0
	for _, s := range shapes {
		if s.Kind != booking.OutlineShape {
			continue
		}
		for _, ring := range lines(s.Geometry) {
			for i := 1; i < len(ring); i++ {
				dx, dy := ring[i][0]-ring[i-1][0], ring[i][1]-ring[i-1][1]
				if l := math.Hypot(dx, dy); l > longest+1e-6 {
					longest, angle = l, math.Atan2(dy, dx)
				}
			}
		}
	}
	switch {
	case angle > math.Pi/2:
		return angle - math.Pi
	case angle <= -math.Pi/2:
		return angle + math.Pi
	}
	return angle
}
