// Package publish turns what the catalogue holds into what the world reads:
// files in open formats, and the DCAT-AP.de catalogue that describes them.
//
// Formats lists the export formats. Each writes one dataset, whole or
// filtered, to an io.Writer while it reads; none holds a dataset in memory.
// Snapshot writes the files of every new version into a Folder, where they
// never change. Catalog turns a Model of the public datasets into RDF triples
// and Encode writes those in any of the Serialisations.
//
// This room reads schema "open" only and cannot import booking: personal data
// has no way out through it.
//
// To add an export format: one file <format>.go with a write function of type
// WriteFunc, one line in formats.go, one row in the table of the conformance
// suite (conformance_test.go) with an independent reader. To say more about a
// dataset in the catalogue: the dcat_*.go file of its class; the golden file
// testdata/catalog.ttl shows the difference.
package publish
