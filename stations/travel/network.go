package travel

import (
	"context"

	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/paulmach/orb"
)

// Network is a street network with the closures of a day.
type Network struct{}

// Basis is RoadNetwork.
func (*Network) Basis() Basis { return RoadNetwork }

// Version is as in Times.
func (*Network) Version() string { panic("to be written") }

// Attribution is as in Times.
func (*Network) Attribution() string { panic("to be written") }

// Demo is as in Times.
func (*Network) Demo() bool { panic("to be written") }

// From is as in Times.
func (*Network) From(ctx context.Context, p Profile, from orb.Point, to []orb.Point, cutoff int32) ([]int32, error) {
	panic("to be written")
}

// Matrix is as in Times.
func (*Network) Matrix(ctx context.Context, p Profile, cells, sites []orb.Point, cutoff int32) (instance.Matrix, error) {
	panic("to be written")
}
