package booking

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
)

// Wish is a place on the waiting list (Warteliste): what somebody would come
// for, on any of the days [FromDay, UntilDay). Days are midnight UTC.
type Wish struct {
	ID        int64
	Concern   string
	Team      string // responsible, decided when the wish was noted
	Channel   Channel
	Persons   int
	StepFree  bool
	FromDay   time.Time
	UntilDay  time.Time
	Lang      string
	State     string // waiting, offered, taken, lapsed, withdrawn
	Offers    int    // that were not taken
	CreatedAt time.Time
}

// An offer that is not taken goes to the next one; after so many the wish has
// lapsed. An offer is open for the setting's offer_hours, but not until later
// than leaveBefore its start.
const (
	maxOffers   = 3
	leaveBefore = 2 * time.Hour
	longestWish = 183 // days
)

// Wait notes a wish of one concern and returns it with the token that opens
// it. Errors: as of Board.Propose; Invalid booking.bad_wish_period,
// booking.wish_needs_channel, booking.… about the person.
func (c *Reception) Wait(ctx context.Context, r Request, fromDay, untilDay time.Time, p Person, lang string) (Wish, string, error) {
	now := c.Now()
	if !fromDay.Before(untilDay) || untilDay.Sub(fromDay) > longestWish*24*time.Hour || !untilDay.After(localDay(now, c.Zone)) {
		return Wish{}, "", ortsnah.E(ortsnah.Invalid, "booking.bad_wish_period", "days", longestWish).About("until")
	}
	r.Via = ViaWeb
	q, err := c.Board.ask(ctx, r, true)
	if err != nil {
		return Wish{}, "", err
	}
	if len(r.Concerns) != 1 {
		return Wish{}, "", ortsnah.E(ortsnah.Invalid, "booking.bad_concerns", "most", 1).About("service")
	}
	if q.Why != "" {
		return Wish{}, "", c.refuse(ctx, Order{Request: r}, q.Search)
	}
	if err := p.check(q.concerns[0].Jurisdiction.Kind == Alphabetic); err != nil {
		return Wish{}, "", err
	}
	token := random(tokenLetters)
	w := Wish{Concern: r.Concerns[0], Team: q.Decision.Team.ID, Channel: q.channels()[0], Persons: r.Persons, StepFree: r.StepFree,
		FromDay: fromDay, UntilDay: untilDay, Lang: language(lang), State: "waiting", CreatedAt: now}
	if r.Channel != "" {
		w.Channel = r.Channel
	}
	return w, token, pgx.BeginFunc(ctx, c.DB, func(tx pgx.Tx) error { return c.noteWish(ctx, tx, &w, hashToken(token), p) })
}

func (c *Reception) noteWish(ctx context.Context, tx pgx.Tx, w *Wish, tokenHash []byte, p Person) error {
	err := tx.QueryRow(ctx, `INSERT INTO booking.wish (token_hash, concern, team, channel, persons, step_free, from_day, until_day, lang, state, created_at)
		VALUES (@token, @concern, @team, @channel, @persons, @step_free, @from, @until, @lang, 'waiting', @now) RETURNING id`,
		pgx.NamedArgs{"token": tokenHash, "concern": w.Concern, "team": w.Team, "channel": string(w.Channel), "persons": w.Persons,
			"step_free": w.StepFree, "from": w.FromDay, "until": w.UntilDay, "lang": w.Lang, "now": w.CreatedAt}).Scan(&w.ID)
	if err != nil {
		return err
	}
	var b pgx.Batch
	if (p != Person{}) {
		plain, err := json.Marshal(p)
		if err != nil {
			return err
		}
		row := randomUUID()
		key, sealed := c.Keys.Seal(plain, row[:])
		b.Queue(`INSERT INTO booking.person (id, wish, key_id, sealed, erase_on)
		VALUES (@row, @wish, @key, @sealed, @until::date + (SELECT erase_days FROM booking.setting))`,
			pgx.NamedArgs{"row": row, "wish": w.ID, "key": key, "sealed": sealed, "until": w.UntilDay})
	}
	b.Queue(`INSERT INTO booking.outbox (wish, kind, created_at, due_at) VALUES ($1, 'wish_noted', $2, $2)`, w.ID, w.CreatedAt)
	return tx.SendBatch(ctx, &b).Close()
}

const selectWish = `SELECT id, concern, team, channel, persons, step_free, from_day, until_day, lang, state, offers, created_at FROM booking.wish `

// Wish returns a wish and the appointments that are offered for it now.
// Error: NotFound booking.no_wish, for a wrong token too.
func (c *Reception) Wish(ctx context.Context, id int64, token string) (w Wish, offers []Appointment, err error) {
	var hash []byte
	err = c.DB.QueryRow(ctx, `SELECT token_hash FROM booking.wish WHERE id = $1`, id).Scan(&hash)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && subtle.ConstantTimeCompare(hash, hashToken(token)) != 1 {
		return w, nil, ortsnah.E(ortsnah.NotFound, "booking.no_wish")
	}
	if err != nil {
		return w, nil, err
	}
	rows, err := c.DB.Query(ctx, selectWish+`WHERE id = $1`, id)
	if err != nil {
		return w, nil, err
	}
	if w, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Wish]); err != nil {
		return w, nil, err
	}
	rows, err = c.DB.Query(ctx, `SELECT id FROM booking.appointment
		WHERE wish = $1 AND (state = 'booked' OR state = 'hold' AND hold_until > $2) ORDER BY starts`, id, c.Now())
	if err != nil {
		return w, nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(ids) == 0 {
		return w, nil, err
	}
	offers, err = Appointments(ctx, c.DB, ids...)
	return w, offers, err
}

// Withdraw takes a wish off the list; what is offered for it is freed. Error:
// NotFound booking.no_wish.
func (c *Reception) Withdraw(ctx context.Context, id int64, token string) error {
	_, offers, err := c.Wish(ctx, id, token)
	if err != nil {
		return err
	}
	for _, a := range offers {
		if a.Status != Held {
			continue
		}
		if _, err := c.Cancel(ctx, a.ID, By{Token: token}); err != nil {
			return err
		}
	}
	_, err = c.DB.Exec(ctx, `WITH gone AS (
			UPDATE booking.wish SET state = 'withdrawn' WHERE id = $1 AND state IN ('waiting', 'offered') RETURNING id)
		DELETE FROM booking.person WHERE wish IN (SELECT id FROM gone)`, id)
	return err
}

// Waiting returns who waits for what, in the order in which they are offered
// something: who has let fewer offers pass, then who has waited longest.
func (c *Reception) Waiting(ctx context.Context) ([]Wish, error) {
	rows, err := c.DB.Query(ctx, selectWish+`WHERE state = 'waiting' AND until_day > @today ORDER BY offers, created_at, id`,
		pgx.NamedArgs{"today": localDay(c.Now(), c.Zone)})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Wish])
}

// OfferFreed offers what has become free to those who wait, one offer at a
// time to each, and gives up offers that were not taken. It returns how many
// it made. Two instances at once are harmless: an offer is a hold.
func (c *Reception) OfferFreed(ctx context.Context) (int, error) {
	now := c.Now()
	if _, err := c.DB.Exec(ctx, `UPDATE booking.wish w SET offers = offers + 1,
			state = CASE WHEN offers + 1 >= @most OR until_day <= @today THEN 'lapsed' ELSE 'waiting' END
		WHERE state = 'offered' AND NOT EXISTS (SELECT FROM booking.appointment a
			WHERE a.wish = w.id AND (a.state = 'booked' OR a.state = 'hold' AND a.hold_until > @now))`,
		pgx.NamedArgs{"most": maxOffers, "today": localDay(now, c.Zone), "now": now}); err != nil {
		return 0, err
	}
	setting, err := Settings(ctx, c.DB)
	if err != nil {
		return 0, err
	}
	waiting, err := c.Waiting(ctx)
	if err != nil {
		return 0, err
	}
	made := 0
	full := map[string]bool{} // who asks for the same as somebody who got nothing gets nothing
	for _, w := range waiting {
		if full[w.kin()] {
			continue
		}
		ok, err := c.offer(ctx, w, now, time.Duration(setting.OfferHours)*time.Hour)
		if err != nil {
			return made, err
		}
		if ok {
			made++
		} else {
			full[w.kin()] = true
		}
	}
	return made, nil
}

// kin names wishes to which the same is offered.
func (w *Wish) kin() string {
	b, _ := json.Marshal([]any{w.Concern, w.Team, w.Channel, w.Persons, w.StepFree, w.FromDay, w.UntilDay}) // plain values: cannot fail
	return string(b)
}

// offer holds the best appointment for w, if there is one.
func (c *Reception) offer(ctx context.Context, w Wish, now time.Time, open time.Duration) (bool, error) {
	r := Request{Concerns: []string{w.Concern}, Persons: w.Persons, StepFree: w.StepFree, Teams: []string{w.Team}, Channel: w.Channel, Via: ViaWeb,
		From: startOfDay(w.FromDay, c.Zone), To: startOfDay(w.UntilDay, c.Zone), Limit: maxTries}
	if soon := now.Add(leaveBefore + time.Hour); r.From.Before(soon) {
		r.From = soon
	}
	if !r.From.Before(r.To) {
		return false, nil
	}
	s, err := c.Board.Propose(ctx, r)
	if err != nil || len(s.Proposals) == 0 {
		if ortsnah.KindOf(err) == ortsnah.NotFound { // the concern is no longer offered
			err = nil
		}
		return false, err
	}
	until := now.Add(open)
	if last := s.Proposals[0].Starts.Add(-leaveBefore); last.Before(until) {
		until = last
	}
	return c.reserveFor(ctx, w, r, s.Proposals, until)
}

// reserveFor makes the hold, unless another instance has offered something
// meanwhile.
func (c *Reception) reserveFor(ctx context.Context, w Wish, r Request, found []Proposal, until time.Time) (bool, error) {
	var token []byte
	err := c.DB.QueryRow(ctx, `UPDATE booking.wish SET state = 'offered' WHERE id = $1 AND state = 'waiting' RETURNING token_hash`, w.ID).Scan(&token)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	a, err := c.reserve(ctx, Order{Request: r, Starts: found[0].Starts, PlaceID: found[0].PlaceID}, found,
		reservation{TokenHash: token, Until: until, Wish: w.ID, Lang: w.Lang})
	if taken := (*Taken)(nil); errors.As(err, &taken) {
		_, err = c.DB.Exec(ctx, `UPDATE booking.wish SET state = 'waiting' WHERE id = $1`, w.ID)
		return false, err
	}
	if err != nil {
		return false, err
	}
	_, err = c.DB.Exec(ctx, `INSERT INTO booking.outbox (appointment, kind, created_at, due_at) VALUES ($1, 'offer', $2, $2)`, a.ID, c.Now())
	return true, err
}
