package api

import "maps"

// processPaths are the operations of Processes in the OpenAPI document (OGC
// 18-062r2, conformance class oas30).
func processPaths() object {
	id := object{"name": "id", "in": "path", "required": true, "schema": object{"type": "string"}}
	process := object{"name": "id", "in": "path", "required": true, "schema": enumeration(sitingProcess)}
	jsonOnly := []object{parameter("f", "Representation.", enumeration("json")), parameter("lang", "Language of titles.", enumeration("de", "en"))}
	with := func(more ...object) []object { return append(append([]object{}, jsonOnly...), more...) }
	job := onlyJSON("OK", ref("statusInfo"))
	results := object{"description": "The outputs that were asked for", "content": object{
		jsonMedia: object{"schema": object{"type": "object"}}, geoJSONMedia: object{"schema": object{"type": "object"}},
		"multipart/related": object{"schema": object{"type": "string"}}}}
	created := onlyJSON("A job was made", ref("statusInfo"))
	created["headers"] = object{"Location": object{"schema": object{"type": "string"}}, "Preference-Applied": object{"schema": object{"type": "string"}}}
	execute := processOperation("execute", "Execute the process; planners only", results, with(process,
		object{"name": "Prefer", "in": "header", "required": false, "schema": object{"type": "string"}, "description": "respond-async makes a job"},
		object{"name": "Idempotency-Key", "in": "header", "required": false, "schema": object{"type": "string", "minLength": 16, "maxLength": 128}}))
	execute["responses"].(object)["201"] = created
	execute["requestBody"] = object{"required": true, "content": object{jsonMedia: object{"schema": ref("execute")}}}
	return object{
		"/processes": object{"get": processOperation("getProcesses", "Processes", onlyJSON("OK", ref("processList")),
			with(parameter("limit", "Most processes of a page.", integerFrom(1, mostJobs))))},
		"/processes/{id}":           object{"get": processOperation("getProcessDescription", "Inputs and outputs of a process", onlyJSON("OK", ref("process")), with(process))},
		"/processes/{id}/execution": object{"post": execute},
		"/jobs":                     object{"get": processOperation("getJobs", "Jobs", onlyJSON("OK", ref("jobList")), with(jobParameters()...))},
		"/jobs/{id}": object{"get": processOperation("getStatus", "Status of a job", job, with(id)),
			"delete": processOperation("dismiss", "Cancel a job; planners only", job, with(id))},
		"/jobs/{id}/results": object{"get": processOperation("getResult", "Results of a job", results, with(id))},
	}
}

func jobParameters() []object {
	list := object{"type": "array", "items": object{"type": "string"}}
	return []object{
		parameter("limit", "Most jobs of a page.", object{"type": "integer", "minimum": 1, "maximum": mostJobs, "default": usualJobs}),
		parameter("type", "Kinds of jobs.", list), parameter("processID", "Processes.", list),
		parameter("status", "Statuses.", object{"type": "array", "items": jobStatusSchema()}),
		parameter("datetime", "Instant or interval in which jobs were made.", object{"type": "string"}),
		parameter("minDuration", "Seconds.", object{"type": "number", "minimum": 0}),
		parameter("maxDuration", "Seconds.", object{"type": "number", "minimum": 0}),
	}
}

func onlyJSON(description string, schema object) object {
	return object{"description": description, "content": object{jsonMedia: object{"schema": schema}}}
}

func processOperation(id, summary string, ok object, parameters []object) object {
	problem := object{"description": "Problem", "content": object{"application/problem+json": object{"schema": ref("problem")}}}
	responses := object{"200": ok}
	for _, code := range []string{"304", "400", "401", "403", "404", "409", "413", "415", "500", "503"} {
		responses[code] = problem
	}
	responses["304"] = object{"description": "Not modified"}
	return object{"operationId": id, "summary": summary, "parameters": parameters, "responses": responses}
}

func jobStatusSchema() object {
	return enumeration("accepted", "running", "successful", "failed", "dismissed")
}

// processSchemas are those of the standard, as far as this server uses them.
func processSchemas() object {
	text, when := object{"type": "string"}, object{"type": "string", "format": "date-time"}
	links := object{"type": "array", "items": ref("link")}
	texts := object{"type": "array", "items": text}
	summary := object{"id": text, "version": text, "title": text, "description": text, "keywords": texts, "jobControlOptions": texts,
		"outputTransmission": texts, "links": links}
	whole := maps.Clone(summary)
	whole["inputs"], whole["outputs"] = object{"type": "object"}, object{"type": "object"}
	properties := object{}
	for name, in := range sitingInputSchemas() {
		schema := maps.Clone(in.(object)["schema"].(object))
		delete(schema, "contentMediaType") // of JSON schema 2020-12, which OpenAPI 3.0 does not know
		properties[name] = schema
	}
	return object{
		"processSummary": object{"type": "object", "required": []string{"id", "version"}, "properties": summary},
		"process":        object{"type": "object", "required": []string{"id", "version", "inputs", "outputs"}, "properties": whole},
		"processList": object{"type": "object", "required": []string{"processes", "links"}, "properties": object{
			"processes": object{"type": "array", "items": ref("processSummary")}, "links": links}},
		"statusInfo": object{"type": "object", "required": []string{"jobID", "status", "type"}, "properties": object{
			"processID": text, "type": enumeration("process"), "jobID": text, "status": jobStatusSchema(), "message": text, "created": when,
			"started": when, "finished": when, "progress": integerFrom(0, 100), "links": links}},
		"jobList": object{"type": "object", "required": []string{"jobs", "links"}, "properties": object{
			"jobs": object{"type": "array", "items": ref("statusInfo")}, "links": links}},
		"execute": object{"type": "object", "required": []string{"inputs"}, "properties": object{
			"inputs":   object{"type": "object", "required": []string{"candidates", "demand", "objective"}, "properties": properties},
			"outputs":  object{"type": "object", "additionalProperties": object{"type": "object"}},
			"response": object{"type": "string", "enum": []string{"raw", "document"}, "default": "raw"}}},
	}
}
