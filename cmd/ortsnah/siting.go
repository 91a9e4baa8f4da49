package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/siting"
	"github.com/ortsnah/ortsnah/stations/siting/instance"
	"github.com/ortsnah/ortsnah/stations/siting/proof"
)

type sitingCommand struct {
	Solve  sitingSolve  `cmd:"" help:"Choose sites. Exit code 0: the choice is proven optimal; 1: there is none, or the proof was not finished."`
	Verify sitingVerify `cmd:"" help:"Check a certificate without trusting the solver. Exit code 0: it holds; 1: it is rejected."`
}

// instanceFile is how commands read an instance.
type instanceFile struct {
	Instance string `placeholder:"FILE" help:"Instance: OR-Library p-median, TSPLIB EUC_2D or JSON; - for standard input."`
	Format   string `enum:",orlib,tsplib,json" default:"" placeholder:"F" help:"Format of the instance: orlib, tsplib or json; default: told from its beginning."`
}

// read reads the instance and says where it came from.
func (f instanceFile) read(c console) (*instance.Problem, proof.Input, error) {
	in, name := c.in, "-"
	if f.Instance != "-" {
		file, err := open(f.Instance)
		if err != nil {
			return nil, proof.Input{}, err
		}
		defer file.Close()
		in, name = file, filepath.Base(f.Instance)
	}
	hash := sha256.New()
	p, err := instance.Read(io.TeeReader(in, hash), f.Format, f.Instance)
	return p, proof.Input{Name: name, Format: f.Format, SHA256: hex.EncodeToString(hash.Sum(nil))}, err
}

func open(name string) (*os.File, error) {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ortsnah.E(ortsnah.NotFound, "siting.no_such_file", "file", name).Because(err)
	}
	if err != nil {
		return nil, ortsnah.E(ortsnah.Invalid, "siting.unreadable", "file", name).Because(err)
	}
	return file, nil
}

type sitingSolve struct {
	instanceFile
	Problem     string        `enum:",pmedian,capacitated,mclp,lscp,pcenter" default:"" placeholder:"KIND" help:"pmedian, capacitated, mclp, lscp or pcenter; default: what the instance says, else pmedian."`
	P           *int          `name:"p" placeholder:"N" help:"Sites to open beside existing ones; default: what the instance says."`
	Radius      *int32        `placeholder:"N" help:"mclp, lscp: a cell is covered up to this cost."`
	Cap         *int32        `placeholder:"N" help:"pmedian: nobody counts with more than this cost."`
	Capacity    *int64        `placeholder:"N" help:"capacitated: the same capacity for every site."`
	Required    []string      `placeholder:"SITE,..." help:"Sites that must be among the chosen, by id."`
	Forbidden   []string      `placeholder:"SITE,..." help:"Sites that must not be chosen."`
	Existing    []string      `placeholder:"SITE,..." help:"Sites that are open in any case and not counted."`
	Limit       time.Duration `placeholder:"DURATION" help:"Stop after this time with the best so far and its gap, e.g. 90s."`
	Certificate string        `placeholder:"FILE" help:"Write the proof to this file; 'ortsnah siting verify' checks it."`
	JSON        bool          `name:"json" help:"Print the answer as JSON."`
}

// Validate says what kong cannot: it is a usage error.
func (cmd sitingSolve) Validate() error {
	if cmd.Instance == "" {
		return errors.New("missing flags: --instance=FILE")
	}
	if cmd.Limit < 0 {
		return errors.New("--limit must not be negative")
	}
	return nil
}

// Run is the command.
func (cmd sitingSolve) Run(ctx context.Context, c console) error {
	p, input, err := cmd.read(c)
	if err != nil {
		return err
	}
	if err := cmd.ask(p); err != nil {
		return err
	}
	if cmd.Limit > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, cmd.Limit)
		defer stop()
	}
	began, live := time.Now(), newLiveGap(c)
	result, err := siting.Solve(ctx, p, siting.Options{Progress: live.show})
	live.done()
	if err != nil {
		return err
	}
	if cmd.Certificate != "" {
		file := proof.File{Inputs: []proof.Input{input}, Problem: p, Certificate: result.Certificate}
		if err := writeWhole(cmd.Certificate, file.Write); err != nil {
			return err
		}
	}
	if err := answerOf(p, result, time.Since(began)).print(c.out, cmd.JSON); err != nil {
		return err
	}
	return short(result)
}

// ask puts the question of the flags to the instance.
func (cmd sitingSolve) ask(p *instance.Problem) error {
	if cmd.Problem != "" {
		p.Kind = instance.Kind(cmd.Problem)
	}
	if within := p.Kind == instance.MCLP || p.Kind == instance.LSCP; within && p.Radius == 0 && cmd.Radius == nil {
		return ortsnah.E(ortsnah.Invalid, "siting.radius_needed", "problem", p.Kind).About("radius")
	}
	if cmd.P != nil {
		p.P = *cmd.P
	}
	if cmd.Radius != nil {
		p.Radius = *cmd.Radius
	}
	if cmd.Cap != nil {
		p.Cap = *cmd.Cap
	}
	if cmd.Capacity != nil {
		p.Capacity = slices.Repeat([]int64{*cmd.Capacity}, p.Sites)
	}
	for _, list := range []struct {
		flag  string
		names []string
		to    *[]int32
	}{{"required", cmd.Required, &p.Required}, {"forbidden", cmd.Forbidden, &p.Forbidden}, {"existing", cmd.Existing, &p.Existing}} {
		for _, name := range list.names {
			j := slices.Index(p.SiteIDs, name)
			if p.SiteIDs == nil {
				n, err := strconv.ParseUint(name, 10, 31)
				if j = int(n); err != nil || j >= p.Sites {
					j = -1
				}
			}
			if j < 0 {
				return ortsnah.E(ortsnah.Invalid, "siting.site_not_found", "site", name, "flag", list.flag, "file", cmd.Instance).About(list.flag)
			}
			*list.to = append(*list.to, int32(j))
		}
	}
	return p.Check()
}

// short is the error of an answer that is less than a proven best choice.
func short(r *siting.Result) error {
	switch c := r.Certificate; c.Status {
	case proof.Infeasible:
		return r.Why
	case proof.Gap:
		return ortsnah.E(ortsnah.Conflict, "siting.stopped", "value", c.Value, "bound", c.Bound, "gap", percent(c.Value, c.Bound))
	case proof.Unknown:
		return ortsnah.E(ortsnah.Conflict, "siting.stopped_without", "bound", c.Bound)
	}
	return nil
}

// percent is the gap between value and bound in per cent of the value. A gap
// that is there is never shown as 0.
func percent(value, bound int64) string {
	gap := 100 * math.Abs(float64(value-bound)) / math.Max(1, math.Abs(float64(value)))
	if gap > 0 && gap < 0.01 {
		return "< 0.01"
	}
	return strconv.FormatFloat(math.Ceil(gap*100)/100, 'f', -1, 64)
}

// sitingAnswer is what solve and verify print.
type sitingAnswer struct {
	Verified *bool         `json:"verified,omitempty"`
	Reason   string        `json:"reason,omitempty"` // why it is rejected
	Status   proof.Status  `json:"status,omitempty"`
	Problem  instance.Kind `json:"problem,omitempty"`
	P        int           `json:"p,omitempty"`
	Cells    int           `json:"cells,omitempty"`
	Sites    int           `json:"sites,omitempty"`
	Value    *int64        `json:"value,omitempty"`
	Bound    *int64        `json:"bound,omitempty"`
	Gap      *float64      `json:"gap,omitempty"` // of the value
	Open     []string      `json:"open,omitempty"`
	Seconds  *float64      `json:"seconds,omitempty"`
	Nodes    *int          `json:"nodes,omitempty"`
	Hash     string        `json:"problem_sha256,omitempty"`
	Inputs   []proof.Input `json:"inputs,omitempty"`
}

func answerOf(p *instance.Problem, r *siting.Result, took time.Duration) sitingAnswer {
	a := stated(p, r.Certificate)
	seconds := math.Round(took.Seconds()*1000) / 1000
	a.Seconds, a.Nodes = &seconds, &r.Nodes
	return a
}

// stated is what a certificate says about a problem.
func stated(p *instance.Problem, c proof.Certificate) sitingAnswer {
	a := sitingAnswer{Status: c.Status, Problem: p.Kind, P: p.P, Cells: p.Cells(), Sites: p.Sites, Hash: p.Hash()}
	if p.Kind == instance.LSCP {
		a.P = 0
	}
	if c.Status == proof.Optimal || c.Status == proof.Gap {
		gap := math.Abs(float64(c.Value-c.Bound)) / math.Max(1, math.Abs(float64(c.Value)))
		a.Value, a.Gap = &c.Value, &gap
	}
	if c.Status != proof.Infeasible {
		a.Bound = &c.Bound
	}
	for _, j := range c.Open {
		a.Open = append(a.Open, p.SiteName(j))
	}
	return a
}

// print writes the answer for a machine or as a small table.
func (a sitingAnswer) print(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(a)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(name string, value any) { fmt.Fprintf(table, "%s\t%v\n", name, value) }
	if a.Verified != nil {
		row("verified", "yes")
	}
	row("problem", a.Problem)
	if a.P > 0 {
		row("p", a.P)
	}
	row("cells, sites", fmt.Sprintf("%d, %d", a.Cells, a.Sites))
	row("status", a.Status)
	if a.Value != nil {
		row("value", *a.Value)
	}
	if a.Bound != nil {
		row("bound", *a.Bound)
	}
	if a.Value != nil {
		row("gap", percent(*a.Value, *a.Bound)+" %")
		row("open", strings.Join(a.Open, " "))
	}
	if a.Seconds != nil {
		row("seconds", *a.Seconds)
		row("nodes", *a.Nodes)
	}
	for _, in := range a.Inputs {
		row("input", in.Name+" sha256 "+in.SHA256)
	}
	return table.Flush()
}

// writeWhole writes a file that appears only when it is complete.
func writeWhole(name string, write func(io.Writer) error) error {
	cannot := func(err error) error {
		return ortsnah.E(ortsnah.Invalid, "siting.cannot_write", "file", name).Because(err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".ortsnah-siting-*")
	if err != nil {
		return cannot(err)
	}
	defer os.Remove(tmp.Name())
	err = errors.Join(write(tmp), tmp.Chmod(0o644), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		return cannot(err)
	}
	return nil
}
