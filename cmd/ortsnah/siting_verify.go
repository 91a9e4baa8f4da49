package main

import (
	"bufio"
	"errors"
	"io"
	"slices"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/stations/siting"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

type sitingVerify struct {
	instanceFile
	Certificate string `arg:"" help:"File that 'ortsnah siting solve --certificate' wrote, or that a planning run offers."`
	JSON        bool   `name:"json" help:"Print the answer as JSON."`
}

// Run is the command.
func (cmd sitingVerify) Run(c console) error {
	answer, err := cmd.verify(c)
	holds := err == nil
	if !holds && !cmd.JSON {
		return err
	}
	if answer.Verified = &holds; !holds {
		answer.Reason = i18n.Error(c.lang(), err)
	}
	return errors.Join(answer.print(c.out, cmd.JSON), err)
}

func (cmd sitingVerify) verify(c console) (sitingAnswer, error) {
	in, err := open(cmd.Certificate)
	if err != nil {
		return sitingAnswer{}, err
	}
	defer in.Close()
	text := bufio.NewReader(in)
	if head, _ := text.Peek(len(weekHead)); string(head) == weekHead {
		return verifyWeek(text, cmd.Certificate)
	}
	file, err := proof.ReadFile(text, cmd.Certificate)
	if err != nil {
		return sitingAnswer{}, err
	}
	if err := file.Check(); err != nil {
		return sitingAnswer{}, err
	}
	if cmd.Instance != "" {
		if err := cmd.compare(c, file); err != nil {
			return sitingAnswer{}, err
		}
	}
	a := stated(file.Problem, file.Certificate)
	a.Inputs = file.Inputs
	return a, nil
}

// weekHead begins the file of a week's plan.
const weekHead = `{"format":"` + siting.WeekFormat + `"`

// verifyWeek checks the plan of a week.
func verifyWeek(in io.Reader, name string) (sitingAnswer, error) {
	file, err := siting.ReadWeekFile(in, name)
	if err != nil {
		return sitingAnswer{}, err
	}
	if err := file.Check(); err != nil {
		return sitingAnswer{}, err
	}
	c, p := file.Certificate, file.Problem
	summary := proof.Certificate{Status: c.Status, Value: c.Value, Bound: c.Bound}
	for j, sessions := range c.Held {
		if sessions > 0 {
			summary.Open = append(summary.Open, int32(j))
		}
	}
	a := stated(&instance.Problem{Kind: "week", Weights: p.WalkIns, Sites: p.Sites, Costs: p.Costs, SiteIDs: p.SiteIDs}, summary)
	a.Hash = ""
	return a, nil
}

// compare holds an instance against the problem in the certificate's file: its
// bytes are those named there, and cells, sites and costs are the same.
func (cmd sitingVerify) compare(c console, file *proof.File) error {
	p, input, err := cmd.read(c)
	if err != nil {
		return err
	}
	if len(file.Inputs) == 1 && file.Inputs[0].SHA256 != input.SHA256 {
		return ortsnah.E(ortsnah.Invalid, "siting.other_file", "file", cmd.Instance, "hash", input.SHA256, "name", file.Inputs[0].Name, "want", file.Inputs[0].SHA256)
	}
	q := file.Problem
	same := slices.Equal(p.Weights, q.Weights) && p.Sites == q.Sites && slices.Equal(p.CellIDs, q.CellIDs) && slices.Equal(p.SiteIDs, q.SiteIDs) && equal(p.Costs, q.Costs)
	if !same {
		return ortsnah.E(ortsnah.Invalid, "siting.other_problem", "file", cmd.Instance)
	}
	return nil
}

func equal(a, b instance.Matrix) bool {
	return slices.Equal(a.Row, b.Row) && slices.Equal(a.Site, b.Site) && slices.Equal(a.Cost, b.Cost)
}
