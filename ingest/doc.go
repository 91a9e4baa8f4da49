// Package ingest brings data into the house: files, folders, archives, URLs
// and feeds, in any format that sources.go lists.
//
// One half reads: a Source is opened (open.go, fetch.go), spooled where its
// bytes could not be read twice, and a Reader of its format yields Records or
// RowErrors, each with its Place and original bytes.
//
// The other half imports: Import converts records to the dataset's schema
// (convert.go), checks that coordinates can be true (area.go), stages them and
// commits one new version in one transaction. Until that commit readers see
// the old version; a crash, Ctrl-C or a full disk leave it untouched. What
// cannot be used goes to quarantine (quarantine.go) with its original bytes,
// and the last good state of such a row stays.
//
// To add a format or feed: ingest/<name>.go, a line in sources.go, testdata.
package ingest
