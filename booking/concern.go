package booking

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"

	"github.com/ortsnah/ortsnah/catalog"
)

// Concern is something the town does for people (Anliegen; CPSV-AP Public
// Service, FIM Leistung).
type Concern struct {
	ID             string       `json:"id"`
	Name           catalog.Text `json:"name"`
	Summary        catalog.Text `json:"summary"`
	Office         string       `json:"department"`
	OfficeName     catalog.Text `json:"department_name"`
	Minutes        int          `json:"minutes"`                    // for one person
	FurtherMinutes int          `json:"minutes_per_further_person"` // more for each further one
	Channels       []string     `json:"channels"`                   // counter, phone, video, online, mobile
	Mobile         bool         `json:"mobile"`                     // offered at mobile stations
	Online         bool         `json:"online"`                     // can be done without a visit
	OnlineURL      string       `json:"online_url"`                 // "" when there is no address for it
	Appointment    bool         `json:"appointment"`                // false: come without one, never put off
	Urgent         bool         `json:"urgent"`                     // served even without an appointment
	Jurisdiction   Jurisdiction `json:"jurisdiction"`
	Documents      []Document   `json:"documents"`
	Keywords       []string     `json:"keywords"`        // German, for the search
	FIMKey         string       `json:"leika,omitempty"` // LeiKa key of the FIM Leistung
	Note           string       `json:"note,omitempty"`
}

// Jurisdiction is how responsibility for a concern is shared out.
type Jurisdiction struct {
	Kind  Kind   `json:"kind"`
	Place string `json:"place,omitempty"` // geographic: "home" or "plot"
}

// Document is something to bring, perhaps on a condition ("under 18").
type Document struct {
	ID          string `json:"id"`
	DE          string `json:"de"`
	EN          string `json:"en"`
	ConditionDE string `json:"condition_de,omitempty"`
	ConditionEN string `json:"condition_en,omitempty"`
}

// Site is a building where appointments take place.
type Site struct {
	ID       string       `json:"id"`
	Kind     string       `json:"kind"` // town_hall, library, community_hall
	Name     catalog.Text `json:"name"`
	Address  string       `json:"address"`
	District string       `json:"district"` // code
	Lon      float64      `json:"lon"`
	Lat      float64      `json:"lat"`
	StepFree bool         `json:"step_free"`
	Note     string       `json:"note,omitempty"`
}

// Room is a bookable room with its public attributes.
type Room struct {
	ID        string       `json:"id"`
	Site      string       `json:"site"`
	Code      string       `json:"code"`
	Name      catalog.Text `json:"name"`
	Floor     int          `json:"floor"` // 0 is the ground floor
	Persons   int          `json:"persons"`
	StepFree  bool         `json:"step_free"`
	Equipment []Equipment  `json:"equipment"`
	Note      string       `json:"note,omitempty"`
}

// Equipment is something a room has.
type Equipment struct {
	ID string `json:"id"`
	DE string `json:"de"`
	EN string `json:"en"`
}

// Office is an organisational unit of the town.
type Office struct {
	ID    string       `json:"id"`
	Name  catalog.Text `json:"name"`
	Site  string       `json:"site"`
	Phone string       `json:"phone"`
	Note  string       `json:"note,omitempty"`
}

// Team is who a rule makes responsible: a function, never a person's name.
type Team struct {
	ID       string       `json:"id"`
	Office   string       `json:"office"`
	Label    string       `json:"label,omitempty"` // as on the door, "X3"
	Name     catalog.Text `json:"name"`
	InfoDesk bool         `json:"-"`
}

const selectConcern = `SELECT id, name, summary, office, office_name, minutes, further_minutes, channels, mobile,
	online, online_url, appointment, urgent, jurisdiction, keywords, fim_key, note, documents
	FROM open.booking_concern `

// Concerns returns all concerns in the order of their German names.
func Concerns(ctx context.Context, db postgis.DB) ([]Concern, error) {
	rows, err := db.Query(ctx, selectConcern+`ORDER BY name ->> 'de', id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Concern])
}

// FindConcern returns one concern with its documents, or NotFound
// booking.no_concern.
func FindConcern(ctx context.Context, db postgis.DB, id string) (Concern, error) {
	rows, err := db.Query(ctx, selectConcern+`WHERE id = @id`, pgx.NamedArgs{"id": id})
	if err != nil {
		return Concern{}, err
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Concern])
	if errors.Is(err, pgx.ErrNoRows) {
		return Concern{}, ortsnah.E(ortsnah.NotFound, "booking.no_concern", "service", id).About("service")
	}
	return c, err
}

// Sites returns all buildings ordered by id.
func Sites(ctx context.Context, db postgis.DB) ([]Site, error) {
	rows, err := db.Query(ctx, `SELECT id, kind, name, address, district, lon, lat, step_free, note
		FROM open.booking_site ORDER BY id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Site])
}

// Rooms returns the public attributes of all rooms ordered by site and code.
func Rooms(ctx context.Context, db postgis.DB) ([]Room, error) {
	rows, err := db.Query(ctx, `SELECT id, site, code, name, floor, persons, step_free, equipment, note
		FROM open.booking_room ORDER BY site, code`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Room])
}
