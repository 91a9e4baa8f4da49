package api

import (
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzhttp"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/publish"
)

// download answers /datasets/{id}/{version}/{file}: a file that never changes.
// Only files that the catalogue lists exist; nothing of the address is used as
// a path before it was found there.
func (s *Server) download(w http.ResponseWriter, r *http.Request) error {
	id, name := pathVar(r, "id"), pathVar(r, "file")
	d, err := s.dataset(r.Context(), id)
	if err != nil {
		return err
	}
	files, err := catalog.Distributions(r.Context(), s.Open, d.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(files, func(f catalog.Distribution) bool {
		return f.File == name && strconv.Itoa(f.Version) == pathVar(r, "version")
	})
	if i < 0 {
		return ortsnah.E(ortsnah.NotFound, "api.no_file", "file", name, "dataset", d.ID).About("file")
	}
	file, err := publish.Folder(s.Files).Open(files[i])
	if err != nil {
		return err
	}
	defer file.Close()
	h := w.Header()
	h.Set("Content-Type", contentType(files[i].MediaType))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": files[i].File}))
	h.Set("ETag", `"`+files[i].SHA256+`"`)
	h.Set("Cache-Control", forEver)
	// The validator names these bytes: no compression on the way, and ranges
	// of them stay possible.
	h.Set(gzhttp.HeaderNoCompression, "1")
	http.ServeContent(w, r, "", files[i].Created, file)
	return nil
}

// latestDownload answers /datasets/{id}/latest/{format}: an address that can
// be kept in a script, and leads to the newest file.
func (s *Server) latestDownload(w http.ResponseWriter, r *http.Request) error {
	d, err := s.dataset(r.Context(), pathVar(r, "id"))
	if err != nil {
		return err
	}
	files, err := catalog.Distributions(r.Context(), s.Open, d.ID)
	if err != nil {
		return err
	}
	format, known := pathVar(r, "format"), []string{}
	for _, f := range files { // newest version first
		if f.Format == format {
			w.Header().Set("Cache-Control", freshly)
			return redirect(w, http.StatusTemporaryRedirect, fileURL(f))
		}
		if !slices.Contains(known, f.Format) {
			known = append(known, f.Format)
		}
	}
	if len(known) == 0 {
		return ortsnah.E(ortsnah.NotFound, "api.no_files_yet", "dataset", d.ID).About("format")
	}
	return ortsnah.E(ortsnah.NotFound, "api.no_such_file_format", "format", format, "dataset", d.ID,
		"allowed", strings.Join(known, ", ")).About("format")
}

func fileURL(f catalog.Distribution) string {
	return "/datasets/" + f.Dataset + "/" + strconv.Itoa(f.Version) + "/" + f.File
}
