package api

import (
	"maps"
	"net/http"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/catalog"
)

// object is a JSON object that is written by hand.
type object = map[string]any

// definitionOffers are the forms of the API's definition.
func definitionOffers() []offer {
	return []offer{{"json", openAPI30}, {"html", htmlMedia}, {"json", jsonMedia}}
}

// ogcDefinition answers /ogc/api: the OpenAPI 3.0 document of all collections
// with their filters (OGC 17-069r4, section 7.3 and conformance class oas30).
func (s *Server) ogcDefinition(w http.ResponseWriter, r *http.Request) error {
	o, err := ogcDocument(w, r, definitionOffers())
	if err != nil {
		return err
	}
	all, err := s.collections(r.Context())
	if err != nil {
		return err
	}
	if o.name == "html" {
		return s.page(w, r, definitionPage(all, web.LangOf(r)))
	}
	return writeJSON(w, r, o.media, s.definition(all, s.base(r)))
}

// definitionPage lists the operations for people.
func definitionPage(all []catalog.Dataset, lang string) web.OGCLanding {
	p := web.OGCLanding{Title: i18n.Text(lang, "api.ogc.definition", nil),
		Description: i18n.Text(lang, "api.ogc.definition.text", nil),
		Links: []web.Link{{Text: "OpenAPI 3.0 (JSON)", URL: "/ogc/api?f=json"}, {Text: "GET /ogc/", URL: "/ogc/"},
			{Text: "GET /ogc/conformance", URL: "/ogc/conformance"}, {Text: "GET /ogc/collections", URL: "/ogc/collections"}}}
	for _, d := range all {
		path := "/ogc/collections/" + d.ID + "/items"
		p.Links = append(p.Links, web.Link{Text: "GET " + path, URL: path + "?f=html"})
	}
	return p
}

// definition is the OpenAPI document.
func (s *Server) definition(all []catalog.Dataset, base string) object {
	ids := []string{}
	paths := object{
		"/":            operation("getLandingPage", "Landing page", documentAnswer("landingPage"), formatParameters()),
		"/conformance": operation("getConformance", "Conformance classes", documentAnswer("confClasses"), formatParameters()),
		"/api":         operation("getDefinition", "This document", answerAs(openAPI30, object{"type": "object"}), formatParameters()),
		"/collections": operation("getCollections", "Collections", documentAnswer("collections"), formatParameters()),
	}
	schemas := fixedSchemas()
	for _, d := range all {
		ids = append(ids, d.ID)
		path, word := "/collections/"+d.ID+"/items", catalog.FieldName(d.ID)
		title := d.Metadata.Title.In("en")
		paths[path] = operation("get_"+word, title, featuresAnswer(word+"_page"), itemsParameters(d))
		paths[path+"/{featureId}"] = operation("get_"+word+"_feature", title+": one feature", featuresAnswer(word),
			append(formatParameters(), object{"name": "featureId", "in": "path", "required": true, "schema": object{"type": "string"}}))
		schemas[word], schemas[word+"_page"] = featureSchema(d), pageSchema(word)
	}
	if len(ids) > 0 {
		paths["/collections/{collectionId}"] = operation("getCollection", "One collection", documentAnswer("collection"),
			append(formatParameters(), object{"name": "collectionId", "in": "path", "required": true,
				"schema": object{"type": "string", "enum": ids}}))
	}
	maps.Copy(paths, processPaths())
	maps.Copy(schemas, processSchemas())
	info := object{"title": "OGC API " + s.townName("en"), "version": "1.0.0",
		"description": i18n.Text("en", "api.ogc.description", nil)}
	if c := s.Town.Contact; c.Name != "" {
		info["contact"] = object{"name": c.Name}
	}
	return object{"openapi": "3.0.3", "info": info, "servers": []object{{"url": base + "/ogc"}},
		"paths": paths, "components": object{"schemas": schemas}}
}

func operation(id, summary string, ok object, parameters []object) object {
	problem := object{"description": "Problem", "content": object{"application/problem+json": object{"schema": ref("problem")}}}
	return object{"get": object{"operationId": id, "summary": summary, "parameters": parameters, "responses": object{
		"200": ok, "304": object{"description": "Not modified"},
		"400": problem, "404": problem, "406": problem, "500": problem, "503": problem}}}
}

func ref(schema string) object { return object{"$ref": "#/components/schemas/" + schema} }

func answerAs(media string, schema object) object {
	return object{"description": "OK", "content": object{media: object{"schema": schema},
		"text/html": object{"schema": object{"type": "string"}}}}
}

func documentAnswer(schema string) object { return answerAs(jsonMedia, ref(schema)) }

func featuresAnswer(schema string) object {
	a := answerAs(geoJSONMedia, ref(schema))
	a["content"].(object)[jsonMedia] = object{"schema": ref(schema)}
	return a
}

func parameter(name, description string, schema object) object {
	return object{"name": name, "in": "query", "required": false, "description": description, "schema": schema,
		"style": "form", "explode": false}
}

func formatParameters() []object {
	return []object{
		parameter("f", "Representation; overrides the Accept header.", object{"type": "string", "enum": []string{"json", "html"}}),
		parameter("lang", "Language of HTML and of titles.", object{"type": "string", "enum": []string{"de", "en"}}),
	}
}

// itemsParameters are the parameters of a collection's items: those of the
// standard as its annex prescribes them, paging, and a filter for each field.
func itemsParameters(d catalog.Dataset) []object {
	numbers := func(n int) object {
		return object{"type": "array", "items": object{"type": "number"}, "minItems": n, "maxItems": n}
	}
	list := append(formatParameters(),
		parameter("bbox", "West, south, east, north in CRS84 degrees, with heights as third and sixth number.",
			object{"oneOf": []object{numbers(4), numbers(6)}}),
		parameter("datetime", "Instant or interval of RFC 3339 times; '..' leaves an end open. A date means the local day.",
			object{"type": "string"}),
		parameter("limit", "Most features of a page.",
			object{"type": "integer", "minimum": 1, "maximum": largestLimit, "default": defaultLimit}),
		parameter("after", "Continue behind this row; part of the next link.", object{"type": "integer", "minimum": 0}),
		parameter("version", "Read the dataset as it was in this version; default the current one. Part of the next link, "+
			"so that paging shows every feature once although the data changes meanwhile.", object{"type": "integer", "minimum": 1}))
	for _, f := range filters(d) {
		list = append(list, parameter(f.Name, f.Title.In("en"), valueSchema(f)))
	}
	return list
}

// valueSchema is the JSON Schema of a field's values.
func valueSchema(f catalog.Field) object {
	s := object{"type": "string"}
	switch f.Type {
	case catalog.Integer, catalog.Number, catalog.Boolean:
		s["type"] = string(f.Type)
	case catalog.Date:
		s["format"] = "date"
	case catalog.DateTime:
		s["format"] = "date-time"
	case catalog.JSON:
		s = object{}
	}
	if len(f.Codes) > 0 {
		var values []string
		for _, c := range f.Codes {
			values = append(values, c.Value)
		}
		s["enum"] = values
	}
	return s
}

// featureSchema describes a feature of d.
func featureSchema(d catalog.Dataset) object {
	properties := object{}
	for _, f := range d.Schema.Public() {
		p := valueSchema(f)
		p["title"], p["nullable"] = f.Title.In("en"), true
		delete(p, "enum") // sources may say more than the list; filters may not
		properties[f.Name] = p
	}
	return object{"type": "object", "required": []string{"type", "id", "geometry", "properties"}, "properties": object{
		"type": object{"type": "string", "enum": []string{"Feature"}}, "id": object{"type": "string"},
		"geometry":   object{"type": "object", "nullable": true},
		"properties": object{"type": "object", "properties": properties},
		"links":      object{"type": "array", "items": ref("link")}}}
}

func pageSchema(feature string) object {
	return object{"type": "object", "required": []string{"type", "features"}, "properties": object{
		"type":          object{"type": "string", "enum": []string{"FeatureCollection"}},
		"features":      object{"type": "array", "items": ref(feature)},
		"links":         object{"type": "array", "items": ref("link")},
		"timeStamp":     object{"type": "string", "format": "date-time"},
		"numberMatched": object{"type": "integer", "minimum": 0}, "numberReturned": object{"type": "integer", "minimum": 0}}}
}

// fixedSchemas are the schemas that do not depend on the datasets.
func fixedSchemas() object {
	text, links := object{"type": "string"}, object{"type": "array", "items": ref("link")}
	return object{
		"link": object{"type": "object", "required": []string{"href", "rel"}, "properties": object{
			"href": text, "rel": text, "type": text, "title": text, "hreflang": text}},
		"landingPage": object{"type": "object", "required": []string{"links"}, "properties": object{
			"title": text, "description": text, "links": links}},
		"confClasses": object{"type": "object", "required": []string{"conformsTo"}, "properties": object{
			"conformsTo": object{"type": "array", "items": text}, "links": links}},
		"collections": object{"type": "object", "required": []string{"links", "collections"}, "properties": object{
			"links": links, "collections": object{"type": "array", "items": ref("collection")}}},
		"collection": object{"type": "object", "required": []string{"id", "links"}, "properties": object{
			"id": text, "title": text, "description": text, "itemType": text, "storageCrs": text, "links": links,
			"crs": object{"type": "array", "items": text}, "extent": object{"type": "object"}}},
		"problem": object{"type": "object", "required": []string{"status", "detail", "detail_en"}, "properties": object{
			"type": text, "title": text, "status": object{"type": "integer"}, "detail": text, "detail_en": text, "field": text}},
	}
}
