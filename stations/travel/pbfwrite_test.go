package travel

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/paulmach/osm"
)

// This file writes extracts for tests: dense nodes and ways in blocks of 8,000,
// packed with zlib (OSM wiki, "PBF Format").

// message is a message of Protocol Buffers.
type message []byte

func (m *message) number(field int, v uint64) {
	*m = binary.AppendUvarint(binary.AppendUvarint(*m, uint64(field)<<3), v)
}

func (m *message) bytes(field int, b []byte) {
	*m = append(binary.AppendUvarint(binary.AppendUvarint(*m, uint64(field)<<3|2), uint64(len(b))), b...)
}

// packed writes numbers as one field; signed ones in zigzag.
func (m *message) packed(field int, signed bool, values []int64) {
	var b []byte
	for _, v := range values {
		if signed {
			b = binary.AppendVarint(b, v)
		} else {
			b = binary.AppendUvarint(b, uint64(v))
		}
	}
	m.bytes(field, b)
}

// deltas are the differences from one value to the next.
func deltas(values []int64) []int64 {
	list := make([]int64, len(values))
	last := int64(0)
	for i, v := range values {
		list[i], last = v-last, v
	}
	return list
}

// frame appends a block of a kind to a file. Blocks are packed unless raw.
func frame(file []byte, kind string, block message, raw bool) []byte {
	var blob, head message
	if raw {
		blob.bytes(1, block)
	} else {
		var packed bytes.Buffer
		w := zlib.NewWriter(&packed)
		_, _ = w.Write(block)
		_ = w.Close()
		blob.number(2, uint64(len(block)))
		blob.bytes(3, packed.Bytes())
	}
	head.bytes(1, []byte(kind))
	head.number(3, uint64(len(blob)))
	file = binary.BigEndian.AppendUint32(file, uint32(len(head)))
	return append(append(file, head...), blob...)
}

// table collects the strings of a block.
type table struct {
	number map[string]int64
	list   message
}

func newTable() *table {
	t := &table{number: map[string]int64{}}
	t.of("") // 0 ends the tags of a dense node
	return t
}

func (t *table) of(s string) int64 {
	n, known := t.number[s]
	if !known {
		n = int64(len(t.number))
		t.number[s] = n
		t.list.bytes(1, []byte(s))
	}
	return n
}

// block is a PrimitiveBlock with one group.
func (t *table) block(group message) message {
	var b message
	b.bytes(1, t.list)
	b.bytes(2, group)
	return b
}

func headerBlock() message {
	var header message
	header.bytes(4, []byte("OsmSchema-V0.6"))
	header.bytes(4, []byte("DenseNodes"))
	header.bytes(16, []byte("ortsnah tests"))
	return header
}

func nodeBlock(nodes []Node) message {
	t := newTable()
	var ids, lats, lons, tags []int64
	tagged := false
	for _, n := range nodes {
		ids = append(ids, n.ID)
		lats, lons = append(lats, int64(math.Round(n.At.Lat()*1e7))), append(lons, int64(math.Round(n.At.Lon()*1e7)))
		for _, tag := range n.Tags {
			tags, tagged = append(tags, t.of(tag.Key), t.of(tag.Value)), true
		}
		tags = append(tags, 0)
	}
	var dense, group message
	dense.packed(1, true, deltas(ids))
	dense.packed(8, true, deltas(lats))
	dense.packed(9, true, deltas(lons))
	if tagged {
		dense.packed(10, false, tags)
	}
	group.bytes(2, dense)
	return t.block(group)
}

func wayBlock(first int64, ways []Way) message {
	t := newTable()
	var group message
	for i, w := range ways {
		var keys, values []int64
		for _, tag := range w.Tags {
			keys, values = append(keys, t.of(tag.Key)), append(values, t.of(tag.Value))
		}
		var way message
		way.number(1, uint64(first+int64(i)))
		way.packed(2, false, keys)
		way.packed(3, false, values)
		way.packed(8, true, deltas(w.Nodes))
		group.bytes(3, way)
	}
	return t.block(group)
}

// extract is a map as the bytes of an .osm.pbf file.
func extract(m Map) []byte {
	const most = 8000
	file := frame(nil, "OSMHeader", headerBlock(), false)
	for i := 0; i < len(m.Nodes); i += most {
		file = frame(file, "OSMData", nodeBlock(m.Nodes[i:min(i+most, len(m.Nodes))]), false)
	}
	for i := 0; i < len(m.Ways); i += most {
		file = frame(file, "OSMData", wayBlock(int64(i)+1, m.Ways[i:min(i+most, len(m.Ways))]), false)
	}
	return file
}

func written(t testing.TB, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "town.osm.pbf")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// houses adds buildings, as most of a real extract is.
func houses(m Map, count int) Map {
	id := int64(len(m.Nodes)) + 1_000_000
	for i := range count {
		corner := m.Nodes[i*7919%len(m.Nodes)].At
		w := Way{Tags: osm.Tags{{Key: "building", Value: "yes"}}}
		for k, d := range [][2]float64{{20, 20}, {32, 20}, {32, 31}, {20, 31}} {
			shift := float64(i*31%97) / 10
			m.Nodes = append(m.Nodes, Node{ID: id, At: [2]float64{corner[0] + (d[0]+shift)*lonMetre, corner[1] + (d[1]+shift*float64(k+1)/3)*latMetre}})
			w.Nodes = append(w.Nodes, id)
			id++
		}
		w.Nodes = append(w.Nodes, w.Nodes[0])
		m.Ways = append(m.Ways, w)
	}
	return m
}
