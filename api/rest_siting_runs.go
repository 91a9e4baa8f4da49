package api

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/gzip"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/stations/planning"
)

// runAsked is the body of POST /api/v1/siting/runs.
type runAsked struct {
	Scenario string            `json:"scenario"`
	Purpose  planning.Purpose  `json:"purpose"`
	Question planning.Question `json:"question"`
}

// moveSiteAsked is the body of POST /api/v1/siting/runs/{id}/move.
type moveSiteAsked struct {
	Site string   `json:"site"`
	Lon  *float64 `json:"lon"`
	Lat  *float64 `json:"lat"`
}

// runAnswer is a run with its sentence, where it has one, and what belongs to
// it.
type runAnswer struct {
	planning.Run
	Error *runError `json:"error,omitempty"`
	Links []link    `json:"links"`
}

// runError says why a run has no answer.
type runError struct {
	Type     string `json:"type"`
	Detail   string `json:"detail"`
	DetailEN string `json:"detail_en"`
}

// runsAnswer lists runs.
type runsAnswer struct {
	Runs []runAnswer `json:"runs"`
}

func (s *Server) runAnswer(r *http.Request, run planning.Run) runAnswer {
	own := s.base(r) + "/api/v1/siting/runs/" + run.ID
	a := runAnswer{Run: run, Links: []link{{Href: own, Rel: "self", Type: jsonMedia}, {Href: own + "/events", Rel: "events", Type: eventStream}}}
	if run.InputsHash != "" {
		a.Links = append(a.Links, link{Href: own + "/inputs", Rel: "inputs", Type: jsonMedia}, link{Href: own + "/certificate", Rel: "certificate", Type: jsonMedia})
	}
	if run.Error != nil {
		a.Error = &runError{"urn:ortsnah:problem:" + run.Error.Key, i18n.Error("de", run.Error), i18n.Error("en", run.Error)}
	}
	return a
}

// sitingRuns answers GET /api/v1/siting/runs: all for planners, for others the
// published ones.
func (s *Server) sitingRuns(w http.ResponseWriter, r *http.Request) error {
	v, err := parameters(r, "scenario")
	if err != nil {
		return err
	}
	w.Header().Add("Vary", "Cookie")
	all, err := planning.Runs(r.Context(), s.DB, planning.RunFilter{Scenario: v.Get("scenario"), Published: !s.plans(r)})
	if err != nil {
		return err
	}
	list := runsAnswer{Runs: []runAnswer{}}
	for _, run := range all {
		list.Runs = append(list.Runs, s.runAnswer(r, run))
	}
	return answerDocument(w, http.StatusOK, list)
}

// sitingStart answers POST /api/v1/siting/runs: 202, the run is at Location.
func (s *Server) sitingStart(w http.ResponseWriter, r *http.Request) error {
	var asked runAsked
	raw, err := readScenario(w, r, &asked)
	if err != nil {
		return err
	}
	return s.once(w, r, s.account(r).ID, raw, func(ctx context.Context) (int, []byte, error) {
		run, err := planning.Start(ctx, s.DB, s.Now(), asked.Scenario, asked.Purpose, asked.Question)
		if err != nil {
			return 0, nil, err
		}
		body, err := encoded(s.runAnswer(r, run))
		return http.StatusAccepted, body, err
	})
}

// sitingRun answers GET /api/v1/siting/runs/{id}.
func (s *Server) sitingRun(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	run, err := s.visibleRun(w, r)
	if err != nil {
		return err
	}
	return answerDocument(w, http.StatusOK, s.runAnswer(r, run))
}

// sitingDismiss answers DELETE /api/v1/siting/runs/{id}: it ends with what was
// found until now; one that has ended stays as it is.
func (s *Server) sitingDismiss(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	run, err := planning.Dismiss(r.Context(), s.DB, s.Now(), pathVar(r, "id"))
	if err != nil {
		return err
	}
	return answerDocument(w, http.StatusOK, s.runAnswer(r, run))
}

// sitingInputs answers GET …/inputs: the problem as it went into the solver.
func (s *Server) sitingInputs(w http.ResponseWriter, r *http.Request) error {
	return s.runFile(w, r, "inputs", func(ctx context.Context, id string) ([]byte, string, error) {
		return planning.Inputs(ctx, s.DB, id)
	})
}

// sitingCertificate answers GET …/certificate: the file that `ortsnah siting
// verify` checks without anything else.
func (s *Server) sitingCertificate(w http.ResponseWriter, r *http.Request) error {
	return s.runFile(w, r, "certificate", func(ctx context.Context, id string) ([]byte, string, error) {
		return planning.CertificateFile(ctx, s.DB, id)
	})
}

// runFile answers with a file of a run. Inputs and proofs never change.
func (s *Server) runFile(w http.ResponseWriter, r *http.Request, name string, file func(context.Context, string) ([]byte, string, error)) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	run, err := s.visibleRun(w, r)
	if err != nil {
		return err
	}
	content, sum, err := file(r.Context(), run.ID)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Cache-Control", "private, no-cache")
	if unchanged(w, r, etag(name, run.ID, sum)) {
		return nil
	}
	h.Set("Content-Type", jsonMedia)
	h.Set("Content-Disposition", `attachment; filename="siting-`+run.ID+"-"+name+`.json"`)
	if name == "certificate" {
		_, err = w.Write(content)
		return err
	}
	return sendZipped(w, r, content)
}

// sendZipped sends what is kept compressed, as it is to those who can read it.
func sendZipped(w http.ResponseWriter, r *http.Request, zipped []byte) error {
	w.Header().Add("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		_, err := w.Write(zipped)
		return err
	}
	plain, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return err
	}
	_, err = io.Copy(w, plain)
	return err
}

// sitingMove answers POST …/move: the figures when one site stood elsewhere.
func (s *Server) sitingMove(w http.ResponseWriter, r *http.Request) error {
	if s.Planning == nil {
		return ortsnah.E(ortsnah.Unavailable, "planning.no_desk")
	}
	var asked moveSiteAsked
	if _, err := readScenario(w, r, &asked); err != nil {
		return err
	}
	if asked.Lon == nil || asked.Lat == nil {
		return ortsnah.E(ortsnah.Invalid, "planning.move_where").About("lon")
	}
	moved, err := s.Planning.MovePin(r.Context(), pathVar(r, "id"), asked.Site, *asked.Lon, *asked.Lat)
	if err != nil {
		return err
	}
	return answerDocument(w, http.StatusOK, moved)
}

// sitingPublish answers POST …/publication: the run becomes open data.
func (s *Server) sitingPublish(w http.ResponseWriter, r *http.Request) error {
	return s.publication(w, r, func(ctx context.Context, tx pgx.Tx, id string) (planning.Run, error) {
		return planning.Publish(ctx, tx, s.Now(), id)
	})
}

// sitingUnpublish answers DELETE …/publication.
func (s *Server) sitingUnpublish(w http.ResponseWriter, r *http.Request) error {
	return s.publication(w, r, planning.Unpublish)
}

func (s *Server) publication(w http.ResponseWriter, r *http.Request, change func(context.Context, pgx.Tx, string) (planning.Run, error)) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	var run planning.Run
	err := pgx.BeginFunc(r.Context(), s.DB, func(tx pgx.Tx) (err error) {
		run, err = change(r.Context(), tx, pathVar(r, "id"))
		return err
	})
	if err != nil {
		return err
	}
	return answerDocument(w, http.StatusOK, s.runAnswer(r, run))
}
