package planning

import (
	"log/slog"
	"sync"
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
	Pace   float64 // of the clockwork: 0.1 is ten times as fast, for tests; 0: as usual

	notices notices
	pins    pins
	mu      sync.Mutex
	current working
}
