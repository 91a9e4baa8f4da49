package siting

import (
	"context"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

func solveCapacitated(context.Context, *instance.Problem, Options) (*Result, error) {
	return nil, ortsnah.E(ortsnah.Unsupported, "siting.unknown_problem", "problem", instance.Capacitated)
}
