package planning

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/ortsnah/ortsnah/stations/travel"
)

// Desk works on runs in this instance: Work takes them from the queue, one at
// a time, MovePin answers from the problems that it keeps in memory, Watch
// tells when a run moved. All fields are set once, before Work; it is safe for
// concurrent use.
type Desk struct {
	DB     *pgxpool.Pool
	Travel *travel.Live
	Now    func() time.Time
	Log    *slog.Logger

	notices notices
}

// Moved is what MovePin answers: the choice of a run with one pin elsewhere.
type Moved struct {
	Value   int64         `json:"value"`
	Figures Figures       `json:"figures"`
	Sites   []SiteFigures `json:"sites"`
	Cells   []CellFigure  `json:"cells"` // those whose site or time changed
	Basis   string        `json:"travel_basis"`
}

// MovePin answers how the choice of a finished run fares when its open site
// moves to lon/lat (CRS84): without a new search, so the others stay where they
// are. Errors: NotFound planning.no_run, Conflict planning.no_choice_yet,
// Invalid planning.no_such_site, planning.candidate_outside.
func (d *Desk) MovePin(ctx context.Context, run, site string, lon, lat float64) (Moved, error) {
	panic("to be written")
}
