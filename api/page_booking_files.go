package api

import (
	"bytes"
	_ "embed"
	"fmt"
	"net/http"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"rsc.io/qr"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/booking"
)

// bookedFile is the appointment of a file's path; only a booked one has files.
func (s *Server) bookedFile(r *http.Request) (booking.Appointment, web.BookingFacts, error) {
	a, err := s.mine(r)
	if err != nil {
		return a, web.BookingFacts{}, err
	}
	if a.Status != booking.Booked {
		return a, web.BookingFacts{}, ortsnah.E(ortsnah.NotFound, "api.no_such_page")
	}
	facts, err := s.factsOf(r, a)
	return a, facts, err
}

// quietZone is the border that a QR code needs (ISO/IEC 18004, section 9.1).
const quietZone = 4

// qrPath is the QR code of a text: every run of dark modules is a rectangle of
// one SVG path.
func qrPath(text string) (web.QR, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return web.QR{}, err
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			run := 0
			for x+run < code.Size && code.Black(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quietZone, y+quietZone, run, run)
				x += run
			}
		}
	}
	return web.QR{Size: code.Size + 2*quietZone, Path: path.String()}, nil
}

// bookingICS answers /termin/b/{reference}/termin.ics (RFC 5545).
func (s *Server) bookingICS(w http.ResponseWriter, r *http.Request) error {
	a, _, err := s.bookedFile(r)
	if err != nil {
		return err
	}
	place, err := s.placeBooked(r.Context(), a)
	if err != nil {
		return err
	}
	a.Lang = web.LangOf(r)
	return sendFile(w, calendarMedia, "termin.ics", []byte(s.calendarOf(a, place)))
}

// sendFile sends a personal file to be saved.
func sendFile(w http.ResponseWriter, media, name string, body []byte) error {
	h := w.Header()
	h.Set("Cache-Control", private)
	h.Set("Content-Type", media)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, err := w.Write(body)
	return err
}

// Fira Sans, cut to the letters of European languages in Latin script (SIL
// Open Font License 1.1, fonts/OFL.txt).
var (
	//go:embed fonts/FiraSans-Regular.ttf
	regularFont string
	//go:embed fonts/FiraSans-SemiBold.ttf
	boldFont string
)

// bookingPDF answers /termin/b/{reference}/termin.pdf: one page to print.
func (s *Server) bookingPDF(w http.ResponseWriter, r *http.Request) error {
	a, facts, err := s.bookedFile(r)
	if err != nil {
		return err
	}
	code := ""
	if c, err := r.Cookie(freshCookie); err == nil && c.Value != "" {
		code = spelledOut(codeOf(r))
	}
	raw, err := appointmentPDF(web.LangOf(r), s.townName(web.LangOf(r)), facts, code, s.base(r)+"/termin/meine", s.Now())
	if err != nil {
		return err
	}
	return sendFile(w, "application/pdf", "termin-"+a.ID+".pdf", raw)
}

// sheet writes a page from top to bottom. Lengths are millimetres.
type sheet struct {
	*fpdf.Fpdf
	lang string
}

const (
	margin    = 22.0
	textWidth = 210 - 2*margin
	qrWidth   = 38.0
)

func (d sheet) say(size float64, style, text string, width float64) {
	d.SetFont("Fira", style, size)
	d.MultiCell(width, size*0.5, text, "", "L", false)
}

func (d sheet) heading(key string) {
	d.Ln(4)
	d.say(13, "B", i18n.Text(d.lang, key, nil), textWidth)
	d.Ln(1)
}

// appointmentPDF is the confirmation on A4. Without code it is not said.
func appointmentPDF(lang, town string, f web.BookingFacts, code, lookup string, now time.Time) ([]byte, error) {
	d := sheet{fpdf.New("P", "mm", "A4", ""), lang}
	d.SetCreationDate(now)
	d.SetModificationDate(now)
	d.SetLang(lang)
	d.SetTitle(i18n.Text(lang, "booking_appointment.title", nil)+" "+f.Reference, true)
	d.AddUTF8FontFromBytes("Fira", "", []byte(regularFont))
	d.AddUTF8FontFromBytes("Fira", "B", []byte(boldFont))
	d.SetMargins(margin, margin, margin)
	d.AddPage()
	d.drawQR(f.Reference, 210-margin-qrWidth, margin)
	narrow := textWidth - qrWidth - 6
	d.say(11, "", town, narrow)
	d.say(20, "B", i18n.Text(lang, "booking_appointment.title", nil), narrow)
	d.Ln(2)
	d.say(13, "B", f.Label, narrow)
	for _, line := range []string{f.Place, f.Address, strings.Join(f.Concerns, ", ")} {
		if line != "" {
			d.say(12, "", line, narrow)
		}
	}
	d.SetY(max(d.GetY(), margin+qrWidth))
	d.heading("booking_appointment.reference")
	d.say(16, "B", f.Reference, textWidth)
	if code != "" {
		d.heading("booking_appointment.code")
		d.say(14, "B", code, textWidth)
		d.say(11, "", i18n.Text(lang, "booking_appointment.code.keep", nil), textWidth)
	}
	d.heading("booking_appointment.documents")
	d.checklist(f.Documents)
	d.Ln(5)
	d.say(11, "", i18n.Text(lang, "booking_appointment.pdf.change", map[string]any{"address": lookup}), textWidth)
	if f.Phone != "" {
		d.say(11, "", i18n.Text(lang, "booking_appointment.pdf.phone", map[string]any{"phone": f.Phone}), textWidth)
	}
	var out bytes.Buffer
	if err := d.Output(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// drawQR draws the QR code of a text with its quiet zone.
func (d sheet) drawQR(text string, x, y float64) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		d.SetError(err)
		return
	}
	unit := qrWidth / float64(code.Size)
	for j := range code.Size {
		for i := range code.Size {
			if code.Black(i, j) {
				// A little larger than the module: no hair lines between them.
				d.Rect(x+float64(i)*unit, y+float64(j)*unit, unit*1.02, unit*1.02, "F")
			}
		}
	}
}

func (d sheet) checklist(documents []web.Document) {
	if len(documents) == 0 {
		d.say(12, "", i18n.Text(d.lang, "booking_appointment.documents.none", nil), textWidth)
	}
	for _, doc := range documents {
		text := doc.Name
		if doc.Condition != "" {
			text += " (" + doc.Condition + ")"
		}
		d.Rect(margin+1, d.GetY()+1.4, 3.4, 3.4, "D")
		d.SetX(margin + 8)
		d.say(12, "", text, textWidth-8)
		d.Ln(1)
	}
}
