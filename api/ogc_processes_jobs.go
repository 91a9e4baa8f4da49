package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/stations/planning"
)

// jobAnswer is the status of a job (OGC 18-062r2, section 7.12).
type jobAnswer struct {
	ProcessID string     `json:"processID"`
	Type      string     `json:"type"`
	JobID     string     `json:"jobID"`
	Status    string     `json:"status"`
	Message   string     `json:"message,omitempty"`
	Created   time.Time  `json:"created"`
	Started   *time.Time `json:"started,omitempty"`
	Finished  *time.Time `json:"finished,omitempty"`
	Progress  int        `json:"progress"`
	Links     []link     `json:"links"`
}

// jobStatus is a run's state in the words of the standard. That a question has
// no answer is a result, too, with its proof.
func jobStatus(s planning.State) string {
	switch s {
	case planning.Queued:
		return "accepted"
	case planning.Running:
		return "running"
	case planning.Failed:
		return "failed"
	case planning.Dismissed:
		return "dismissed"
	}
	return "successful"
}

func (s *Server) jobAnswer(r *http.Request, run planning.Run) jobAnswer {
	own := s.base(r) + "/ogc/jobs/" + run.ID
	a := jobAnswer{ProcessID: sitingProcess, Type: "process", JobID: run.ID, Status: jobStatus(run.State), Created: run.QueuedAt,
		Started: run.StartedAt, Finished: run.EndedAt, Progress: jobProgress(run),
		Links: []link{{Href: own, Rel: "self", Type: jsonMedia}}}
	if run.Error != nil {
		a.Message = i18n.Error(web.LangOf(r), run.Error)
	}
	if a.Status == "successful" {
		a.Links = append(a.Links, link{Href: own + "/results", Rel: relResults, Type: jsonMedia})
	}
	return a
}

// jobProgress in per cent: the share of a curve or of draws that is done, else
// how far the proven gap has closed.
func jobProgress(run planning.Run) int {
	p := run.Progress
	switch {
	case jobStatus(run.State) == "successful":
		return 100
	case p.Share > 0:
		return int(math.Min(99, 100*p.Share))
	case p.Known:
		return int(math.Max(0, math.Min(99, 100*(1-p.Gap))))
	}
	return 0
}

// ogcJobs answers /ogc/jobs (section 11): all for planners, for others those
// that are published.
func (s *Server) ogcJobs(w http.ResponseWriter, r *http.Request) error {
	v, err := processAsked(r, "limit", "type", "processID", "status", "datetime", "minDuration", "maxDuration")
	if err != nil {
		return err
	}
	w.Header().Add("Vary", "Cookie")
	limit, keep, err := jobFilter(v, s.Now())
	if err != nil {
		return err
	}
	all, err := planning.Runs(r.Context(), s.DB, planning.RunFilter{Published: !s.plans(r), Limit: mostJobs})
	if err != nil {
		return err
	}
	jobs := []jobAnswer{}
	for _, run := range all {
		if job := s.jobAnswer(r, run); len(jobs) < limit && keep(job) {
			jobs = append(jobs, job)
		}
	}
	return answerDocument(w, http.StatusOK, object{"jobs": jobs,
		"links": []link{{Href: s.base(r) + "/ogc/jobs", Rel: "self", Type: jsonMedia}}})
}

const (
	mostJobs  = 10_000 // that the list looks at
	usualJobs = 100
)

// jobFilter reads the parameters of the job list. Values may be repeated with
// commas; durations are seconds.
func jobFilter(v url.Values, now time.Time) (limit int, keep func(jobAnswer) bool, err error) {
	limit = usualJobs
	if v.Has("limit") {
		if limit, err = strconv.Atoi(v.Get("limit")); err != nil || limit < 1 || limit > mostJobs {
			return 0, nil, ortsnah.E(ortsnah.Invalid, "api.not_a_whole_number", "name", "limit", "value", shortened(v.Get("limit")), "low", 1, "high", mostJobs).About("limit")
		}
	}
	low, high := 0.0, math.Inf(1)
	for name, into := range map[string]*float64{"minDuration": &low, "maxDuration": &high} {
		if v.Has(name) {
			if *into, err = strconv.ParseFloat(v.Get(name), 64); err != nil || !(*into >= 0) {
				return 0, nil, ortsnah.E(ortsnah.Invalid, "api.wrong_type", "name", name).About(name)
			}
		}
	}
	from, to, err := jobTimes(v.Get("datetime"))
	if err != nil {
		return 0, nil, err
	}
	one := func(name, value string) bool { return !v.Has(name) || slices.Contains(split(v.Get(name)), value) }
	return limit, func(j jobAnswer) bool {
		seconds := duration(j, now)
		return one("type", j.Type) && one("processID", j.ProcessID) && one("status", j.Status) && seconds >= low && seconds <= high &&
			!j.Created.Before(from) && (to.IsZero() || !j.Created.After(to))
	}, nil
}

func duration(j jobAnswer, now time.Time) float64 {
	if j.Started == nil {
		return 0
	}
	if j.Finished != nil {
		now = *j.Finished
	}
	return now.Sub(*j.Started).Seconds()
}

// jobTimes reads an instant or an interval of RFC 3339 times.
func jobTimes(text string) (from, to time.Time, err error) {
	if text == "" {
		return from, to, nil
	}
	first, second, interval := strings.Cut(text, "/")
	if !interval {
		second = first
	}
	for _, end := range []struct {
		text string
		into *time.Time
	}{{first, &from}, {second, &to}} {
		if end.text == "" || end.text == ".." {
			continue
		}
		if *end.into, err = time.Parse(time.RFC3339, strings.ReplaceAll(end.text, " ", "+")); err != nil {
			return from, to, ortsnah.E(ortsnah.Invalid, "api.bad_moment", "name", "datetime").About("datetime")
		}
	}
	return from, to, nil
}

// job is the run of the path, which the standard calls a job.
func (s *Server) job(w http.ResponseWriter, r *http.Request) (planning.Run, error) {
	run, err := s.visibleRun(w, r)
	if ortsnah.KindOf(err) == ortsnah.NotFound {
		err = ortsnah.E(ortsnah.NotFound, "planning.no_such_job")
	}
	return run, err
}

// ogcJob answers GET /ogc/jobs/{id} (section 7.12).
func (s *Server) ogcJob(w http.ResponseWriter, r *http.Request) error {
	if _, err := processAsked(r); err != nil {
		return err
	}
	run, err := s.job(w, r)
	if err != nil {
		return err
	}
	return answerDocument(w, http.StatusOK, s.jobAnswer(r, run))
}

// ogcDismiss answers DELETE /ogc/jobs/{id} (section 13). What was found is
// kept: a job is a run of the planners, too.
func (s *Server) ogcDismiss(w http.ResponseWriter, r *http.Request) error {
	if _, err := processAsked(r); err != nil {
		return err
	}
	if _, err := s.job(w, r); err != nil {
		return err
	}
	run, err := planning.Dismiss(r.Context(), s.DB, s.Now(), pathVar(r, "id"))
	if err != nil {
		return err
	}
	return answerDocument(w, http.StatusOK, s.jobAnswer(r, run))
}

// ogcResults answers GET /ogc/jobs/{id}/results (section 7.13) in the form that
// the execution asked for.
func (s *Server) ogcResults(w http.ResponseWriter, r *http.Request) error {
	if _, err := processAsked(r); err != nil {
		return err
	}
	run, err := s.job(w, r)
	if err != nil {
		return err
	}
	return s.sendResults(w, r, run)
}

// sendResults answers with what the execution wanted: a document of all
// outputs, one output as it is, or several as multipart/related (table 13).
func (s *Server) sendResults(w http.ResponseWriter, r *http.Request, run planning.Run) error {
	switch jobStatus(run.State) {
	case "accepted", "running":
		return ortsnah.E(ortsnah.NotFound, "planning.result_not_ready")
	case "failed":
		if run.Error != nil {
			return run.Error
		}
	}
	if run.Result == nil {
		return ortsnah.E(ortsnah.NotFound, "planning.no_results")
	}
	wanted, err := planning.WantedOf(r.Context(), s.DB, run.ID)
	if err != nil {
		return err
	}
	if len(wanted.Outputs) == 0 { // a run that planners started
		wanted.Outputs = outputNames()
	}
	var parts []resultPart
	for _, name := range wanted.Outputs {
		part, err := s.resultPart(r, run, name)
		if err != nil {
			return err
		}
		parts = append(parts, part)
	}
	w.Header().Set("Cache-Control", private)
	switch {
	case !wanted.Raw:
		document := map[string]json.RawMessage{}
		for _, p := range parts {
			document[p.name] = p.body
		}
		return answerDocument(w, http.StatusOK, document)
	case len(parts) == 1:
		w.Header().Set("Content-Type", parts[0].media)
		_, err := w.Write(parts[0].body)
		return err
	}
	return sendRelated(w, parts)
}

// resultPart is one output.
type resultPart struct {
	name, media string
	body        []byte
}

func (s *Server) resultPart(r *http.Request, run planning.Run, name string) (p resultPart, err error) {
	p = resultPart{name: name, media: jsonMedia}
	switch name {
	case sitesOutput:
		p.media = geoJSONMedia
		p.body, err = encoded(siteFeatures(run.Result.Sites))
	case cellsOutput:
		p.media = geoJSONMedia
		p.body, err = encoded(cellFeatures(run.Result.Cells))
	case certificateOutput:
		p.body, _, err = planning.CertificateFile(r.Context(), s.DB, run.ID)
		if ortsnah.KindOf(err) == ortsnah.NotFound {
			p.body, err = []byte("null"), nil // nothing was searched, so nothing is proven
		}
	default:
		o := *run.Result
		o.Sites, o.Cells = []planning.SiteFigures{}, []planning.CellFigure{} // outputs of their own
		p.body, err = encoded(o)
	}
	return p, err
}

func feature(id string, lon, lat float64, properties object) object {
	return object{"type": "Feature", "id": id, "geometry": object{"type": "Point", "coordinates": [2]float64{lon, lat}}, "properties": properties}
}

func collectionOf(features []object) object {
	return object{"type": "FeatureCollection", "features": append([]object{}, features...)}
}

func siteFeatures(sites []planning.SiteFigures) object {
	var all []object
	for _, c := range sites {
		all = append(all, feature(c.ID, c.Lon, c.Lat, object{"name": c.Name, "step_free": c.StepFree, "weight": c.Weight,
			"mean_s": c.Mean, "farthest_s": c.Farthest, "loss": c.Loss, "loss_unserved": c.LossUnserved}))
	}
	return collectionOf(all)
}

func cellFeatures(cells []planning.CellFigure) object {
	var all []object
	for _, c := range cells {
		properties := object{"weight": c.Weight, "people": c.People, "over_65": c.Over65, "guessed": c.Guessed, "site": nil}
		if c.Site != "" {
			properties["site"], properties["seconds"] = c.Site, c.Seconds
		}
		all = append(all, feature(c.ID, c.Lon, c.Lat, properties))
	}
	return collectionOf(all)
}

// sendRelated sends several outputs as they are (RFC 2387).
func sendRelated(w http.ResponseWriter, parts []resultPart) error {
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for _, p := range parts {
		part, err := m.CreatePart(textproto.MIMEHeader{"Content-Type": {p.media}, "Content-Id": {"<" + p.name + ">"}})
		if err != nil {
			return err
		}
		if _, err := part.Write(p.body); err != nil {
			return err
		}
	}
	if err := m.Close(); err != nil {
		return err
	}
	w.Header().Set("Content-Type", fmt.Sprintf("multipart/related; boundary=%s", m.Boundary()))
	_, err := w.Write(body.Bytes())
	return err
}
