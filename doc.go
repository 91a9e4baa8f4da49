// Package ortsnah holds what every room of the house shares and nothing else:
// the error type that people and machines both understand, the actor in whose
// name something happens, and the test that keeps the floor plan.
//
// Imports go downwards only:
//
//	       cmd            may import every room
//	       api            every room except cmd
//	ingest     publish    ingest: geo catalog stations | publish: geo catalog
//	       booking        geo catalog stations
//	       stations       geo catalog
//	       catalog        geo
//	       geo            -
//
// The rooms that exchange data with the world (ingest, publish) cannot import
// booking: personal data has no way out through them. TestFloorPlan enforces
// all of it.
package ortsnah
