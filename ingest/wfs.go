package ingest

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/ortsnah/ortsnah"
)

// openWFS reads a Web Feature Service with GDAL's driver (capabilities,
// schema, pages). GDAL reaches the network only through a proxy of the program
// itself, which refuses addresses of the town's own network just as fetch does.
func openWFS(ctx context.Context, in Input, o Options) (Reader, error) {
	if in.Address == "" {
		return openOGR(ctx, in, o) // a row from quarantine
	}
	u, err := url.Parse(in.Address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, ortsnah.E(ortsnah.Invalid, "ingest.bad_url", "source", in.Name).About("source")
	}
	dir, err := in.Scratch.folder()
	if err != nil {
		return nil, err
	}
	gate, err := startProxy(o)
	if err != nil {
		return nil, err
	}
	g := gdal{driver: "WFS", name: in.Name, dir: dir, env: nil}
	if err := g.prepare(ctx); err != nil {
		gate.Close()
		return nil, err
	}
	g.env = append(g.env, "GDAL_HTTP_PROXY="+gate.address, "GDAL_HTTP_PROXYUSERPWD=ortsnah:"+gate.secret,
		"CPL_VSIL_CURL_ALLOWED_EXTENSIONS=", "GDAL_HTTP_TIMEOUT="+wholeSeconds(o.StallAfter+o.FirstByte), "GDAL_HTTP_CONNECTTIMEOUT="+wholeSeconds(o.Connect))
	source := "WFS:" + in.Address
	layer, err := g.layer(ctx, source, o.Layer)
	if err == nil && gate.refused() {
		err = ortsnah.E(ortsnah.Forbidden, "ingest.private_address").About("source")
	}
	if err != nil {
		defer gate.Close()
		if gate.refused() {
			return nil, ortsnah.E(ortsnah.Forbidden, "ingest.private_address").About("source")
		}
		return nil, err
	}
	r, err := g.read(ctx, source, layer, in, o)
	if err != nil {
		gate.Close()
		return nil, err
	}
	return &wfsReader{Reader: r, gate: gate}, nil
}

// wfsReader keeps the proxy open as long as GDAL reads.
type wfsReader struct {
	Reader
	gate *proxy
}

func (w *wfsReader) Close() error {
	err := w.Reader.Close()
	w.gate.Close()
	return err
}

func (w *wfsReader) head() []byte {
	if r, ok := w.Reader.(*ogrReader); ok {
		return r.head()
	}
	return nil
}

func (w *wfsReader) spooled() string {
	if r, ok := w.Reader.(*ogrReader); ok {
		return r.spooled()
	}
	return ""
}

// proxy is a forward proxy on the loopback interface for one child process.
// The secret keeps other users of the machine out.
type proxy struct {
	server  *http.Server
	address string
	secret  string
	dialer  *net.Dialer
	plain   *httputil.ReverseProxy
	auth    string
	mu      sync.Mutex
	blocked bool
}

func startProxy(o Options) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, ortsnah.E(ortsnah.Unavailable, "ingest.read_failed").Because(err)
	}
	p := &proxy{address: listener.Addr().String(), secret: rand.Text(), dialer: guardedDialer(o)}
	p.auth = "Basic " + base64.StdEncoding.EncodeToString([]byte("ortsnah:"+p.secret))
	p.plain = &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.Out.Header.Del("Proxy-Authorization") },
		Transport: newTransport(o), ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) { p.failed(w, err) }}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	go p.server.Serve(listener) // ends with Close
	return p, nil
}

func (p *proxy) Close() { p.server.Close() }

// refused reports whether an address was not let through.
func (p *proxy) refused() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.blocked
}

func (p *proxy) failed(w http.ResponseWriter, err error) {
	if ortsnah.KindOf(err) == ortsnah.Forbidden {
		p.mu.Lock()
		p.blocked = true
		p.mu.Unlock()
	}
	w.WriteHeader(http.StatusBadGateway)
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("Proxy-Authorization")), []byte(p.auth)) != 1 {
		w.Header().Set("Proxy-Authenticate", `Basic realm="ortsnah"`)
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	if r.Method == http.MethodConnect {
		p.tunnel(w, r)
		return
	}
	if !r.URL.IsAbs() || r.URL.Scheme != "http" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	p.plain.ServeHTTP(w, r)
}

// tunnel connects the child with a TLS server.
func (p *proxy) tunnel(w http.ResponseWriter, r *http.Request) {
	far, err := p.dialer.DialContext(r.Context(), "tcp", r.Host)
	if err != nil {
		p.failed(w, err)
		return
	}
	defer far.Close()
	w.WriteHeader(http.StatusOK)
	near, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer near.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		io.Copy(far, buffered) // an end of either side ends the tunnel
		far.Close()
	}()
	io.Copy(near, far)
	near.Close()
	<-done
}

func wholeSeconds(d time.Duration) string {
	return strings.TrimSuffix(d.Round(time.Second).String(), "s")
}
