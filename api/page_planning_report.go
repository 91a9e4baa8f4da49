package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"codeberg.org/go-pdf/fpdf"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/stations/planning"
)

// planningReport answers /planung/lauf/{id}/bericht.pdf: question, answer with
// its proof, map, figures, sites and sources on A4.
func (s *Server) planningReport(w http.ResponseWriter, r *http.Request) error {
	run, err := s.visibleRun(w, r)
	if err != nil {
		return err
	}
	if run.Result == nil || len(run.Result.Sites) == 0 {
		return ortsnah.E(ortsnah.Conflict, "planning.no_choice_yet")
	}
	c, err := planning.FindScenario(r.Context(), s.DB, run.Scenario)
	if err != nil {
		return err
	}
	raw, err := s.reportPDF(r.Context(), web.LangOf(r), c.Name, run, s.base(r)+inLang(web.LangOf(r), runPath+run.ID))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", `attachment; filename="siting-`+run.ID+`.pdf"`)
	_, err = w.Write(raw)
	return err
}

// report writes the pages from top to bottom.
type report struct {
	sheet
	m   measured
	run planning.Run
}

func (d report) text(key string, args map[string]any) string { return i18n.Text(d.lang, key, args) }

// The colours of catchments on paper, as in planning.css.
func paperTones() [tones][3]int {
	return [tones][3]int{{142, 193, 230}, {245, 185, 95}, {143, 208, 164}, {217, 166, 204}, {243, 226, 122}, {196, 181, 232},
		{242, 160, 138}, {111, 201, 196}, {211, 194, 160}, {198, 217, 111}, {179, 189, 201}, {244, 182, 197}}
}

func (s *Server) reportPDF(ctx context.Context, lang, name string, run planning.Run, address string) ([]byte, error) {
	d := report{sheet{fpdf.New("P", "mm", "A4", ""), lang}, measuredOf(lang, run), run}
	ended := s.momentOf(run)
	d.SetCreationDate(ended) // the same run gives the same bytes
	d.SetModificationDate(ended)
	d.SetCatalogSort(true)
	d.SetLang(lang)
	d.SetTitle(d.text("planning_run.report.title", nil)+": "+name, true)
	d.AddUTF8FontFromBytes("Fira", "", []byte(regularFont))
	d.AddUTF8FontFromBytes("Fira", "B", []byte(boldFont))
	d.SetMargins(margin, margin, margin)
	d.SetAutoPageBreak(true, margin)
	d.SetFooterFunc(func() {
		d.SetY(-15)
		d.SetFont("Fira", "", 8)
		d.CellFormat(textWidth, 5, d.text("planning_run.report.page", map[string]any{"n": d.PageNo()}), "", 0, "R", false, 0, "")
	})
	d.AddPage()
	d.say(11, "", s.townName(lang), textWidth)
	d.say(20, "B", d.text("planning_run.report.title", nil), textWidth)
	d.Ln(2)
	d.say(13, "B", name, textWidth)
	d.say(11, "", askLine(lang, run.Definition), textWidth)
	badge := runBadge(lang, run)
	d.heading("planning_run.proof")
	d.say(12, "B", badge.Text, textWidth)
	d.say(11, "", badge.Sentence, textWidth)
	c, err := s.canvasOf(ctx, run.Result.Cells, textWidth)
	if err != nil {
		return nil, err
	}
	d.drawMap(c)
	d.figures()
	d.sites()
	d.rests(s.runFacts(lang, run), address)
	var out bytes.Buffer
	if err := d.Output(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// drawMap draws cells, border and pins as vectors.
func (d report) drawMap(c canvas) {
	d.heading("planning_run.map")
	scale := 1.0
	if c.high > 120 {
		scale = 120 / c.high
	}
	if d.GetY()+c.high*scale > 297-margin {
		d.AddPage()
	}
	left, top := margin, d.GetY()
	at := func(lon, lat float64) (float64, float64) {
		x, y := c.at(lon, lat)
		return left + x*scale, top + y*scale
	}
	numbers := siteNumbers(d.run.Result.Sites)
	d.SetDrawColor(140, 29, 20)
	d.SetLineWidth(0.1)
	for _, f := range d.run.Result.Cells {
		dx, dy := cellHalves(f)
		x, y := at(f.Lon-dx, f.Lat+dy)
		right, bottom := at(f.Lon+dx, f.Lat-dy)
		n := numbers[f.Site]
		if n == 0 {
			d.Rect(x, y, right-x, bottom-y, "D")
			continue
		}
		tone := paperTones()[(n-1)%tones]
		d.SetFillColor(tone[0], tone[1], tone[2])
		d.Rect(x, y, right-x, bottom-y, "F")
	}
	d.SetDrawColor(27, 75, 114)
	d.SetLineWidth(0.4)
	for _, ring := range c.outline {
		points := make([]fpdf.PointType, len(ring))
		for i, p := range ring {
			points[i].X, points[i].Y = at(p[0], p[1])
		}
		d.Polygon(points, "D")
	}
	d.SetTextColor(255, 255, 255)
	d.SetFillColor(19, 21, 37)
	d.SetFont("Fira", "B", 7)
	for i, site := range d.run.Result.Sites {
		x, y := at(site.Lon, site.Lat)
		d.Circle(x, y, 2.4, "F")
		d.SetXY(x-3, y-1.5)
		d.CellFormat(6, 3, fmt.Sprint(i+1), "", 0, "C", false, 0, "")
	}
	d.SetTextColor(0, 0, 0)
	d.SetXY(margin, top+c.high*scale+2)
}

// row writes cells of a table side by side; the page breaks before a row that
// does not fit.
func (d report) row(style string, widths []float64, texts []string) {
	d.SetFont("Fira", style, 9)
	lines := 1
	for i, text := range texts {
		lines = max(lines, len(d.SplitText(text, widths[i]-2)))
	}
	high := 4.6*float64(lines) + 1.4
	if d.GetY()+high > 297-margin {
		d.AddPage()
	}
	x, y := margin, d.GetY()
	for i, text := range texts {
		align := "R"
		if i == 0 {
			align = "L"
		}
		d.SetXY(x, y+0.7)
		d.MultiCell(widths[i], 4.6, text, "", align, false)
		x += widths[i]
	}
	d.SetDrawColor(200, 206, 212)
	d.SetLineWidth(0.2)
	d.Line(margin, y+high, margin+textWidth, y+high)
	d.SetXY(margin, y+high)
}

func (d report) figures() {
	d.heading("planning_run.figures")
	o := d.run.Result
	widths, head := []float64{textWidth - 70, 70}, []string{d.text("plan.figure", nil), d.text("planning_run.this", nil)}
	if o.Today != nil {
		widths, head = []float64{textWidth - 105, 35, 35, 35}, append(head, d.text("planning_run.today", nil), d.text("plan.difference", nil))
	}
	d.row("B", widths, head)
	for _, f := range figureRows(d.m, o.Figures, o.Today) {
		texts := []string{f.Label + ": " + f.Explain, f.Value}
		if o.Today != nil {
			texts = append(texts, f.Other, f.Difference)
		}
		d.row("", widths, texts)
	}
	for _, bar := range withinBars(d.m, o.Figures, o.Today) {
		texts := []string{bar.Label, bar.Text}
		if o.Today != nil {
			texts = append(texts, strings.TrimSpace(bar.TodayText), "")
		}
		d.row("", widths, texts)
	}
}

func (d report) sites() {
	d.heading("planning_run.sites")
	widths := []float64{textWidth - 106, 32, 20, 20, 34}
	d.row("B", widths, []string{d.text("planning_run.site", nil), d.text("planning_run.weight", nil), d.text("plan.mean", nil), d.text("planning_run.farthest", nil), d.text("planning_run.loss", nil)})
	for _, site := range siteRows(d.m, d.run) {
		name := fmt.Sprintf("%d  %s", site.N, site.Name)
		if site.Existing {
			name += " (" + d.text("planning_run.existing", nil) + ")"
		}
		if !site.StepFree {
			name += ", " + d.text("planning_run.steps", nil)
		}
		d.row("", widths, []string{name, site.Weight + " (" + site.Share + ")", site.Mean, site.Farthest, site.Loss})
	}
	d.SetFont("Fira", "", 9)
	d.Ln(1)
	d.say(9, "", d.text("planning_run.loss.text", nil), textWidth)
}

// rests says what the result rests on and how to check it.
func (d report) rests(facts []web.Property, address string) {
	d.heading("planning_run.basis")
	for _, f := range facts {
		d.say(9, "B", f.Label, textWidth)
		d.say(9, "", f.Value, textWidth)
		d.Ln(1)
	}
	o := d.run.Result
	for _, source := range []string{o.Demand.Attribution, o.Demand.Licence, o.Attribution} {
		if source != "" {
			d.say(9, "", source, textWidth)
		}
	}
	d.Ln(2)
	d.say(9, "", d.text("planning_run.report.verify", map[string]any{"address": address}), textWidth)
	d.say(9, "", "ortsnah siting verify siting-"+d.run.ID+"-certificate.json", textWidth)
}
