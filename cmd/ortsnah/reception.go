package main

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/booking"
)

// mailing are the flags of the mail server.
type mailing struct {
	SMTP     string `name:"smtp" placeholder:"URL" help:"Mail server, smtp://name:password@host:587 or smtps://host:465. Without one, notices are in the portal only."`
	MailFrom string `placeholder:"ADDRESS" help:"Sender of mails; they only say that there is a message in the portal."`
}

// mailer is nil where no mail server is configured.
func (m mailing) mailer(baseURL string) (*booking.Mailer, error) {
	if m.SMTP == "" {
		return nil, nil
	}
	return booking.NewMailer(m.SMTP, m.MailFrom, baseURL, i18n.Text)
}

// reception makes and keeps the appointments of the place.
func (d *deployment) reception(ctx context.Context, zone *time.Location) (*booking.Reception, error) {
	keys, err := d.keys()
	if err != nil {
		return nil, err
	}
	board := booking.NewBoard(d.db, zone, time.Now)
	r := &booking.Reception{DB: d.db, Board: board, Keys: keys, Now: time.Now, Zone: zone}
	return r, errors.Join(r.CheckKeys(ctx), board.Load(ctx))
}

// sweepAppointments does what the passing of time asks for: holds run out,
// people do not come, what is free is offered to who waits.
func sweepAppointments(ctx context.Context, w *work) error {
	r := w.reception
	var failed []error
	for _, step := range []func(context.Context) (int, error){r.SweepHolds, r.MarkNoShows, r.HoldAlternatives, r.OfferFreed} {
		_, err := step(ctx)
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

func sendMails(ctx context.Context, w *work) error {
	_, err := w.reception.SendMails(ctx, w.mailer)
	return err
}

// extendReleases works the releases out for one more day, follows the plan of
// the mobile stations, and calls off what lost its station.
func extendReleases(ctx context.Context, w *work) error {
	actor := ortsnah.System("schedule")
	var lost []string
	err := pgx.BeginFunc(ctx, w.d.db, func(tx pgx.Tx) error {
		now := time.Now()
		conflicts, err := booking.SyncStationDays(ctx, tx, now, actor)
		if err != nil {
			return err
		}
		for _, c := range conflicts {
			lost = append(lost, c.Appointment)
		}
		return booking.ExtendReleases(ctx, tx, now)
	})
	if err != nil || len(lost) == 0 {
		return err
	}
	return w.reception.CallOff(ctx, actor, lost)
}

// forget erases personal data whose day has come and seals the rest with the
// newest key.
func forget(ctx context.Context, w *work) error {
	_, err := w.reception.Erase(ctx)
	failed := []error{err}
	for n := 1; n > 0 && err == nil; {
		n, err = w.reception.Reseal(ctx, 500)
	}
	today := time.Now().In(w.reception.Zone)
	midnight := time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, time.UTC)
	return errors.Join(append(failed, err, booking.ForgetDesks(ctx, w.d.db, midnight))...)
}
