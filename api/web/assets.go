package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed all:dist
var built embed.FS

//go:embed theme
var neutralTheme embed.FS

// AssetPrefix is the path below which Assets must be mounted.
const AssetPrefix = "/assets/"

// chunk is an entry of vite's manifest.json.
type chunk struct {
	File    string   `json:"file"`
	Imports []string `json:"imports"`
}

// assets are the built files and the theme, all under names that change with
// their content.
type assets struct {
	files    fs.FS
	manifest map[string]chunk  // source file: what became of it
	theme    map[string][]byte // public name: content
	names    map[string]string // "theme.css", "arms.svg": public name
}

// openAssets reads the manifest and the theme. A missing manifest is not an
// error: the program was compiled without the front end.
func openAssets(theme fs.FS) (*assets, error) {
	files, err := fs.Sub(built, "dist")
	if err != nil {
		return nil, err
	}
	a := &assets{files: files, theme: make(map[string][]byte), names: make(map[string]string)}
	raw, err := fs.ReadFile(files, "manifest.json")
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		if err := json.Unmarshal(raw, &a.manifest); err != nil {
			return nil, fmt.Errorf("manifest of the built assets: %w", err)
		}
	}
	if theme == nil {
		if theme, err = fs.Sub(neutralTheme, "theme"); err != nil {
			return nil, err
		}
	}
	return a, a.addTheme(theme)
}

// addTheme takes theme.css and arms.svg from theme.
func (a *assets) addTheme(theme fs.FS) error {
	for _, name := range []string{"theme.css", "arms.svg"} {
		raw, err := fs.ReadFile(theme, name)
		if err != nil {
			return fmt.Errorf("theme of the town: %w", err)
		}
		sum := sha256.Sum256(raw)
		ext := path.Ext(name)
		public := strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:6]) + ext
		a.theme[public] = raw
		a.names[name] = public
	}
	return nil
}

// url is the address of a source file ("src/map.ts") or a theme file
// ("arms.svg"), empty when it has not been built.
func (a *assets) url(source string) string {
	if name, ok := a.names[source]; ok {
		return AssetPrefix + name
	}
	if c, ok := a.manifest[source]; ok {
		return AssetPrefix + c.File
	}
	return ""
}

// imports are the addresses of the chunks that source loads at once, so that
// the browser can fetch them in parallel.
func (a *assets) imports(source string) []string {
	var out []string
	for _, name := range a.manifest[source].Imports {
		if c, ok := a.manifest[name]; ok {
			out = append(out, AssetPrefix+c.File)
		}
	}
	return out
}

// Assets serves the built files below /assets/. Their names change with their
// content, so browsers may keep them for ever.
func (r *Renderer) Assets() http.Handler {
	return http.HandlerFunc(r.assets.serve)
}

func (a *assets) serve(w http.ResponseWriter, req *http.Request) {
	name, ok := strings.CutPrefix(req.URL.Path, AssetPrefix)
	if !ok || !fs.ValidPath(name) || name == "manifest.json" || strings.HasPrefix(name, ".") {
		http.NotFound(w, req)
		return
	}
	raw, encoding, err := a.read(name, req.Header.Get("Accept-Encoding"))
	if err != nil {
		http.NotFound(w, req)
		return
	}
	h := w.Header()
	h.Set("Content-Type", contentType(name))
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	h.Set("X-Content-Type-Options", "nosniff")
	// A worker and an SVG opened on its own have a policy of their own.
	h.Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'; script-src 'self'")
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(raw))
}

// read is the content of a public name, compressed when the build made such a
// file and the client takes it.
func (a *assets) read(name, accept string) (raw []byte, encoding string, err error) {
	if raw, ok := a.theme[name]; ok {
		return raw, "", nil
	}
	for _, c := range []struct{ token, ext string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if !accepts(accept, c.token) {
			continue
		}
		if raw, err := fs.ReadFile(a.files, name+c.ext); err == nil {
			return raw, c.token, nil
		}
	}
	raw, err = fs.ReadFile(a.files, name)
	return raw, "", err
}

// accepts says whether an Accept-Encoding header names the coding without
// refusing it (RFC 9110 section 12.5.3).
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, param, _ := strings.Cut(strings.TrimSpace(part), ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		q := strings.ReplaceAll(param, " ", "")
		return q != "q=0" && !strings.HasPrefix(q, "q=0.000") && q != "q=0.0" && q != "q=0.00"
	}
	return false
}

// contentType does not ask the operating system: two machines must not answer
// differently.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".json", ".map":
		return "application/json"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
