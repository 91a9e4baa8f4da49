package api

import (
	"fmt"
	"math"
	"strings"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

// The field of the curve in its drawing.
const (
	curveLeft, curveRight = 90.0, 990.0
	curveTop, curveBottom = 10.0, 320.0
)

// curveOf draws what each further site gains.
func curveOf(m measured, run planning.Run) *web.PlanCurve {
	kind, o := run.Definition.Objective, run.Result
	var points []planning.CurvePoint
	for _, p := range o.Curve {
		if p.Known() {
			points = append(points, p)
		}
	}
	if len(points) == 0 {
		return nil
	}
	c := &web.PlanCurve{Unit: i18n.Text(m.lang, "planning_run.unit."+string(kind), nil), Knee: i18n.Text(m.lang, "planning_run.curve.knee.none", nil)}
	c.Mean = kind != instance.PMedian && kind != instance.Capacitated
	knee := kneeOf(points)
	if knee >= 0 {
		c.Knee = i18n.Text(m.lang, "planning_run.curve.knee.text", map[string]any{"p": points[knee].P})
	}
	plotCurve(c, m, kind, points, served(o), knee)
	for i, p := range points {
		names := make([]string, len(p.Open))
		for k, id := range p.Open {
			names[k] = siteName(run.Definition, id)
		}
		row := web.PlanCurveRow{P: p.P, Value: m.value(kind, p.Value, served(o)), Gain: "–", Mean: minutes(m.lang, p.Mean), Sites: joinedNames(m.lang, names, 6), Knee: i == knee, Proof: proofText(m.lang, p)}
		if i > 0 {
			row.Gain = m.value(kind, p.Gain, served(o))
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

func proofText(lang string, p planning.CurvePoint) string {
	if p.Status == proof.Optimal {
		return i18n.Text(lang, "plan.badge.optimal", nil)
	}
	gap := math.Abs(float64(p.Value-p.Bound)) / math.Max(1, math.Abs(float64(p.Value)))
	return i18n.Text(lang, "plan.badge.gap", map[string]any{"gap": percent(lang, gap)})
}

// kneeOf is the point farthest from the straight line between the ends of the
// curve, both axes scaled to 1 (Satopää et al., "Finding a Kneedle in a
// Haystack", ICDCSW 2011, for a whole curve); -1: too few points or none that
// stands out by a twentieth.
func kneeOf(points []planning.CurvePoint) int {
	first, last := points[0], points[len(points)-1]
	if len(points) < 3 || first.Value == last.Value {
		return -1
	}
	best, at := 0.05, -1
	for i, p := range points {
		x := float64(p.P-first.P) / float64(last.P-first.P)
		y := float64(p.Value-first.Value) / float64(last.Value-first.Value)
		if y-x > best {
			best, at = y-x, i
		}
	}
	return at
}

func plotCurve(c *web.PlanCurve, m measured, kind instance.Kind, points []planning.CurvePoint, weight int64, knee int) {
	top := int64(1)
	for _, p := range points {
		top = max(top, p.Value)
	}
	span := float64(max(points[len(points)-1].P-points[0].P, 1))
	x := func(p int) float64 { return curveLeft + 20 + float64(p-points[0].P)/span*(curveRight-curveLeft-40) }
	y := func(v int64) float64 {
		return curveBottom - float64(v)/float64(top)*(curveBottom-curveTop-10)
	}
	var line []string
	every := (len(points)-1)/20 + 1
	for i, p := range points {
		line = append(line, fmt.Sprintf("%.1f,%.1f", x(p.P), y(p.Value)))
		c.Dots = append(c.Dots, web.PlanDot{X: fmt.Sprintf("%.1f", x(p.P)), Y: fmt.Sprintf("%.1f", y(p.Value)), Knee: i == knee})
		if i%every == 0 {
			c.TicksX = append(c.TicksX, web.TimeMark{X: fmt.Sprintf("%.1f", x(p.P)), Label: fmt.Sprint(p.P)})
		}
	}
	c.Line = strings.Join(line, " ")
	for i := range int64(5) {
		v := top * i / 4
		c.TicksY = append(c.TicksY, web.TimeMark{X: fmt.Sprintf("%.1f", y(v)), Label: tick(m, kind, v, weight)})
	}
}

// tick is a value at an axis: short.
func tick(m measured, kind instance.Kind, v, weight int64) string {
	if kind == instance.MCLP {
		return m.number(v)
	}
	return m.value(kind, v, weight)
}
