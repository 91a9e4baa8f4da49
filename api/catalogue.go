package api

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/catalog"
	"github.com/ortsnah/ortsnah/publish"
)

// rdfOffers are the serialisations of the catalogue, the ending as name.
func rdfOffers() []offer {
	var offers []offer
	for _, s := range publish.Serialisations() {
		offers = append(offers, offer{s.Extension, s.MediaType})
	}
	return offers
}

// negotiatedOffers are those of addresses that people and machines share.
func negotiatedOffers() []offer { return append([]offer{{"html", htmlMedia}}, rdfOffers()...) }

// catalogState names the state of everything that the catalogue says. It costs
// one short query; the catalogue itself is read only when it changed.
func (s *Server) catalogState(ctx context.Context) (string, error) {
	var state string
	err := s.Open.QueryRow(ctx, `SELECT concat_ws('/',
		(SELECT md5(string_agg(concat_ws('/', id, version, modified, md5(metadata::text), md5(schema::text)), ',' ORDER BY id)) FROM open.dataset),
		(SELECT concat_ws('/', count(*), max(created)) FROM open.distribution),
		(SELECT md5(town::text) FROM open.setting))`).Scan(&state)
	return state, err
}

// catalogFile answers /catalog.rdf and its siblings. Parameter page asks for
// one page of publish.PageSize datasets, as harvesters do.
func (s *Server) catalogFile(w http.ResponseWriter, r *http.Request) error {
	v, err := parameters(r, "page")
	if err != nil {
		return err
	}
	page, err := wholeNumber(v, "page", 1, 1_000_000, 0)
	if err != nil {
		return err
	}
	o, err := negotiate(r, mux.Vars(r)["format"], rdfOffers())
	if err != nil {
		return err
	}
	return s.writeCatalog(w, r, o, int(page))
}

func (s *Server) writeCatalog(w http.ResponseWriter, r *http.Request, o offer, page int) error {
	state, err := s.catalogState(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", freshly)
	alternates(w, "/catalog", o, rdfOffers())
	if unchanged(w, r, etag(state, o.name, strconv.Itoa(page), s.base(r))) {
		return nil
	}
	m, err := publish.LoadModel(r.Context(), s.Open, s.base(r))
	if err != nil {
		return err
	}
	if pages := max(1, (len(m.Datasets)+publish.PageSize-1)/publish.PageSize); page > pages {
		return ortsnah.E(ortsnah.NotFound, "api.no_such_catalog_page", "page", page, "pages", pages).About("page")
	}
	m.Page, m.Document = page, "/catalog."+o.name
	return writeTriples(w, o, publish.Catalog(m))
}

// writeTriples encodes before it writes: an error still has a sentence.
func writeTriples(w http.ResponseWriter, o offer, triples []publish.Triple) error {
	var buf bytes.Buffer
	if err := publish.Encode(&buf, o.name, triples); err != nil {
		return err
	}
	w.Header().Set("Content-Type", contentType(o.media))
	_, err := buf.WriteTo(w)
	return err
}

// contentType adds the character set where the type has a parameter for it.
func contentType(media string) string {
	if strings.HasPrefix(media, "text/") {
		return media + "; charset=utf-8"
	}
	return media
}

// alternates links the other serialisations of a document (RFC 8288).
func alternates(w http.ResponseWriter, path string, o offer, offers []offer) {
	for _, other := range offers {
		if other == o {
			continue
		}
		target := path + "." + other.name
		if path != "/catalog" {
			target = path + "?f=" + other.name
		}
		w.Header().Add("Link", "<"+target+`>; rel="alternate"; type="`+mediaOf(other)+`"`)
	}
}

// catalogNegotiated answers /catalog: people are sent to the list of datasets.
func (s *Server) catalogNegotiated(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Accept")
	v, err := parameters(r, "f")
	if err != nil {
		return err
	}
	o, err := negotiate(r, v.Get("f"), negotiatedOffers())
	if err != nil {
		return err
	}
	if o.name == "html" {
		return redirect(w, http.StatusSeeOther, "/daten")
	}
	return s.writeCatalog(w, r, o, 0)
}

// datasetNegotiated answers /datasets/{id}, the name of a dataset on the web
// of data: people are sent to its page.
func (s *Server) datasetNegotiated(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Accept")
	v, err := parameters(r, "f")
	if err != nil {
		return err
	}
	d, err := s.dataset(r.Context(), pathVar(r, "id"))
	if err != nil {
		return err
	}
	o, err := negotiate(r, v.Get("f"), negotiatedOffers())
	if err != nil {
		return err
	}
	alternates(w, "/datasets/"+d.ID, o, negotiatedOffers())
	if o.name == "html" {
		return redirect(w, http.StatusSeeOther, "/daten/"+url.PathEscape(d.ID))
	}
	return s.writeDataset(w, r, o, d)
}

func (s *Server) writeDataset(w http.ResponseWriter, r *http.Request, o offer, d catalog.Dataset) error {
	state, err := s.catalogState(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", freshly)
	if unchanged(w, r, etag(state, o.name, d.ID, s.base(r))) {
		return nil
	}
	m, err := publish.LoadModel(r.Context(), s.Open, s.base(r))
	if err != nil {
		return err
	}
	triples := publish.DatasetTriples(m, d.ID)
	if len(triples) == 0 {
		return noData(d.ID)
	}
	return writeTriples(w, o, triples)
}
