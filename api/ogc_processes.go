package api

import (
	"net/http"
	"net/url"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
)

// OGC API Processes, Part 1: Core (OGC 18-062r2): the siting of stations as a
// process of other people's programs. A job is a run of package planning.

// Relations and exceptions of the standard.
const (
	relProcesses = "http://www.opengis.net/def/rel/ogc/1.0/processes"
	relExecute   = "http://www.opengis.net/def/rel/ogc/1.0/execute"
	relResults   = "http://www.opengis.net/def/rel/ogc/1.0/results"
	relJobs      = "http://www.opengis.net/def/rel/ogc/1.0/job-list"
	ogcException = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
)

// sitingProcess is the one process there is.
const sitingProcess = "siting"

// processClasses are the conformance classes of Processes that hold (OGC
// 18-062r2, annex A).
func processClasses() []string {
	const class = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/"
	return []string{class + "core", class + "ogc-process-description", class + "json", class + "oas30", class + "job-list", class + "dismiss"}
}

// ogcExceptions names the problems that have a type in the standard.
func ogcExceptions() map[string]string {
	return map[string]string{"planning.no_such_process": ogcException + "no-such-process",
		"planning.no_such_job": ogcException + "no-such-job", "planning.result_not_ready": ogcException + "result-not-ready"}
}

// processLinks are those of the landing page.
func processLinks(base, lang string) []link {
	return []link{{Href: base + "/ogc/processes", Rel: relProcesses, Type: jsonMedia, Title: i18n.Text(lang, "api.ogc.processes", nil)},
		{Href: base + "/ogc/jobs", Rel: relJobs, Type: jsonMedia, Title: i18n.Text(lang, "api.ogc.jobs", nil)}}
}

// processAsked reads the parameters of a document of Processes, all of which
// are JSON.
func processAsked(r *http.Request, names ...string) (url.Values, error) {
	v, err := parameters(r, append([]string{"f", "lang"}, names...)...)
	if err != nil {
		return nil, err
	}
	if err := checkLanguage(v); err != nil {
		return nil, err
	}
	_, err = negotiate(r, v.Get("f"), []offer{{"json", jsonMedia}})
	if err != nil && v.Get("f") == "" {
		err = nil // a browser, too, may read JSON
	}
	return v, err
}

// ogcProcesses answers /ogc/processes (section 7.9).
func (s *Server) ogcProcesses(w http.ResponseWriter, r *http.Request) error {
	if _, err := processAsked(r, "limit"); err != nil {
		return err
	}
	own := s.base(r) + "/ogc/processes"
	return writeJSON(w, r, jsonMedia, object{"processes": []object{processSummary(own, web.LangOf(r))},
		"links": []link{{Href: own, Rel: "self", Type: jsonMedia}}})
}

// processSummary is what the list says of the process (section 7.9.2).
func processSummary(own, lang string) object {
	return object{"id": sitingProcess, "version": "1.0.0", "title": i18n.Text(lang, "api.ogc.siting", nil),
		"description": i18n.Text(lang, "api.ogc.siting.text", nil), "keywords": []string{"location-allocation", "p-median", "MCLP", "LSCP", "p-center"},
		"jobControlOptions": []string{"sync-execute", "async-execute", "dismiss"}, "outputTransmission": []string{"value"},
		"links": []link{{Href: own + "/" + sitingProcess, Rel: "self", Type: jsonMedia},
			{Href: own + "/" + sitingProcess + "/execution", Rel: relExecute, Type: jsonMedia}}}
}

// ogcProcess answers /ogc/processes/{id} (section 7.10): inputs and outputs as
// JSON schemas.
func (s *Server) ogcProcess(w http.ResponseWriter, r *http.Request) error {
	if _, err := processAsked(r); err != nil {
		return err
	}
	if err := theProcess(r); err != nil {
		return err
	}
	p := processSummary(s.base(r)+"/ogc/processes", web.LangOf(r))
	p["inputs"], p["outputs"] = sitingInputSchemas(), sitingOutputSchemas()
	return writeJSON(w, r, jsonMedia, p)
}

func theProcess(r *http.Request) error {
	if id := pathVar(r, "id"); id != sitingProcess {
		return ortsnah.E(ortsnah.NotFound, "planning.no_such_process", "id", shortened(id), "known", sitingProcess)
	}
	return nil
}

// input describes one input or output; least is how often it must come.
func input(title string, least int, schema object) object {
	return object{"title": title, "minOccurs": least, "maxOccurs": 1, "schema": schema}
}

func integerFrom(low, high int) object {
	return object{"type": "integer", "minimum": low, "maximum": high}
}

func enumeration(values ...string) object { return object{"type": "string", "enum": values} }

// sitingInputSchemas are the fields of executionInputs.
func sitingInputSchemas() object {
	text := object{"type": "string"}
	return object{
		"title": input("Name; keeps the question as a scenario", 0, text),
		"candidates": input("Where a station could stand: Point features with id, and properties name, role (free, required, forbidden, existing), step_free, capacity", 1,
			object{"type": "object", "format": "geojson-feature-collection", "contentMediaType": geoJSONMedia}),
		"demand": input("Who needs it: an imported census grid, counted as people or as visits a year", 1, object{"type": "object", "required": []string{"source"},
			"properties": object{"source": text, "measure": enumeration("people", "visits"), "area": text, "calibrated": object{"type": "boolean"},
				"concerns": object{"type": "array", "items": text}, "groups": object{"type": "object", "additionalProperties": integerFrom(0, 1000)}}}),
		"objective": input("Objective", 1, enumeration("pmedian", "capacitated", "mclp", "lscp", "pcenter")),
		"profile":   input("Mode of travel", 0, object{"type": "string", "enum": []string{"walk", "bike", "car"}, "default": "walk"}),
		"p":         input("Number of sites (not for lscp)", 0, integerFrom(1, 5000)),
		"radius_s":  input("Seconds within which a site must be (mclp, lscp)", 0, integerFrom(0, 86400)),
		"cap_s":     input("Nobody counts with more seconds (pmedian)", 0, integerFrom(0, 86400)),
		"cutoff_s":  input("Longer ways do not exist (seconds)", 0, integerFrom(0, 86400)),
		"capacity":  input("People, or visits a week, that a site can serve (capacitated)", 0, object{"type": "integer", "minimum": 0}),
		"day":       input("Day whose roadworks close streets", 0, object{"type": "string", "format": "date"}),
		"seconds":   input("Stop after that long with a proven gap", 0, integerFrom(0, 3600)),
		"weekly": input("A week's plan instead of plain sites", 0, object{"type": "object", "properties": object{"stations": integerFrom(1, 20),
			"half_days": integerFrom(1, 10), "session_capacity": integerFrom(1, 1<<30), "steerable": integerFrom(0, 100)}}),
		"purpose": input("solve, a curve over p, the price of a site, or stability under census noise", 0,
			object{"type": "string", "enum": []string{"solve", "curve", "price", "stability"}, "default": "solve"}),
		"question": input("Of the purpose: from, to; site; draws, seed", 0, object{"type": "object", "properties": object{
			"from": integerFrom(1, 5000), "to": integerFrom(1, 5000), "site": text, "draws": integerFrom(1, 200), "seed": object{"type": "integer"}}}),
	}
}

// Outputs of the process.
const (
	outcomeOutput     = "outcome"
	sitesOutput       = "sites"
	cellsOutput       = "cells"
	certificateOutput = "certificate"
)

func outputNames() []string {
	return []string{outcomeOutput, sitesOutput, cellsOutput, certificateOutput}
}

func sitingOutputSchemas() object {
	collection := object{"type": "object", "format": "geojson-feature-collection", "contentMediaType": geoJSONMedia}
	document := object{"type": "object", "contentMediaType": jsonMedia}
	return object{outcomeOutput: object{"title": "Value, proven bound, figures", "schema": document},
		sitesOutput:       object{"title": "Chosen and existing sites with their catchments", "schema": collection},
		cellsOutput:       object{"title": "Cells of demand and who serves them", "schema": collection},
		certificateOutput: object{"title": "Proof with its problem, for `ortsnah siting verify`", "schema": document}}
}
