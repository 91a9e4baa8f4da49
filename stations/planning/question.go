package planning

import (
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// What a question is when it is not said, and at most.
const (
	usualCurve = 20
	mostCurve  = 100
	usualDraws = 20
	mostDraws  = 200
)

// question completes q for the purpose, or says why it makes no sense.
func (d Definition) question(purpose Purpose, q Question) (Question, error) {
	switch purpose {
	case Solve:
		return Question{}, nil
	case Curve:
		return d.curveQuestion(q)
	case Price:
		return d.priceQuestion(q)
	case Stability:
		if d.Weekly != nil {
			return q, ortsnah.E(ortsnah.Invalid, "planning.not_for_a_week").About("purpose")
		}
		if q.Draws == 0 {
			q.Draws = usualDraws
		}
		if q.Draws < 1 || q.Draws > mostDraws {
			return q, ortsnah.E(ortsnah.Invalid, "planning.out_of_bounds", "name", "draws", "value", q.Draws, "most", mostDraws).About("draws")
		}
		return Question{Draws: q.Draws, Seed: q.Seed}, nil
	}
	return q, ortsnah.E(ortsnah.Invalid, "planning.unknown_purpose", "value", string(purpose)).About("purpose")
}

// curveQuestion: from the fewest sites that the required ones leave to at most
// all that may be chosen.
func (d Definition) curveQuestion(q Question) (Question, error) {
	if d.Weekly != nil {
		return q, ortsnah.E(ortsnah.Invalid, "planning.not_for_a_week").About("purpose")
	}
	if d.Objective == instance.LSCP {
		return q, ortsnah.E(ortsnah.Invalid, "planning.curve_needs_p").About("purpose")
	}
	n := d.roles()
	least, most := max(1, n[Required]), n[Free]+n[Required]
	if q.From == 0 {
		q.From = least
	}
	if q.To == 0 {
		q.To = min(max(q.From, usualCurve), most)
	}
	if q.From < least || q.To < q.From || q.To > most || q.To-q.From >= mostCurve {
		return q, ortsnah.E(ortsnah.Invalid, "planning.bad_curve", "from", q.From, "to", q.To, "least", least, "most", most, "n", mostCurve).About("to")
	}
	return Question{From: q.From, To: q.To}, nil
}

func (d Definition) priceQuestion(q Question) (Question, error) {
	if d.Weekly != nil {
		return q, ortsnah.E(ortsnah.Invalid, "planning.not_for_a_week").About("purpose")
	}
	for _, c := range d.Candidates {
		if c.ID != q.Site {
			continue
		}
		if c.Role == Existing || c.Role == Required {
			return q, ortsnah.E(ortsnah.Invalid, "planning.stands_anyway", "name", c.label()).About("site")
		}
		if d.Objective != instance.LSCP && d.roles()[Required] >= d.P {
			return q, ortsnah.E(ortsnah.Invalid, "planning.no_room_to_force", "p", d.P, "name", c.label()).About("site")
		}
		return Question{Site: q.Site}, nil
	}
	return q, ortsnah.E(ortsnah.Invalid, "planning.no_such_site", "id", q.Site).About("site")
}
