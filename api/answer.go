package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/ortsnah/ortsnah/api/web"
)

// How long a cache may answer without asking. Data appears a minute after it
// was imported at the latest; asking again costs a 304.
const (
	freshly = "public, max-age=30"
	forEver = "public, max-age=31536000, immutable"
	private = "private, no-store" // the address holds what a person typed
)

// etag is a weak validator: bodies differ in their compression, and in the
// time stamp that OGC asks for.
func etag(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return `W/"` + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:15]) + `"`
}

// unchanged sets the validator and answers 304 when the client has this state
// already (RFC 9110, section 13.1.2); then the handler is done.
func unchanged(w http.ResponseWriter, r *http.Request, tag string) bool {
	w.Header().Set("ETag", tag)
	for candidate := range strings.SplitSeq(strings.Join(r.Header.Values("If-None-Match"), ","), ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || candidate != "" && opaque(candidate) == opaque(tag) {
			w.Header().Del("Content-Type")
			w.WriteHeader(http.StatusNotModified)
			return true
		}
	}
	return false
}

// opaque is a validator without its weakness and without what compression
// appended to it: what weak comparison compares.
func opaque(tag string) string { return strings.TrimPrefix(tag, "W/") }

// writeJSON answers with a small document; its validator is its content.
func writeJSON(w http.ResponseWriter, r *http.Request, media string, doc any) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		return err
	}
	return writeBytes(w, r, media, buf.Bytes())
}

// writeBytes answers with a finished document, or 304.
func writeBytes(w http.ResponseWriter, r *http.Request, media string, body []byte) error {
	h := w.Header()
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", freshly)
	}
	if unchanged(w, r, etag(media, string(body))) {
		return nil
	}
	h.Set("Content-Type", media)
	_, err := w.Write(body)
	return err
}

// page answers with an HTML page, or 304 when the browser has exactly it.
func (s *Server) page(w http.ResponseWriter, r *http.Request, p web.Page) error {
	h := w.Header()
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", freshly)
	}
	kept := &keptWriter{ResponseWriter: w}
	if err := s.Pages.Render(kept, r, http.StatusOK, p); err != nil {
		return err
	}
	if unchanged(w, r, etag(kept.buf.String())) {
		return nil
	}
	_, err := w.Write(kept.buf.Bytes())
	return err
}

// keptWriter keeps the body back; headers go through.
type keptWriter struct {
	http.ResponseWriter
	buf bytes.Buffer
}

func (w *keptWriter) WriteHeader(int)             {}
func (w *keptWriter) Write(b []byte) (int, error) { return w.buf.Write(b) }

// base is the scheme and host of absolute links.
func (s *Server) base(r *http.Request) string {
	if s.BaseURL != "" {
		return s.BaseURL
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// redirect sends the client to a path of this server; nothing of the request
// but its path variables is ever part of it.
func redirect(w http.ResponseWriter, code int, location string) error {
	w.Header().Set("Location", location)
	w.WriteHeader(code)
	return nil
}
