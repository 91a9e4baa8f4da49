package travel

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/osm"
)

// Clip is the part of an extract that is read, in 1e-7 degrees: west, south,
// east, north. The zero Clip is everything.
type Clip [4]int32

// clipStep is what clips are rounded to, 0.001°: the last digits of a boundary
// shall not make another cache.
const clipStep = 10_000

// Around is the clip of a bound in lon/lat with so many metres around it.
func Around(b orb.Bound, metres float64) Clip {
	lat := metres / metresPerUnit / 1e7
	lon := lat / math.Cos(min(85, max(math.Abs(b.Min.Lat()), math.Abs(b.Max.Lat())))*math.Pi/180)
	unit := func(degrees, most float64, round func(float64) float64) int32 {
		return int32(round(max(-most, min(most, degrees))*1e7/clipStep) * clipStep)
	}
	return Clip{unit(b.Min.Lon()-lon, 180, math.Floor), unit(b.Min.Lat()-lat, 90, math.Floor),
		unit(b.Max.Lon()+lon, 180, math.Ceil), unit(b.Max.Lat()+lat, 90, math.Ceil)}
}

func (c Clip) has(lon, lat int64) bool {
	return c == Clip{} || int64(c[0]) <= lon && lon <= int64(c[2]) && int64(c[1]) <= lat && lat <= int64(c[3])
}

// String names the clip in file names.
func (c Clip) String() string {
	if c == (Clip{}) {
		return "all"
	}
	return fmt.Sprintf("%d_%d_%d_%d", c[0]/clipStep, c[1]/clipStep, c[2]/clipStep, c[3]/clipStep)
}

// area are the nodes of an extract inside a clip: 16 bytes for each, so that
// memory depends on the clip rather than on the extract.
type area struct {
	clip     Clip
	nodes    []located // ascending by id after order
	barriers map[int64]osm.Tags
	pages    pages
}

type located struct {
	id int64
	at spot
}

// order sorts the nodes by id; of double ids the first in the file stays.
func (a *area) order() {
	byID := func(x, y located) int { return cmp.Compare(x.id, y.id) }
	if !slices.IsSortedFunc(a.nodes, byID) { // extracts are sorted as a rule
		slices.SortStableFunc(a.nodes, byID)
	}
	a.nodes = slices.CompactFunc(a.nodes, func(x, y located) bool { return x.id == y.id })
	a.pages = newPages(a.nodes)
}

// find is the node's place in nodes. It may be asked by many at once.
func (a *area) find(id int64) (at int, found bool) {
	if !a.pages.may(id) {
		return 0, false
	}
	return slices.BinarySearchFunc(a.nodes, id, func(n located, id int64) int { return cmp.Compare(n.id, id) })
}

// pages are hashes of the ids, 64 neighbours to one: most of what is not there
// is known not to be at the price of one look.
type pages struct {
	bits  []uint64
	shift int
}

func newPages(nodes []located) pages {
	p := pages{shift: 64 - 10}
	for count := 1 << 10; count < 2*len(nodes); count *= 2 {
		p.shift--
	}
	p.bits = make([]uint64, 1<<(64-p.shift)/64)
	for _, n := range nodes {
		h := p.hash(n.id)
		p.bits[h>>6] |= 1 << (h & 63)
	}
	return p
}

func (p pages) hash(id int64) uint64 { return uint64(id>>6) * 0x9e3779b97f4a7c15 >> p.shift }

func (p pages) may(id int64) bool {
	h := p.hash(id)
	return p.bits[h>>6]>>(h&63)&1 == 1
}

// take reads a PrimitiveBlock (OSM wiki, "PBF Format"): it keeps the dense
// nodes inside the clip, tells whether there are ways, and refuses plain nodes.
func (a *area) take(block []byte) (ways bool, err error) {
	b := nodeReader{area: a, granularity: 100}
	var groups [][]byte
	err = fields(block, func(number int, value uint64, part []byte) error {
		switch number {
		case 1:
			b.strings = part
		case 2:
			groups = append(groups, part)
		case 17:
			b.granularity = int64(int32(value))
		case 19:
			b.south = int64(value)
		case 20:
			b.west = int64(value)
		}
		return nil
	})
	for _, group := range groups {
		err = cmp.Or(err, fields(group, func(number int, _ uint64, part []byte) error {
			switch number {
			case 1:
				return errUnknown
			case 2:
				return b.nodes(part)
			case 3:
				ways = true
			}
			return nil
		}))
	}
	return ways, err
}

// nodeReader reads the dense nodes of a block.
type nodeReader struct {
	*area
	strings     []byte
	granularity int64 // nanodegrees
	west, south int64 // nanodegrees
}

// nodes reads ids, places and tags, each list of differences packed into one
// field.
func (d *nodeReader) nodes(group []byte) error {
	var ids, lats, lons, tags []byte
	if err := fields(group, func(number int, _ uint64, part []byte) error {
		switch number {
		case 1:
			ids = part
		case 8:
			lats = part
		case 9:
			lons = part
		case 10:
			tags = part
		}
		return nil
	}); err != nil {
		return err
	}
	var id, lat, lon int64
	first := len(d.area.nodes)
	var index []int // of the kept ones in the group
	for i := 0; len(ids) > 0; i++ {
		if !(step(&ids, &id) && step(&lats, &lat) && step(&lons, &lon)) {
			return errFrame
		}
		x, y := (d.west+d.granularity*lon)/100, (d.south+d.granularity*lat)/100
		if max(x, -x) <= 180e7 && max(y, -y) < 90e7 && d.clip.has(x, y) {
			d.area.nodes = append(d.area.nodes, located{id, spot{int32(x), int32(y)}})
			if len(tags) > 0 {
				index = append(index, i)
			}
		}
	}
	return d.tags(tags, index, d.area.nodes[first:])
}

// step adds the next difference to a number.
func step(list *[]byte, sum *int64) bool {
	v, n := binary.Varint(*list)
	if n <= 0 {
		return false
	}
	*list, *sum = (*list)[n:], *sum+v
	return true
}

// tags keeps those of the nodes that are barriers. keyvals are numbers of
// strings, key and value in turn, 0 behind those of a node.
func (d *nodeReader) tags(keyvals []byte, index []int, kept []located) error {
	if len(index) == 0 || len(keyvals) == 0 {
		return nil
	}
	texts, barrier := [][]byte{}, uint64(0)
	if err := fields(d.strings, func(_ int, _ uint64, text []byte) error {
		if string(text) == "barrier" {
			barrier = uint64(len(texts))
		}
		texts = append(texts, text)
		return nil
	}); err != nil || barrier == 0 {
		return err
	}
	var list []uint64 // of one node
	for i, at := 0, 0; len(keyvals) > 0 && at < len(index); {
		v, n := binary.Uvarint(keyvals)
		if n <= 0 || v >= uint64(len(texts)) {
			return errFrame
		}
		if keyvals = keyvals[n:]; v != 0 || len(list)%2 == 1 { // a value may be empty
			list = append(list, v)
			continue
		}
		if i == index[at] {
			d.barrier(kept[at].id, list, barrier, texts)
			at++
		}
		list, i = list[:0], i+1
	}
	return nil
}

func (d *nodeReader) barrier(id int64, list []uint64, key uint64, texts [][]byte) {
	var tags osm.Tags
	for i := 0; i < len(list); i += 2 {
		tags = append(tags, osm.Tag{Key: string(texts[list[i]]), Value: string(texts[list[i+1]])})
	}
	if _, double := d.barriers[id]; double || tags.Find("barrier") == "" {
		return
	}
	if d.barriers == nil {
		d.barriers = map[int64]osm.Tags{}
	}
	d.barriers[id] = tags
}
