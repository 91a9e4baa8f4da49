package api

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/planning"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/travel"
)

// What a synchronous execution may take: longer ones are jobs.
const (
	syncSeconds = 20               // of the search
	syncWait    = 90 * time.Second // with everything around it
)

// executionAsked is the body of an execution (OGC 18-062r2, section 7.11).
type executionAsked struct {
	Inputs   executionInputs            `json:"inputs"`
	Outputs  map[string]executionOutput `json:"outputs"`
	Response string                     `json:"response"`
}

type executionOutput struct {
	TransmissionMode string          `json:"transmissionMode"`
	Format           json.RawMessage `json:"format"`
}

// executionInputs are those that sitingInputSchemas describes.
type executionInputs struct {
	Title      string            `json:"title"`
	Candidates json.RawMessage   `json:"candidates"`
	Demand     planning.Demand   `json:"demand"`
	Objective  instance.Kind     `json:"objective"`
	Profile    travel.Profile    `json:"profile"`
	P          int               `json:"p"`
	Radius     int               `json:"radius_s"`
	Cap        int               `json:"cap_s"`
	Cutoff     int               `json:"cutoff_s"`
	Capacity   int64             `json:"capacity"`
	Day        string            `json:"day"`
	Seconds    int               `json:"seconds"`
	Weekly     *planning.Weekly  `json:"weekly"`
	Purpose    planning.Purpose  `json:"purpose"`
	Question   planning.Question `json:"question"`
}

// ogcExecute answers POST /ogc/processes/{id}/execution. With the preference
// respond-async it is 201 with a job at Location, else 200 with the results.
func (s *Server) ogcExecute(w http.ResponseWriter, r *http.Request) error {
	if err := theProcess(r); err != nil {
		return err
	}
	var asked executionAsked
	raw, err := readScenario(w, r, &asked)
	if err != nil {
		return err
	}
	wanted, err := asked.wanted()
	if err != nil {
		return err
	}
	d, err := asked.Inputs.definition()
	if err != nil {
		return err
	}
	if prefersAsync(r) {
		w.Header().Set("Preference-Applied", "respond-async")
		return s.once(w, r, s.account(r).ID, raw, func(ctx context.Context) (int, []byte, error) {
			run, err := s.executed(ctx, r, asked.Inputs, d, wanted)
			if err != nil {
				return 0, nil, err
			}
			body, err := encoded(s.jobAnswer(r, run))
			return http.StatusCreated, body, err
		})
	}
	if d.Seconds == 0 || d.Seconds > syncSeconds {
		d.Seconds = syncSeconds
	}
	run, err := s.executed(r.Context(), r, asked.Inputs, d, wanted)
	if err != nil {
		return err
	}
	if run, err = s.awaited(r.Context(), run); err != nil {
		return err
	}
	return s.sendResults(w, r, run)
}

// prefersAsync reads the header Prefer (RFC 7240).
func prefersAsync(r *http.Request) bool {
	for _, line := range r.Header.Values("Prefer") {
		for preference := range strings.SplitSeq(line, ",") {
			name, _, _ := strings.Cut(preference, ";")
			if strings.EqualFold(strings.TrimSpace(name), "respond-async") {
				return true
			}
		}
	}
	return false
}

// wanted is what the results shall hold and how.
func (a executionAsked) wanted() (planning.Wanted, error) {
	w := planning.Wanted{Raw: a.Response != "document"}
	if !slices.Contains([]string{"", "raw", "document"}, a.Response) {
		return w, ortsnah.E(ortsnah.Invalid, "api.no_such_format", "value", shortened(a.Response), "allowed", "raw, document").About("response")
	}
	for _, name := range outputNames() {
		if _, ok := a.Outputs[name]; ok || len(a.Outputs) == 0 {
			w.Outputs = append(w.Outputs, name)
		}
	}
	for name, o := range a.Outputs {
		if !slices.Contains(outputNames(), name) {
			return w, ortsnah.E(ortsnah.Invalid, "planning.no_such_output", "name", shortened(name), "known", strings.Join(outputNames(), ", ")).About("outputs")
		}
		if o.TransmissionMode != "" && o.TransmissionMode != "value" {
			return w, ortsnah.E(ortsnah.Invalid, "api.no_such_format", "value", shortened(o.TransmissionMode), "allowed", "value").About("transmissionMode")
		}
	}
	return w, nil
}

// definition is the scenario that the inputs describe.
func (in executionInputs) definition() (planning.Definition, error) {
	d := planning.Definition{Demand: in.Demand, Profile: in.Profile, Day: in.Day, Objective: in.Objective, P: in.P, Radius: in.Radius, Cap: in.Cap,
		Cutoff: in.Cutoff, Capacity: in.Capacity, Weekly: in.Weekly, Seconds: in.Seconds}
	if d.Profile == "" {
		d.Profile = travel.Walk
	}
	if d.Demand.Measure == "" {
		d.Demand.Measure = "people"
	}
	var err error
	d.Candidates, err = candidateFeatures(in.Candidates)
	return d, err
}

// candidateFeature is a GeoJSON feature (RFC 7946) as far as it is a site.
type candidateFeature struct {
	ID       any `json:"id"`
	Geometry struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	} `json:"geometry"`
	Properties struct {
		ID       any           `json:"id"`
		Name     string        `json:"name"`
		Role     planning.Role `json:"role"`
		StepFree bool          `json:"step_free"`
		Capacity int64         `json:"capacity"`
	} `json:"properties"`
}

// candidateFeatures reads a FeatureCollection of points. A feature without id
// is named by its place in the list, so that results can say which is meant.
func candidateFeatures(raw json.RawMessage) ([]planning.Candidate, error) {
	if len(raw) == 0 {
		return nil, ortsnah.E(ortsnah.Invalid, "planning.no_candidates").About("candidates")
	}
	var all struct {
		Type     string             `json:"type"`
		Features []candidateFeature `json:"features"`
	}
	if json.Unmarshal(raw, &all) != nil || all.Type != "FeatureCollection" {
		return nil, ortsnah.E(ortsnah.Invalid, "planning.not_geojson").About("candidates")
	}
	var list []planning.Candidate
	for i, f := range all.Features {
		var at []float64
		if f.Geometry.Type != "Point" || json.Unmarshal(f.Geometry.Coordinates, &at) != nil || len(at) < 2 {
			return nil, ortsnah.E(ortsnah.Invalid, "planning.not_a_point", "n", i+1).About("candidates")
		}
		list = append(list, planning.Candidate{ID: featureID(f, i), Name: f.Properties.Name, Kind: "drawn", Lon: at[0], Lat: at[1],
			Role: f.Properties.Role, StepFree: f.Properties.StepFree, Capacity: f.Properties.Capacity})
	}
	return list, nil
}

func featureID(f candidateFeature, i int) string {
	for _, id := range []any{f.ID, f.Properties.ID} {
		switch id := id.(type) {
		case string:
			if id != "" {
				return id
			}
		case float64:
			if id == math.Trunc(id) && math.Abs(id) < 1<<53 {
				return jsonNumber(id)
			}
		}
	}
	return "feature-" + jsonNumber(float64(i+1))
}

func jsonNumber(x float64) string {
	text, _ := json.Marshal(int64(x)) // an integer always has a JSON form
	return string(text)
}

// executed keeps the question and starts its run. Without a title the scenario
// is archived at once: programs ask often, and planners' lists are for people.
func (s *Server) executed(ctx context.Context, r *http.Request, in executionInputs, d planning.Definition, wanted planning.Wanted) (planning.Run, error) {
	name := in.Title
	if name == "" {
		name = "OGC API Processes " + s.Now().In(s.Zone).Format("2006-01-02 15:04:05")
	}
	return planning.Execute(ctx, s.DB, s.Now(), planning.Scenario{Name: name, Definition: d, Author: s.account(r).Name}, in.Title != "", in.Purpose, in.Question, wanted)
}

// awaited is the run when it has ended.
func (s *Server) awaited(ctx context.Context, run planning.Run) (planning.Run, error) {
	ctx, cancel := context.WithTimeout(ctx, syncWait)
	defer cancel()
	changed := make(<-chan struct{})
	if s.Planning != nil {
		var stop func()
		changed, stop = s.Planning.Watch(run.ID)
		defer stop()
	}
	for {
		_, settled, err := planning.Settled(ctx, s.DB, run.ID)
		if err == nil && settled {
			return planning.FindRun(ctx, s.DB, run.ID)
		}
		if err != nil && ctx.Err() == nil {
			return run, err
		}
		select {
		case <-ctx.Done():
			return run, ortsnah.E(ortsnah.Unavailable, "planning.takes_longer", "job", run.ID)
		case _, open := <-changed:
			if !open {
				return run, ortsnah.E(ortsnah.Unavailable, "planning.takes_longer", "job", run.ID)
			}
		case <-time.After(lookAgain):
		}
	}
}
