package travel

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"

	"github.com/ortsnah/ortsnah/stations/siting/instance"
)

// pair is the time from a cell to the site whose list it is in.
type pair struct{ cell, cost int32 }

// eachSite calls scan for all sites on as many goroutines as there are
// processors and returns the lists in the order of sites, whatever the order of
// the work: neighbours are worked on one after the other, as they need the same
// memory. start makes what one goroutine needs for itself.
func eachSite(ctx context.Context, sites []orb.Point, start func() func(site int) []pair) ([][]pair, error) {
	n, order := len(sites), make([]int, len(sites))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(zorder(spotOf(sites[a])), zorder(spotOf(sites[b]))) })
	lists := make([][]pair, n)
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range min(runtime.GOMAXPROCS(0), n) {
		group.Go(func() error {
			scan := start()
			for {
				if err := ctx.Err(); err != nil {
					return err
				}
				k := int(next.Add(1)) - 1
				if k >= n {
					return nil
				}
				lists[order[k]] = scan(order[k])
			}
		})
	}
	return lists, group.Wait()
}

// compress turns the lists of sites into rows of cells, ascending by cost, then
// by site.
func compress(cells int, lists [][]pair) instance.Matrix {
	m := instance.Matrix{Row: make([]int64, cells+1)}
	for _, list := range lists {
		for _, p := range list {
			m.Row[p.cell+1]++
		}
	}
	for i := range cells {
		m.Row[i+1] += m.Row[i]
	}
	keys, next := make([]uint64, m.Row[cells]), slices.Clone(m.Row)
	for site, list := range lists {
		for _, p := range list {
			keys[next[p.cell]] = uint64(p.cost)<<32 | uint64(site)
			next[p.cell]++
		}
	}
	m.Site, m.Cost = make([]int32, len(keys)), make([]int32, len(keys))
	spare := make([]uint64, len(lists))
	for i := range cells {
		byCost(keys[m.Row[i]:m.Row[i+1]], spare)
	}
	for k, key := range keys {
		m.Site[k], m.Cost[k] = int32(key), int32(key>>32)
	}
	return m
}

// byCost sorts keys that ascend by their lower halves, the sites: by counting
// the bytes of the upper ones, the costs, from the last to the first. Few keys
// are compared instead. spare has room for as many.
func byCost(keys, spare []uint64) {
	const few = 64
	if len(keys) < few {
		slices.Sort(keys)
		return
	}
	most := slices.Max(keys)
	from, to := keys, spare[:len(keys)]
	for shift := 32; shift < 64 && most>>shift > 0; shift += 8 {
		var next [256]int32
		for _, key := range from {
			next[byte(key>>shift)]++
		}
		sum := int32(0)
		for b, count := range next {
			next[b], sum = sum, sum+count
		}
		for _, key := range from {
			b := byte(key >> shift)
			to[next[b]] = key
			next[b]++
		}
		from, to = to, from
	}
	if &from[0] != &keys[0] {
		copy(keys, from)
	}
}
