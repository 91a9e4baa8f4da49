package api

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
	"github.com/ortsnah/ortsnah/booking/calendar"
)

// longestCalendar bounds a calendar file, bytes.
const longestCalendar = 1 << 20

// staffQuotasFile answers with a clerk's released times as iCalendar file
// (RFC 5545): no appointments, no names.
func (s *Server) staffQuotasFile(w http.ResponseWriter, r *http.Request) error {
	clerk, _, err := s.quotaClerk(r, r.URL.Query().Get("kraft"))
	if err != nil {
		return err
	}
	var file bytes.Buffer
	labels := calendar.Labels{Released: i18n.Text("de", "quotas.ical.released", nil), Closed: i18n.Text("de", "quotas.ical.closed", nil)}
	if err := booking.ExportReleases(r.Context(), s.DB, s.Now(), clerk.ID, labels, &file); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", calendarMedia)
	h.Set("Content-Disposition", `attachment; filename="kontingente-`+clerk.Code+`.ics"`)
	_, err = w.Write(file.Bytes())
	return err
}

// staffQuotasImport takes a calendar file over.
func (s *Server) staffQuotasImport(w http.ResponseWriter, r *http.Request) error {
	return s.quotaForm(w, r, func(v url.Values, clerk booking.Clerk, force bool) (string, error) {
		// Asked about, the form comes again with the file as text.
		if v.Get("kalender") == "" {
			text, err := calendarFile(r)
			if err != nil {
				return "", err
			}
			v.Set("kalender", text)
		}
		if len(v.Get("kalender")) > longestCalendar {
			return "", ortsnah.E(ortsnah.Invalid, "quotas.no_file").About("datei")
		}
		like := booking.Release{Clerk: clerk.ID, Site: v.Get("ort"), Channels: []booking.Channel{booking.Counter}}
		return "ical_imported", s.inTx(r, func(tx pgx.Tx) error {
			_, _, err := booking.ImportICal(r.Context(), tx, s.Now(), s.actor(r), clerk.ID, []byte(v.Get("kalender")), like, force)
			return err
		})
	})
}

// calendarFile is the file of the form. Error: Invalid quotas.no_file.
func calendarFile(r *http.Request) (string, error) {
	bad := ortsnah.E(ortsnah.Invalid, "quotas.no_file").About("datei")
	file, _, err := r.FormFile("datei")
	if err != nil {
		return "", bad.Because(err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, longestCalendar+1))
	if err != nil || len(text) == 0 || len(text) > longestCalendar || !utf8.Valid(text) {
		return "", bad.Because(err)
	}
	return string(text), nil
}

// icalPath is where the file of a clerk's times is.
func icalPath(clerk string) web.Link {
	return web.Link{URL: quotasPath + ".ics?" + url.Values{"kraft": {clerk}}.Encode()}
}
