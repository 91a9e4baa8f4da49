package booking

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/ortsnah/ortsnah/booking/match"
	"github.com/ortsnah/ortsnah/geo"
	"github.com/ortsnah/ortsnah/stations"
	"github.com/paulmach/orb"
)

// Board is what is offered and what is free, in memory: the picture from which
// every instance answers searches. It may lag behind the database by a moment;
// that a slot is really free is decided by the claims alone.
//
// It is loaded as a whole when the offer changes (releases, closures, rooms,
// rules: rare), and piece by piece when claims change (Touched). A hold that
// runs out is free again from that moment on, without anybody doing anything.
// It is safe for concurrent use.
type Board struct {
	db   *pgxpool.Pool
	zone *time.Location
	now  func() time.Time

	loading sync.Mutex // one load or refresh at a time
	mu      sync.RWMutex
	offer   *offer
	busy    map[int][]match.Timeline // resource → per day what is claimed; slices are replaced, never written
	visits  []map[int][]work         // per day and resource the appointments that occupy it
	load    map[int][]int            // clerk → per day minutes booked
	used    map[quotaKey]int         // minutes booked in a week
	version int64                    // counts what has changed

	touched   touched
	broadcast bool // others listen: tell them
}

// NewBoard makes an empty board; Load fills it.
func NewBoard(db *pgxpool.Pool, zone *time.Location, now func() time.Time) *Board {
	return &Board{db: db, zone: zone, now: now, touched: touched{local: map[Touch]bool{}, tell: map[Touch]bool{}, expiry: map[Touch]time.Time{}}}
}

// offer is what changes rarely. It is immutable.
type offer struct {
	loaded    time.Time
	setting   Setting
	directory *Directory
	districts *geo.Index
	concerns  map[string]concernRule
	clerks    map[int]Clerk
	days      []match.Day
	places    []place
	placeOf   map[string]int // place id → index in places
	rooms     []offeredRoom
	kits      []resource
	released  map[int][]releaseDay // clerk → release days in order of their start
	closed    []closed
	quotas    map[quotaLimit]int // minutes per ISO week
}

// place is somewhere appointments can be.
type place struct {
	id       string
	name     Proposal // PlaceName, Address, Lon, Lat, StepFree are filled
	at       orb.Point
	roomless bool
}

// concernRule is what the matcher needs of a concern beside its public part.
type concernRule struct {
	ID            string
	BufferMinutes int
	LeadMinutes   int
	HorizonDays   int
	Skill         string
	Needs         []string
	Kit           string
}

// resource is something that can be claimed.
type resource struct {
	ID            int
	Kind          string
	Code          string
	Label         string
	Site          string
	Station       string
	Persons       int
	StepFree      bool
	Equipment     []string
	BufferMinutes int
}

// offeredRoom is a room at a place; that of a mobile station is at as many
// places as the station visits.
type offeredRoom struct {
	resource
	place int
	open  []match.Timeline // per day; nil: always; without the closures of the station
}

type releaseDay struct {
	Day         time.Time
	Clerk       int
	Starts      time.Time
	Ends        time.Time
	Site        string
	StationDay  int64
	Stop        string
	Channels    []string
	Via         []string
	Concerns    []string
	VisibleFrom *time.Time

	day    int      // index in days
	offers []string // of a station day: the concerns it is for; empty: all mobile ones
}

type closed struct {
	Site     string
	Resource int
	Starts   time.Time
	Ends     time.Time
}

type quotaLimit struct {
	clerk int
	via   Via
}

type quotaKey struct {
	clerk, week int // isoWeek
	via         Via
}

// dayIndex is the index of a calendar date (midnight UTC) in days, or -1.
func (o *offer) dayIndex(date time.Time) int {
	i := int(date.Sub(o.days[0].Date) / (24 * time.Hour))
	if i < 0 || i >= len(o.days) {
		return -1
	}
	return i
}

// mask sets the cells of [start, end) on day d: whole cells only, for what is
// free, or every cell that is touched, for what is busy.
func (o *offer) mask(d int, start, end time.Time, whole bool) match.Timeline {
	if whole {
		return o.days[d].Inside(start, end)
	}
	return o.days[d].Touching(start, end)
}

// localDays lists n local days from the one of now on.
func localDays(now time.Time, zone *time.Location, n int) []match.Day {
	first := stations.Day(now.In(zone))
	days := make([]match.Day, n)
	for i := range days {
		date := first.AddDate(0, 0, i)
		start, end, _ := stations.Opening(date, 0, 24*60, zone)
		days[i] = match.Day{Date: date, Start: start, Cells: int(end.Sub(start) / (match.CellMinutes * time.Minute))}
	}
	return days
}

// endOf is the first moment after d.
func endOf(d match.Day) time.Time {
	return d.Start.Add(time.Duration(d.Cells*match.CellMinutes) * time.Minute)
}

// current is the offer of today, loaded anew after midnight.
func (b *Board) current(ctx context.Context) (*offer, error) {
	b.mu.RLock()
	o := b.offer
	b.mu.RUnlock()
	if o != nil && o.days[0].Date.Equal(stations.Day(b.now().In(b.zone))) {
		return o, nil
	}
	if err := b.Load(ctx); err != nil {
		return nil, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.offer, nil
}
