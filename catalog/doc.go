// Package catalog holds what the town publishes: datasets with their data
// dictionary, their features in versions, and the files made of them.
//
// A dataset has a stable id ("construction-sites"), a Schema (its data
// dictionary) and Metadata (what DCAT wants to know). Its features live in a
// table of their own, catalog."feature_construction_sites": typed columns, the
// geometry in the working CRS, and the finished GeoJSON text that every reader
// copies (encode once, copy at read). Public datasets have a view of the same
// shape in schema "open"; the read role sees nothing else.
//
// All changes go through Stage: a writer hands in the complete next state of
// a dataset, Commit compares it by key and content hash with the current one,
// writes only what differs and numbers the result as a new version. A feature
// row is valid in the versions [_since, _until). Equal states make no version.
//
// To add a built-in dataset: one entry in builtin.go. To add a type of field:
// one entry in Types and a case in ingest/convert.go.
package catalog
