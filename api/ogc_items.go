package api

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
)

// ogcItems answers /ogc/collections/{id}/items (OGC 17-069r4, section 7.15).
func (s *Server) ogcItems(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Accept")
	d, err := s.readyDataset(r)
	if err != nil {
		return err
	}
	q, err := s.itemsRequest(r, d)
	if err != nil {
		return err
	}
	if q.format.name == "html" {
		return s.itemsPage(w, r, d, q)
	}
	w.Header().Set("Cache-Control", freshly)
	if unchanged(w, r, etag(d.ID, strconv.Itoa(d.Version), q.values.Encode(), s.base(r), q.format.media)) {
		return nil
	}
	w.Header().Set("Content-Type", q.format.media)
	if r.Method == http.MethodHead {
		return nil
	}
	return s.streamItems(w, r, d, q)
}

// fullBuffer is how much is kept before it is sent. Features are collected in buffers and copied out when one is
// full: a page of ordinary size has left the database before the first byte
// is sent, so that a slow client holds a buffer but no connection.
const fullBuffer = 1 << 20

// answerTime is how long a client may take for one full buffer.
const answerTime = 30 * time.Second

// featureStream writes one FeatureCollection.
type featureStream struct {
	w        http.ResponseWriter
	buf      *bytes.Buffer
	limit    int
	returned int
	last     int64 // row number of the last feature written
	more     bool  // there is a feature behind the last one
}

func (s *Server) streamItems(w http.ResponseWriter, r *http.Request, d catalog.Dataset, q itemsRequest) error {
	buf := s.buffers.take()
	defer s.buffers.give(buf)
	f := &featureStream{w: w, buf: buf, limit: q.Limit}
	buf.WriteString(`{"type":"FeatureCollection","features":[`)
	if !q.empty {
		ask := q.Query
		ask.Limit++ // one more than wanted tells whether there is a next page
		if err := catalog.EachGeoJSON(r.Context(), s.Open, d, ask, f.add); err != nil {
			return err
		}
	}
	if err := s.finishItems(r, d, q, f); err != nil {
		return err
	}
	return f.flush()
}

func (f *featureStream) add(row int64, geojson []byte) error {
	if f.returned == f.limit {
		f.more = true
		return nil
	}
	if f.returned > 0 {
		f.buf.WriteByte(',')
	}
	f.buf.Write(geojson)
	f.returned++
	f.last = row
	if f.buf.Len() < fullBuffer {
		return nil
	}
	return f.flush()
}

func (f *featureStream) flush() error {
	// Not every writer has deadlines; then the server's own holds.
	_ = http.NewResponseController(f.w).SetWriteDeadline(time.Now().Add(answerTime))
	_, err := f.buf.WriteTo(f.w)
	return err
}

// finishItems writes what follows the features.
func (s *Server) finishItems(r *http.Request, d catalog.Dataset, q itemsRequest, f *featureStream) error {
	f.buf.WriteByte(']')
	if n := matched(d, q, f.returned, f.more); n >= 0 {
		f.buf.WriteString(`,"numberMatched":`)
		f.buf.WriteString(strconv.FormatInt(n, 10))
	}
	f.buf.WriteString(`,"numberReturned":`)
	f.buf.WriteString(strconv.Itoa(f.returned))
	f.buf.WriteString(`,"timeStamp":"`)
	f.buf.WriteString(s.Now().UTC().Format(time.RFC3339))
	f.buf.WriteString(`","links":`)
	links, err := json.Marshal(s.itemsLinks(r, d, q, f.last, f.more))
	if err != nil {
		return err
	}
	f.buf.Write(links)
	f.buf.WriteByte('}')
	return nil
}

// matched is the number of features that match, -1 where counting would cost
// a scan: it is known for a whole dataset, and when the first page is the last.
func matched(d catalog.Dataset, q itemsRequest, returned int, more bool) int64 {
	switch {
	case !q.filtered():
		return int64(d.Rows)
	case !more && q.After == 0:
		return int64(returned)
	}
	return -1
}

func (s *Server) itemsLinks(r *http.Request, d catalog.Dataset, q itemsRequest, last int64, more bool) []link {
	own := s.base(r) + "/ogc/collections/" + d.ID
	links := []link{
		{Href: own + "/items?" + with(q.values, "f", "json"), Rel: "self", Type: geoJSONMedia},
		{Href: own + "/items?" + with(q.values, "f", "html"), Rel: "alternate", Type: "text/html"},
		{Href: own + "?f=json", Rel: "collection", Type: jsonMedia},
	}
	if more {
		next := with(q.values, "f", "json", "after", strconv.FormatInt(last, 10))
		links = append(links, link{Href: own + "/items?" + next, Rel: "next", Type: geoJSONMedia})
	}
	return links
}

// with is the query v with some parameters replaced.
func with(v url.Values, pairs ...string) string {
	out := maps.Clone(v)
	if out == nil {
		out = url.Values{}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out.Encode()
}

// ogcItem answers /ogc/collections/{id}/items/{feature} (section 7.16).
func (s *Server) ogcItem(w http.ResponseWriter, r *http.Request) error {
	o, err := ogcDocument(w, r, itemsOffers())
	if err != nil {
		return err
	}
	d, err := s.readyDataset(r)
	if err != nil {
		return err
	}
	key := pathVar(r, "feature")
	text, err := s.item(r.Context(), d, key)
	if err != nil {
		return err
	}
	if o.name == "html" {
		return s.itemPage(w, r, d, key)
	}
	own := s.base(r) + "/ogc/collections/" + d.ID
	links, err := json.Marshal([]link{
		{Href: own + "/items/" + url.PathEscape(key) + "?f=json", Rel: "self", Type: geoJSONMedia},
		{Href: own + "/items/" + url.PathEscape(key) + "?f=html", Rel: "alternate", Type: "text/html"},
		{Href: own + "?f=json", Rel: "collection", Type: jsonMedia},
	})
	if err != nil {
		return err
	}
	text = append(append(append(text[:len(text)-1], `,"links":`...), links...), '}')
	return writeBytes(w, r, o.media, text)
}

// item is the finished GeoJSON of one feature.
func (s *Server) item(ctx context.Context, d catalog.Dataset, key string) ([]byte, error) {
	var text []byte
	if key != "" { // an empty key would select all
		err := catalog.EachGeoJSON(ctx, s.Open, d, catalog.Query{Key: key}, func(_ int64, geojson []byte) error {
			text = bytes.Clone(geojson)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if text == nil {
		return nil, ortsnah.E(ortsnah.NotFound, "api.no_feature", "key", key, "dataset", d.ID).About("feature")
	}
	return text, nil
}

// buffers are reused between answers.
type buffers struct{ pool sync.Pool }

func (p *buffers) take() *bytes.Buffer {
	if b, ok := p.pool.Get().(*bytes.Buffer); ok {
		return b
	}
	return new(bytes.Buffer)
}

// give takes a buffer back, unless a huge feature made it too large to keep.
func (p *buffers) give(b *bytes.Buffer) {
	if b.Cap() <= 2*fullBuffer {
		b.Reset()
		p.pool.Put(b)
	}
}
