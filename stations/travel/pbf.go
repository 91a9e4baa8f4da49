package travel

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"

	"github.com/paulmach/osm"
	"github.com/paulmach/osm/osmpbf"

	"github.com/ortsnah/ortsnah"
)

// Credit is what the Open Database License wants shown wherever times or
// streets of an OpenStreetMap extract are (openstreetmap.org/copyright).
const Credit = "© OpenStreetMap-Mitwirkende (ODbL)"

// ReadPBF reads the streets of an OpenStreetMap extract (.osm.pbf, OSM wiki
// "PBF Format") inside clip: first all of it, keeping the places of the nodes
// inside, then the blocks with ways. Ways that leave the clip are cut: their
// nodes outside are not in the map. Errors: Invalid travel.not_an_extract,
// travel.cut_off, travel.broken_extract, travel.unsupported_extract,
// travel.no_streets (nobody may move anywhere inside); NotFound travel.no_file.
func ReadPBF(ctx context.Context, path string, clip Clip) (Map, error) {
	name := filepath.Base(path)
	f, err := os.Open(path)
	if err != nil {
		return Map{}, ortsnah.E(ortsnah.NotFound, "travel.no_file", "file", name).Because(err)
	}
	defer f.Close()
	frames, err := readFrames(ctx, f, name, clip)
	if err != nil {
		return Map{}, err
	}
	m := Map{Attribution: Credit}
	var any bool
	m.Ways, any, err = readWays(ctx, frames.rest(f), &frames.kept)
	switch {
	case ctx.Err() != nil:
		return Map{}, ctx.Err()
	case err != nil:
		return Map{}, ortsnah.E(ortsnah.Invalid, "travel.broken_extract", "file", name).Because(err)
	case len(m.Ways) == 0 && any && clip != Clip{}:
		return Map{}, ortsnah.E(ortsnah.Invalid, "travel.no_streets").Because(errOutside)
	case len(m.Ways) == 0:
		return Map{}, ortsnah.E(ortsnah.Invalid, "travel.no_streets").Because(errors.New(path))
	}
	m.Nodes = frames.kept.of(m.Ways)
	return m, nil
}

// readWays reads the ways that somebody may use and that have a piece between
// nodes of the area, in the order of the file, with the tags that rules read.
// any tells whether somebody may use any way, wherever.
func readWays(ctx context.Context, r io.Reader, within *area) (ways []Way, any bool, err error) {
	var usable atomic.Bool
	s := osmpbf.New(ctx, r, runtime.GOMAXPROCS(0))
	defer func() { err = errors.Join(err, s.Close()) }()
	s.SkipNodes, s.SkipRelations = true, true
	s.FilterWay = func(w *osm.Way) bool {
		if len(w.Nodes) < 2 || usesOf(w.Tags).none() {
			return false
		}
		usable.Store(true)
		return within.crosses(w.Nodes)
	}
	for s.Scan() {
		if w, ok := s.Object().(*osm.Way); ok {
			way := Way{Nodes: make([]int64, len(w.Nodes)), Tags: w.Tags}
			for i, n := range w.Nodes {
				way.Nodes[i] = int64(n.ID)
			}
			ways = append(ways, way)
		}
	}
	return ways, usable.Load(), s.Err()
}

// crosses reports whether two neighbours of a way are in the area.
func (a *area) crosses(nodes osm.WayNodes) bool {
	before := false
	for _, n := range nodes {
		_, here := a.find(int64(n.ID))
		if before && here {
			return true
		}
		before = here
	}
	return false
}

// of are the nodes of ways that are in the area, ascending by id.
func (a *area) of(ways []Way) []Node {
	used := make([]bool, len(a.nodes))
	count := 0
	for _, w := range ways {
		for _, id := range w.Nodes {
			if at, found := a.find(id); found && !used[at] {
				used[at] = true
				count++
			}
		}
	}
	nodes := make([]Node, 0, count)
	for i, n := range a.nodes {
		if used[i] {
			nodes = append(nodes, Node{ID: n.id, At: n.at.point(), Tags: a.barriers[n.id]})
		}
	}
	return nodes
}
