package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/booking/calendar"
)

// staffQuotasOffer adds or changes a release.
func (s *Server) staffQuotasOffer(w http.ResponseWriter, r *http.Request) error {
	return s.quotaForm(w, r, func(v url.Values, clerk booking.Clerk, force bool) (string, error) {
		release, err := s.releaseAsked(r, v, clerk)
		if err != nil {
			return "", err
		}
		done := "release_added"
		if release.ID != 0 {
			done = "release_changed"
		}
		return done, s.inTx(r, func(tx pgx.Tx) error {
			_, _, err := booking.Offer(r.Context(), tx, s.Now(), s.actor(r), release, force)
			return err
		})
	})
}

func (s *Server) inTx(r *http.Request, do func(tx pgx.Tx) error) error {
	return pgx.BeginFunc(r.Context(), s.DB, do)
}

// releaseAsked reads the form of a release.
func (s *Server) releaseAsked(r *http.Request, v url.Values, clerk booking.Clerk) (booking.Release, error) {
	var release booking.Release
	if v.Get("freigabe") != "" && v.Get("freigabe") != "0" {
		stored, err := s.releaseOf(r, v, clerk)
		if err != nil {
			return release, err
		}
		release = stored
		release.Exceptions = nil // stay as they are
	}
	release.Clerk, release.Rule, release.Note = clerk.ID, typed(v.Get("regel")), typed(v.Get("notiz"))
	release.Concerns = slices.Clone(v["anliegen"])
	release.Channels, release.Via = nil, nil
	for _, c := range v["kanal"] {
		release.Channels = append(release.Channels, booking.Channel(c))
	}
	for _, via := range v["weg"] {
		release.Via = append(release.Via, booking.Via(via))
	}
	if len(release.Via) == 0 {
		return release, ortsnah.E(ortsnah.Invalid, "booking.release_bad_way").About("weg")
	}
	if err := readWeekdays(&release, v); err != nil {
		return release, err
	}
	if err := s.readTimes(&release, v); err != nil {
		return release, err
	}
	return release, s.readPlace(r, &release, v.Get("ort"))
}

// readWeekdays reads days of the week and every how many weeks.
func readWeekdays(release *booking.Release, v url.Values) error {
	if len(v["wochentag"]) == 0 {
		return nil
	}
	every, err := strconv.Atoi(v.Get("takt"))
	unknown := slices.ContainsFunc(v["wochentag"], func(d string) bool { return !slices.Contains(weekdays(), d) })
	if err != nil || every < 1 || every > 4 || unknown {
		return ortsnah.E(ortsnah.Invalid, "quotas.bad_weekdays").About("wochentag")
	}
	release.Rule = weekly(v["wochentag"], every)
	return nil
}

// readTimes reads days and wall times.
func (s *Server) readTimes(release *booking.Release, v url.Values) (err error) {
	if release.FirstDay, err = calendar.ParseDay(v.Get("ab")); err != nil {
		return err
	}
	release.UntilDay, release.VisibleDays, release.VisibleFrom = nil, nil, nil
	if last := v.Get("letzter"); last != "" {
		day, err := calendar.ParseDay(last)
		if err != nil {
			return err
		}
		day = day.AddDate(0, 0, 1)
		release.UntilDay = &day
	}
	if release.Opens, err = calendar.ParseClock(v.Get("von")); err != nil {
		return err
	}
	if release.Closes, err = calendar.ParseClock(v.Get("bis")); err != nil {
		return err
	}
	if v.Get("tage") != "" {
		days, err := strconv.Atoi(strings.TrimSpace(v.Get("tage")))
		if err != nil {
			return ortsnah.E(ortsnah.Invalid, "booking.release_visible").About("tage")
		}
		release.VisibleDays = &days
	}
	if v.Get("sichtbar") != "" {
		day, err := calendar.ParseDay(v.Get("sichtbar"))
		if err != nil {
			return err
		}
		start, err := calendar.Start(day, 0, s.Zone)
		if err != nil {
			return err
		}
		release.VisibleFrom = &start
	}
	return nil
}

// readPlace reads where the clerk is: a building, or a day at a mobile station,
// which decides the day and is the only channel.
func (s *Server) readPlace(r *http.Request, release *booking.Release, place string) error {
	release.Site, release.StationDay = place, 0
	id, station := strings.CutPrefix(place, "station/")
	if !station {
		if !slices.Contains(release.Channels, booking.Counter) {
			release.Site = "" // phone and video are at no place
		}
		return nil
	}
	days, err := booking.StationDays(r.Context(), s.DB, s.Now(), s.Now().AddDate(2, 0, 0))
	if err != nil {
		return err
	}
	for _, d := range days {
		if strconv.FormatInt(d.ID, 10) == id {
			release.Site, release.StationDay, release.FirstDay, release.Rule, release.UntilDay = "", d.ID, d.Day, "", nil
			release.Channels = []booking.Channel{booking.Mobile}
			return nil
		}
	}
	return ortsnah.E(ortsnah.Invalid, "booking.release_no_station", "day", release.FirstDay.Format(time.DateOnly)).About("ort")
}

// releaseOf is the release of a form, which must be the clerk's. Error: NotFound
// booking.no_release.
func (s *Server) releaseOf(r *http.Request, v url.Values, clerk booking.Clerk) (booking.Release, error) {
	none := ortsnah.E(ortsnah.NotFound, "booking.no_release").About("freigabe")
	id, err := strconv.ParseInt(v.Get("freigabe"), 10, 64)
	if err != nil {
		return booking.Release{}, none
	}
	release, err := booking.FindRelease(r.Context(), s.DB, id)
	if err == nil && release.Clerk != clerk.ID {
		return booking.Release{}, none
	}
	return release, err
}

// staffQuotasWithdraw ends a release.
func (s *Server) staffQuotasWithdraw(w http.ResponseWriter, r *http.Request) error {
	return s.onRelease(w, r, "release_withdrawn", func(tx pgx.Tx, _ url.Values, release booking.Release, force bool) error {
		_, err := booking.Withdraw(r.Context(), tx, s.Now(), s.actor(r), release.ID, force)
		return err
	})
}

// staffQuotasExcept makes a release hold or not hold on a day.
func (s *Server) staffQuotasExcept(w http.ResponseWriter, r *http.Request) error {
	return s.onRelease(w, r, "exception_noted", func(tx pgx.Tx, v url.Values, release booking.Release, force bool) error {
		day, err := calendar.ParseDay(v.Get("am"))
		if err != nil {
			return err
		}
		x := booking.Exception{Day: day, Open: v.Get("offen") == "1", Reason: typed(v.Get("grund"))}
		_, err = booking.Except(r.Context(), tx, s.Now(), s.actor(r), release.ID, x, force)
		return err
	})
}

// staffQuotasAsUsual takes an exception back.
func (s *Server) staffQuotasAsUsual(w http.ResponseWriter, r *http.Request) error {
	return s.onRelease(w, r, "exception_gone", func(tx pgx.Tx, v url.Values, release booking.Release, force bool) error {
		day, err := calendar.ParseDay(v.Get("am"))
		if err != nil {
			return err
		}
		_, err = booking.AsUsual(r.Context(), tx, s.Now(), s.actor(r), release.ID, day, force)
		return err
	})
}

// onRelease frames forms about one release of the clerk.
func (s *Server) onRelease(w http.ResponseWriter, r *http.Request, done string, do func(tx pgx.Tx, v url.Values, release booking.Release, force bool) error) error {
	return s.quotaForm(w, r, func(v url.Values, clerk booking.Clerk, force bool) (string, error) {
		release, err := s.releaseOf(r, v, clerk)
		if err != nil {
			return "", err
		}
		return done, s.inTx(r, func(tx pgx.Tx) error { return do(tx, v, release, force) })
	})
}

// staffQuotasHome says whether the clerk works from home on a day.
func (s *Server) staffQuotasHome(w http.ResponseWriter, r *http.Request) error {
	return s.quotaForm(w, r, func(v url.Values, clerk booking.Clerk, force bool) (string, error) {
		day, err := calendar.ParseDay(v.Get("am"))
		if err != nil {
			return "", err
		}
		on, done := v.Get("daheim") == "1", "office_day"
		if on {
			done = "home_office"
		}
		return done, s.inTx(r, func(tx pgx.Tx) error {
			_, err := booking.HomeOffice(r.Context(), tx, s.Now(), s.actor(r), clerk.ID, day, on, force)
			if a := s.account(r); err == nil && on && a.Clerk == clerk.ID {
				return booking.CancelDesk(r.Context(), tx, s.Now(), s.Zone, a.ID, day)
			}
			return err
		})
	})
}

// staffQuotasLimit sets the most minutes per week on one way.
func (s *Server) staffQuotasLimit(w http.ResponseWriter, r *http.Request) error {
	return s.quotaForm(w, r, func(v url.Values, clerk booking.Clerk, _ bool) (string, error) {
		return "limits_set", s.inTx(r, func(tx pgx.Tx) error {
			for _, via := range []booking.Via{booking.ViaWeb, booking.ViaPhone, booking.ViaDesk} {
				var limit *int
				if text := strings.TrimSpace(v.Get(string(via))); text != "" {
					n, err := strconv.Atoi(text)
					if err != nil {
						return ortsnah.E(ortsnah.Invalid, "booking.bad_quota", "minutes", text).About(string(via))
					}
					limit = &n
				}
				if err := booking.Quota(r.Context(), tx, s.Now(), s.actor(r), clerk.ID, via, limit); err != nil {
					return err
				}
			}
			return nil
		})
	})
}
