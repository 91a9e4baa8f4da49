// Package planning is the planners' desk: a Scenario says which demand, which
// candidates and which objective; a Run answers a question about it with a
// proof, worked on by whichever instance is free; a Phase compares what was
// predicted with who came. It joins demand (stations/demand), travel
// (stations/travel) and solver (stations/siting); it owns no arithmetic.
//
// The way of a run:
//
//	Start ─ row "queued" ─ Desk.Work claims it ─ prepare: demand.Select, travel.Times.Matrix → ground
//	      ─ search: siting.Solve (curve, price, stability ask it again) ─ outcome: words and figures
//	      ─ enclose: proof.Check, inputs, certificate ─ row "done"
//
// Every step is in the database: who watches (Events, Desk.Watch) may come late
// or leave, an instance may die, Dismiss reaches the run wherever it is.
//
// To add a purpose: a constant in run.go, its question in question.go, an
// answer_<purpose>.go that adds to the Outcome, a line in job.sites, the CHECK
// of the table. To add an objective: a Kind of siting/instance and its line in
// objectives, unit and the codes of datasets.go.
package planning
