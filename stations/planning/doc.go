// Package planning is the planners' desk: a Scenario says which demand, which
// candidates and which objective; a Run answers a question about it with a
// proof, worked on by whichever instance is free; a Phase compares what was
// predicted with who came. It joins demand (stations/demand), travel
// (stations/travel) and solver (stations/siting); it owns no arithmetic.
package planning
