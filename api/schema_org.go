package api

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/catalog"
)

// schemaOrg is the dataset as schema.org/Dataset in JSON-LD, which search
// engines for data read from its page.
func (s *Server) schemaOrg(base string, d catalog.Dataset, p web.DatasetPage, e extent) (string, error) {
	doc := object{"@context": "https://schema.org/", "@type": "Dataset", "@id": base + "/datasets/" + d.ID,
		"url": base + "/daten/" + d.ID, "name": p.Dataset.Title, "description": p.Dataset.Description,
		"identifier": d.ID, "isAccessibleForFree": true, "version": fmt.Sprint(d.Version),
		"dateModified": d.Modified.UTC().Format(time.RFC3339), "datePublished": d.Created.UTC().Format(time.DateOnly),
		"publisher": object{"@type": "Organization", "name": p.Dataset.Publisher}}
	if p.LicenceURL != "" {
		doc["license"] = p.LicenceURL
	}
	if len(p.Keywords) > 0 {
		doc["keywords"] = p.Keywords
	}
	if b := e.bounds; b != nil {
		// schema.org writes latitude first: south west north east.
		doc["spatialCoverage"] = object{"@type": "Place", "name": p.Spatial, "geo": object{"@type": "GeoShape",
			"box": fmt.Sprintf("%.6f %.6f %.6f %.6f", b.Bottom(), b.Left(), b.Top(), b.Right())}}
	}
	if !e.from.IsZero() && !e.to.IsZero() {
		doc["temporalCoverage"] = e.from.Format(time.DateOnly) + "/" + e.to.Format(time.DateOnly)
	}
	var files []object
	for _, f := range p.Distributions {
		files = append(files, object{"@type": "DataDownload", "name": f.Format, "contentUrl": base + f.URL,
			"encodingFormat": f.MediaType, "contentSize": fmt.Sprint(f.Size), "sha256": f.SHA256})
	}
	if files != nil {
		doc["distribution"] = files
	}
	text, err := json.Marshal(doc)
	return string(text), err
}
