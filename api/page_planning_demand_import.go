package api

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/api/web"
	"github.com/ortsnah/ortsnah/stations/demand"
)

// longestCensus bounds an upload of census files: Germany in 100 m with all
// ages is a ZIP of 60 MB.
const longestCensus = 512 << 20

// uploadTime is how long an upload may take; other forms have a minute.
const uploadTime = 20 * time.Minute

// planningDemandImport takes files of the census as the next state of a source.
// They are spooled to disk; a refused file changes nothing.
func (s *Server) planningDemandImport(w http.ResponseWriter, r *http.Request) error {
	// A connection that knows no deadline keeps the server's.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadTime))
	v, err := form(r)
	if r.MultipartForm != nil {
		defer r.MultipartForm.RemoveAll()
	}
	if err != nil {
		return err
	}
	typedIn := web.DemandImport{Name: typed(v.Get("name")), Day: typed(v.Get("tag")), Attribution: typed(v.Get("quelle")), Licence: typed(v.Get("lizenz"))}
	source, err := censusSource(typedIn)
	if err == nil {
		source, err = s.importCensus(r, source)
	}
	if err == nil {
		return s.done(w, r, demandPath, "demand_imported", "quelle", source.ID)
	}
	notice, code, other := refusal(r, err)
	if ortsnah.KindOf(err) == ortsnah.TooLarge {
		notice, code, other = web.Notice{Text: i18n.Error(web.LangOf(r), err), Error: true}, http.StatusRequestEntityTooLarge, nil
	}
	if other != nil {
		return other
	}
	return s.demandPage(w, r, code, notice, typedIn)
}

func (s *Server) importCensus(r *http.Request, source demand.Source) (demand.Source, error) {
	var files []demand.File
	if r.MultipartForm != nil {
		for _, head := range r.MultipartForm.File["dateien"] {
			if head.Size == 0 {
				continue // a field left empty
			}
			f, err := head.Open()
			if err != nil {
				return source, ortsnah.E(ortsnah.Invalid, "demand.unreadable", "file", typed(head.Filename)).Because(err)
			}
			defer f.Close()
			files = append(files, demand.File{Name: typed(head.Filename), Size: head.Size, Text: f})
		}
	}
	if len(files) == 0 {
		return source, ortsnah.E(ortsnah.Invalid, "demand.no_files").About("dateien")
	}
	return demand.Import(r.Context(), s.DB, s.Now(), source, files, nil)
}

// censusSource is what the form says about the source; its id is the name in
// the letters of addresses.
func censusSource(t web.DemandImport) (demand.Source, error) {
	c := demand.Source{Name: t.Name, Licence: t.Licence, Attribution: t.Attribution, ID: idOf(t.Name)}
	if c.ID == "" {
		return c, ortsnah.E(ortsnah.Invalid, "demand.no_name").About("name")
	}
	if t.Day != "" {
		day, err := time.Parse(time.DateOnly, t.Day)
		if err != nil {
			return c, ortsnah.E(ortsnah.Invalid, "demand.bad_day", "day", t.Day).About("tag")
		}
		c.ReferenceDay = &day
	}
	return c, nil
}

// idOf is a name as an id: "Zensus 2022, Gitter 100 m" is zensus-2022-gitter-100-m.
func idOf(name string) string {
	plain := strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss").Replace(strings.ToLower(name))
	id := strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(plain, "-"), "-")
	return strings.Trim(id[:min(len(id), 60)], "-")
}

// planningDemandRemove takes a source away.
func (s *Server) planningDemandRemove(w http.ResponseWriter, r *http.Request) error {
	v, err := form(r)
	if err != nil {
		return err
	}
	err = demand.RemoveSource(r.Context(), s.DB, typed(v.Get("quelle")))
	if err == nil {
		return s.done(w, r, demandPath, "demand_removed")
	}
	notice, code, err := refusal(r, err)
	if err != nil {
		return err
	}
	asked := r.Clone(r.Context())
	asked.URL = &url.URL{Path: r.URL.Path}
	return s.demandPage(w, asked, code, notice, web.DemandImport{Licence: "dl-de/by-2-0"})
}
