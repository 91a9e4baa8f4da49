package api

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
)

// longestReport bounds a report in days.
const longestReport = 2 * 366

// reportAsked is what a report is about.
type reportAsked struct {
	from, to time.Time // [from, to), days as midnight UTC
	office   string
}

func (s *Server) reportAsked(v url.Values) (reportAsked, error) {
	monday := booking.Monday(s.today())
	a := reportAsked{from: monday.AddDate(0, 0, -28), to: monday.AddDate(0, 0, 7), office: v.Get("amt")}
	for name, day := range map[string]*time.Time{"von": &a.from, "bis": &a.to} {
		text := typed(v.Get(name))
		if text == "" {
			continue
		}
		t, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return a, ortsnah.E(ortsnah.Invalid, "staff.bad_day").About(name)
		}
		if name == "bis" {
			t = t.AddDate(0, 0, 1) // people name the last day
		}
		*day = t
	}
	if !a.from.Before(a.to) || a.to.Sub(a.from) > longestReport*24*time.Hour {
		return a, ortsnah.E(ortsnah.Invalid, "staff.bad_period").About("bis")
	}
	return a, nil
}

// staffReports answers /dienst/berichte.
func (s *Server) staffReports(w http.ResponseWriter, r *http.Request) error {
	lang, v := web.LangOf(r), r.URL.Query()
	asked, err := s.reportAsked(v)
	code, p := http.StatusOK, web.StaffReports{}
	if err != nil {
		p.Notice, code, _ = refusal(r, err)
		if asked, err = s.reportAsked(nil); err != nil {
			return err
		}
	}
	last := asked.to.AddDate(0, 0, -1)
	p.From, p.To = asked.from.Format(time.DateOnly), last.Format(time.DateOnly)
	p.CSVPath = "/dienst/berichte.csv?" + url.Values{"von": {p.From}, "bis": {p.To}, "amt": {asked.office}, "lang": {lang}}.Encode()
	offices, err := booking.Offices(r.Context(), s.Open)
	if err != nil {
		return err
	}
	for _, o := range offices {
		p.Offices = append(p.Offices, web.Option{Value: o.ID, Label: o.Name.In(lang), On: o.ID == asked.office})
	}
	lines, err := booking.Report(r.Context(), s.DB, asked.from, asked.to, asked.office)
	if err != nil {
		return err
	}
	for _, l := range lines {
		p.Lines = append(p.Lines, s.reportLine(l, lang))
	}
	if err := s.fillDemand(r, &p, asked, lang); err != nil {
		return err
	}
	return s.staffPage(w, r, code, p)
}

func (s *Server) reportLine(l booking.ReportLine, lang string) web.StaffReport {
	return web.StaffReport{Week: s.noon(l.Week), Office: l.OfficeName.In(lang), Concern: textIn(l.ConcernName, lang, "staff_reports.no_concern"),
		Booked: l.Booked.String(), Kept: l.Kept.String(), Missed: l.Missed.String(), Cancelled: l.Cancelled.String(), WalkIns: l.WalkIns.String(),
		MissedShare: orDash(l.MissedShare*100, l.MissedShare >= 0, lang, " %"), WaitMedian: orDash(l.WaitedMedianMinutes, l.WaitedMedianMinutes >= 0, lang, " min")}
}

// orDash is a number with its unit, "–" where it is not known.
func orDash(x float64, ok bool, lang, unit string) string {
	if !ok {
		return "–"
	}
	return i18n.Decimal(lang, x, 1) + unit
}

// fillDemand adds what was sought in vain and what people wait for.
func (s *Server) fillDemand(r *http.Request, p *web.StaffReports, asked reportAsked, lang string) error {
	unmet, err := booking.UnmetDemand(r.Context(), s.DB, asked.from, asked.to, asked.office)
	if err != nil {
		return err
	}
	for _, u := range unmet {
		p.Unmet = append(p.Unmet, web.StaffUnmet{Concern: u.Name.In(lang), Reason: i18n.Text(lang, "staff_reports.why."+u.Reason, nil), Count: u.Count.String()})
	}
	wishes, err := booking.TopWishes(r.Context(), s.DB, asked.office)
	for _, x := range wishes {
		p.Wishes = append(p.Wishes, web.StaffWish{Concern: x.Name.In(lang), Count: x.Count.String()})
	}
	return err
}

// staffReportFile answers /dienst/berichte.csv: the lines of the report, field
// names in English, UTF-8, RFC 4180. A hidden count is "<5", an unknown value
// empty.
func (s *Server) staffReportFile(w http.ResponseWriter, r *http.Request) error {
	asked, err := s.reportAsked(r.URL.Query())
	if err != nil {
		return err
	}
	lines, err := booking.Report(r.Context(), s.DB, asked.from, asked.to, asked.office)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	h.Set("Content-Disposition", `attachment; filename="`+asked.from.Format(time.DateOnly)+`_appointments.csv"`)
	h.Set("Cache-Control", "no-store")
	file := csv.NewWriter(w)
	file.UseCRLF = true
	err = file.Write([]string{"week", "office", "concern", "booked", "kept", "no_show", "cancelled", "walk_ins", "no_show_share", "wait_median_minutes"})
	for _, l := range lines {
		if err == nil {
			err = file.Write([]string{l.Week.Format(time.DateOnly), l.Office, l.Concern, l.Booked.String(), l.Kept.String(), l.Missed.String(), l.Cancelled.String(),
				l.WalkIns.String(), decimals(l.MissedShare, 3), decimals(l.WaitedMedianMinutes, 1)})
		}
	}
	file.Flush()
	if err != nil {
		return err
	}
	return file.Error()
}

// decimals is a number for machines, "" where it is not known (negative).
func decimals(x float64, digits int) string {
	if x < 0 {
		return ""
	}
	return strconv.FormatFloat(x, 'f', digits, 64)
}
