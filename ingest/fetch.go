package ingest

import (
	"bufio"
	"context"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
	"syscall"
	"time"

	"github.com/ortsnah/ortsnah"
)

// maxRedirects is how often a source may send the program somewhere else.
const maxRedirects = 5

// fetch copies what a URL answers to the spool. The caller may be anyone who
// may enter a URL, so addresses inside the town's own network are refused: at
// the moment of connecting, when the name has been resolved, which holds for
// redirects and for names that change their address.
func (s *Source) fetch(address string) (file, name string, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "", "", ortsnah.E(ortsnah.Invalid, "ingest.bad_url", "source", s.name).About("source")
	}
	ctx, cancel := context.WithCancelCause(s.ctx)
	defer cancel(nil)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", "", ortsnah.E(ortsnah.Invalid, "ingest.bad_url", "source", s.name).About("source")
	}
	req.Header.Set("User-Agent", "Ortsnah (+https://github.com/ortsnah/ortsnah)")
	req.Header.Set("Accept", "application/geo+json, application/json, text/csv, */*;q=0.8")
	if s.options.NoneMatch != "" {
		req.Header.Set("If-None-Match", s.options.NoneMatch)
	}
	transport := newTransport(s.options)
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: s.checkRedirect}
	resp, err := client.Do(req)
	if err != nil {
		return "", "", s.fetchError(err)
	}
	defer resp.Body.Close()
	if err := s.checkAnswer(resp); err != nil {
		return "", "", err
	}
	s.etag = resp.Header.Get("ETag")
	body := &watched{r: resp.Body, name: s.name, after: s.options.StallAfter, cancel: cancel}
	defer body.stop()
	peeked := bufio.NewReaderSize(body, 4096)
	head, err := peeked.Peek(1024)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", "", s.bodyError(ctx, err)
	}
	if isWebPage(head) {
		return "", "", ortsnah.E(ortsnah.Unsupported, "ingest.web_page", "file", s.name)
	}
	name = fileName(resp)
	file, err = s.spool.file(ctx, name, peeked, nil)
	return file, name, s.bodyError(ctx, err)
}

func (s *Source) checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return ortsnah.E(ortsnah.Unavailable, "ingest.too_many_redirects", "source", s.name, "limit", maxRedirects)
	}
	if req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return ortsnah.E(ortsnah.Unsupported, "ingest.unknown_scheme", "scheme", short(req.URL.Scheme))
	}
	return nil
}

func (s *Source) checkAnswer(resp *http.Response) error {
	switch {
	case resp.StatusCode == http.StatusNotModified && s.options.NoneMatch != "":
		return ortsnah.E(ortsnah.Conflict, "ingest.not_modified", "source", s.name)
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		return ortsnah.E(ortsnah.Unavailable, "ingest.source_locked", "source", s.name, "status", resp.StatusCode)
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone:
		return ortsnah.E(ortsnah.Unavailable, "ingest.source_missing", "source", s.name, "status", resp.StatusCode)
	case resp.StatusCode != http.StatusOK:
		return ortsnah.E(ortsnah.Unavailable, "ingest.source_status", "source", s.name, "status", resp.StatusCode)
	case resp.ContentLength > s.options.MaxSize:
		return ortsnah.E(ortsnah.TooLarge, "ingest.source_too_large")
	}
	return nil
}

// NotModified reports whether Open failed because the source is still in the
// state of Options.NoneMatch: there is nothing to import.
func NotModified(err error) bool {
	e, ok := errors.AsType[*ortsnah.Error](err)
	return ok && e.Key == "ingest.not_modified"
}

// fetchError turns what went wrong before the first byte into a sentence. The
// URL of an url.Error may hold secrets, so only its cause is kept.
func (s *Source) fetchError(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if e, ok := errors.AsType[*ortsnah.Error](err); ok {
		return e
	}
	if s.ctx.Err() != nil {
		return s.ctx.Err()
	}
	key := "ingest.source_away"
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		key = "ingest.source_silent"
	}
	return ortsnah.E(ortsnah.Unavailable, key, "source", s.name).Because(err)
}

func (s *Source) bodyError(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if stalled, ok := errors.AsType[*ortsnah.Error](context.Cause(ctx)); ok {
		return stalled
	}
	if e, ok := errors.AsType[*ortsnah.Error](err); ok {
		return e
	}
	if s.ctx.Err() != nil {
		return s.ctx.Err()
	}
	return ortsnah.E(ortsnah.Unavailable, "ingest.source_broke_off", "source", s.name).Because(err)
}

// watched cancels a transfer when no byte has come for a while.
type watched struct {
	r      io.Reader
	name   string // of the source, for the sentence
	after  time.Duration
	cancel context.CancelCauseFunc
	timer  *time.Timer
}

func (w *watched) Read(b []byte) (int, error) {
	if w.timer == nil {
		w.timer = time.AfterFunc(w.after, func() {
			w.cancel(ortsnah.E(ortsnah.Unavailable, "ingest.source_stalled", "source", w.name, "seconds", int(w.after.Seconds())))
		})
	} else {
		w.timer.Reset(w.after)
	}
	return w.r.Read(b)
}

func (w *watched) stop() {
	if w.timer != nil {
		w.timer.Stop()
	}
}

// fileName is what the server calls the file, else the end of the URL's path.
func fileName(resp *http.Response) string {
	if _, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition")); err == nil {
		if name := path.Base(params["filename"]); params["filename"] != "" && name != "/" && name != "." {
			return name
		}
	}
	name := path.Base(resp.Request.URL.Path)
	if name == "/" || name == "." {
		name = resp.Request.URL.Hostname()
	}
	if path.Ext(name) == "" && strings.HasPrefix(resp.Header.Get("Content-Type"), "text/csv") {
		name += ".csv"
	}
	return name
}

// newTransport is the only way in which this room reaches the network.
func newTransport(o Options) *http.Transport {
	return &http.Transport{
		DialContext:            guardedDialer(o).DialContext,
		TLSHandshakeTimeout:    o.Connect,
		ResponseHeaderTimeout:  o.FirstByte,
		MaxResponseHeaderBytes: 1 << 20,
		ForceAttemptHTTP2:      true,
	}
}

// guardedDialer refuses addresses that are not public, unless they are allowed.
func guardedDialer(o Options) *net.Dialer {
	return &net.Dialer{Timeout: o.Connect, Control: func(_, address string, _ syscall.RawConn) error {
		if o.AllowPrivate {
			return nil
		}
		at, err := netip.ParseAddrPort(address)
		if err != nil || !isPublic(at.Addr()) {
			return ortsnah.E(ortsnah.Forbidden, "ingest.private_address").About("source")
		}
		return nil
	}}
}

// isPublic reports whether an address belongs to the public internet. The
// ranges are those of the IANA special-purpose registries (RFC 6890) that can
// lead into a network of one's own, IPv4 hidden in IPv6 included.
func isPublic(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10"} {
		if netip.MustParsePrefix(p).Contains(a) {
			return false
		}
	}
	return true
}
