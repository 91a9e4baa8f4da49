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
	if unchanged(w, r, etag(d.ID, strconv.Itoa(q.version), q.values.Encode(), s.base(r), q.format.media)) {
		return nil
	}
	w.Header().Set("Content-Type", q.format.media)
	if r.Method == http.MethodHead {
		return nil
	}
	return s.streamItems(w, r, d, q)
}

// fullPage ends a page before its limit is reached (OGC 17-069r4, section
// 7.15.2 allows fewer): a page fits into memory and has left the database
// before its first byte is sent, so that a slow client holds no connection.
const fullPage = 8 << 20

// featureStream collects one FeatureCollection.
type featureStream struct {
	buf      *bytes.Buffer
	limit    int
	returned int
	last     int64 // row number of the last feature written
	more     bool  // there is a feature behind the last one
}

func (s *Server) streamItems(w http.ResponseWriter, r *http.Request, d catalog.Dataset, q itemsRequest) error {
	buf := s.buffers.take()
	defer s.buffers.give(buf)
	f := &featureStream{buf: buf, limit: q.Limit}
	read := func(ask catalog.Query) (bool, error) {
		f.begin()
		ask.Limit++ // one more than wanted tells whether there is a next page
		return f.more, catalog.EachGeoJSON(r.Context(), s.Open, d, ask, f.add)
	}
	if f.begin(); !q.empty {
		if err := s.pinned(r.Context(), d, q, read); err != nil {
			return err
		}
	}
	if err := s.finishItems(r, d, q, f); err != nil {
		return err
	}
	_, err := buf.WriteTo(w)
	return err
}

func (f *featureStream) begin() {
	f.returned, f.last, f.more = 0, 0, false
	f.buf.Reset()
	f.buf.WriteString(`{"type":"FeatureCollection","features":[`)
}

func (f *featureStream) add(row int64, geojson []byte) error {
	if f.returned == f.limit || f.buf.Len() >= fullPage {
		f.more = true
		return nil
	}
	if f.returned > 0 {
		f.buf.WriteByte(',')
	}
	f.buf.Write(geojson)
	f.returned++
	f.last = row
	return nil
}

// pinned reads a page of version q.version, so that paging shows every feature
// once although the data changes meanwhile. The current version is read by its
// indexes; when it was replaced before that was done, the page is read again
// as it was. read reports whether there is a next page.
func (s *Server) pinned(ctx context.Context, d catalog.Dataset, q itemsRequest, read func(catalog.Query) (bool, error)) error {
	ask := q.Query
	if q.version == d.Version {
		more, err := read(ask)
		if err != nil || !more && q.After == 0 {
			return err // one page alone is whole, of whatever version
		}
		var now int
		err = s.Open.QueryRow(ctx, `SELECT version FROM open.dataset WHERE id = $1`, d.ID).Scan(&now)
		if err != nil || now == q.version {
			return err
		}
	}
	ask.Version = q.version
	_, err := read(ask)
	return err
}

// finishItems writes what follows the features.
func (s *Server) finishItems(r *http.Request, d catalog.Dataset, q itemsRequest, f *featureStream) error {
	f.buf.WriteByte(']')
	if n := matched(q, f.returned, f.more); n >= 0 {
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
func matched(q itemsRequest, returned int, more bool) int64 {
	switch {
	case !q.filtered():
		return q.rows
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
		links = append(links, link{Href: own + "/items?" + q.next("json", last), Rel: "next", Type: geoJSONMedia})
	}
	return links
}

// next is the query of the page behind the row called last.
func (q itemsRequest) next(format string, last int64) string {
	return with(q.values, "f", format, "after", strconv.FormatInt(last, 10), "version", strconv.Itoa(q.version))
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

// give takes a buffer back, unless a large page made it too large to keep.
func (p *buffers) give(b *bytes.Buffer) {
	if b.Cap() <= fullPage/4 {
		b.Reset()
		p.pool.Put(b)
	}
}
