package travel

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/paulmach/orb"
	"github.com/paulmach/osm"
	"github.com/paulmach/osm/osmpbf"

	"github.com/ortsnah/ortsnah"
)

// Credit is what the Open Database License wants shown wherever times or
// streets of an OpenStreetMap extract are (openstreetmap.org/copyright).
const Credit = "© OpenStreetMap-Mitwirkende (ODbL)"

// ReadPBF reads the streets of an OpenStreetMap extract (.osm.pbf, OSM wiki
// "PBF Format"): twice, first the ways, then the places of their nodes, so that
// buildings and everything else never fill the memory. Errors: Invalid
// travel.not_an_extract, travel.cut_off, travel.broken_extract,
// travel.unsupported_extract, travel.no_streets; NotFound travel.no_file.
func ReadPBF(ctx context.Context, path string) (Map, error) {
	f, err := os.Open(path)
	if err != nil {
		return Map{}, ortsnah.E(ortsnah.NotFound, "travel.no_file", "file", filepath.Base(path)).Because(err)
	}
	defer f.Close()
	if err := checkFrames(ctx, f, filepath.Base(path)); err != nil {
		return Map{}, err
	}
	m := Map{Attribution: Credit}
	if m.Ways, err = readWays(ctx, f); err == nil && len(m.Ways) == 0 {
		return Map{}, ortsnah.E(ortsnah.Invalid, "travel.no_streets").Because(errors.New(path))
	}
	if err == nil {
		m.Nodes, err = readNodes(ctx, f, m.Ways)
	}
	if err != nil {
		if ctx.Err() != nil {
			return Map{}, ctx.Err()
		}
		return Map{}, ortsnah.E(ortsnah.Invalid, "travel.broken_extract", "file", filepath.Base(path)).Because(err)
	}
	return m, nil
}

// scan reads the file from its beginning through a scanner that keep has set up.
func scan(ctx context.Context, f io.ReadSeeker, keep func(*osmpbf.Scanner), each func(osm.Object)) (err error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	s := osmpbf.New(ctx, f, runtime.GOMAXPROCS(0))
	defer func() { err = errors.Join(err, s.Close()) }()
	s.SkipRelations = true
	keep(s)
	for s.Scan() {
		each(s.Object())
	}
	return s.Err()
}

// readWays reads the ways that somebody may use, in the order of the file, with
// the tags that rules read.
func readWays(ctx context.Context, f io.ReadSeeker) ([]Way, error) {
	var ways []Way
	err := scan(ctx, f, func(s *osmpbf.Scanner) {
		s.SkipNodes = true
		s.FilterWay = func(w *osm.Way) bool { return len(w.Nodes) > 1 && !usesOf(w.Tags).none() }
	}, func(o osm.Object) {
		if w, ok := o.(*osm.Way); ok {
			way := Way{Nodes: make([]int64, len(w.Nodes)), Tags: w.Tags}
			for i, n := range w.Nodes {
				way.Nodes[i] = int64(n.ID)
			}
			ways = append(ways, way)
		}
	})
	return ways, err
}

// readNodes reads the nodes of ways, ascending by id. Nodes are taken out while
// blocks are decoded, on several goroutines, as most of an extract's nodes are
// those of buildings.
func readNodes(ctx context.Context, f io.ReadSeeker, ways []Way) ([]Node, error) {
	var ids []int64
	for _, w := range ways {
		ids = append(ids, w.Nodes...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	nodes, seen := make([]Node, len(ids)), make([]bool, len(ids))
	var mu sync.Mutex // of nodes with tags and of double ids; others meet nobody
	err := scan(ctx, f, func(s *osmpbf.Scanner) {
		s.SkipWays = true
		s.FilterNode = func(n *osm.Node) bool {
			at, wanted := slices.BinarySearch(ids, int64(n.ID))
			if !wanted {
				return false
			}
			mu.Lock()
			defer mu.Unlock()
			if !seen[at] {
				seen[at] = true
				nodes[at] = Node{ID: int64(n.ID), At: orb.Point{n.Lon, n.Lat}}
				if n.Tags.Find("barrier") != "" {
					nodes[at].Tags = slices.Clone(n.Tags)
				}
			}
			return false
		}
	}, func(osm.Object) {})
	kept := nodes[:0]
	for i, n := range nodes {
		if seen[i] {
			kept = append(kept, n)
		}
	}
	return kept, err
}
