package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gorilla/mux"

	"github.com/ortsnah/ortsnah"
)

// parameters reads the query of r. Every name must be in allowed and occur
// once; anything else is Invalid and names what is allowed: a client that
// misspells a filter must not get the unfiltered answer (OGC 17-069r4,
// requirements query-param-unknown and query-param-invalid).
func parameters(r *http.Request, allowed ...string) (url.Values, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, ortsnah.E(ortsnah.Invalid, "api.bad_query").Because(err)
	}
	for name, all := range values {
		if !slices.Contains(allowed, name) {
			return nil, ortsnah.E(ortsnah.Invalid, "api.unknown_parameter",
				"name", name, "allowed", strings.Join(allowed, ", ")).About(name)
		}
		if text := all[0]; !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return nil, ortsnah.E(ortsnah.Invalid, "api.bad_text", "name", name).About(name)
		}
		if len(all) > 1 {
			return nil, ortsnah.E(ortsnah.Invalid, "api.repeated_parameter", "name", name).About(name)
		}
	}
	return values, nil
}

// wholeNumber reads an optional whole number in [low, high].
func wholeNumber(v url.Values, name string, low, high, otherwise int64) (int64, error) {
	if !v.Has(name) {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(v.Get(name), 10, 64)
	if err != nil || n < low || n > high {
		return 0, ortsnah.E(ortsnah.Invalid, "api.not_a_whole_number",
			"name", name, "value", v.Get(name), "low", low, "high", high).About(name)
	}
	return n, nil
}

// pathVar is the part of the path that the route calls name, unescaped. The
// router matches the escaped path, so that a key may hold a slash. Bytes that
// no text in the database has become U+FFFD: they will not be found.
func pathVar(r *http.Request, name string) string {
	text := mux.Vars(r)[name]
	if plain, err := url.PathUnescape(text); err == nil {
		text = plain
	}
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "\ufffd"), "\ufffd")
}

// offer is one representation that a resource has.
type offer struct {
	name  string // value of parameter f, or of an ending
	media string // Content-Type of the answer
}

// negotiate picks a representation: parameter f decides, else the Accept
// header (RFC 9110, section 12.5.1), the first offer where it says nothing.
func negotiate(r *http.Request, f string, offers []offer) (offer, error) {
	if f != "" {
		names := make([]string, len(offers))
		for i, o := range offers {
			if o.name == f {
				return o, nil
			}
			names[i] = o.name
		}
		return offer{}, ortsnah.E(ortsnah.Invalid, "api.no_such_format", "value", f,
			"allowed", strings.Join(names, ", ")).About("f")
	}
	best, quality := offer{}, 0.0
	for _, o := range offers {
		if q := acceptable(r.Header.Values("Accept"), o.media); q > quality {
			best, quality = o, q
		}
	}
	if quality == 0 {
		media := make([]string, len(offers))
		for i, o := range offers {
			media[i] = o.media
		}
		return offer{}, ortsnah.E(ortsnah.Unacceptable, "api.not_acceptable", "allowed", strings.Join(media, ", ")).About("Accept")
	}
	return best, nil
}

// acceptable is the quality that Accept headers give a media type, 0 to 1; the
// most specific range decides. No header accepts everything.
func acceptable(headers []string, media string) float64 {
	ranges := strings.Split(strings.Join(headers, ","), ",")
	full, _, _ := strings.Cut(media, ";")
	kind, _, _ := strings.Cut(full, "/")
	quality, rank, any := 0.0, -1, false
	for _, part := range ranges {
		name, params, _ := strings.Cut(part, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "" {
			continue
		}
		any = true
		specific := slices.Index([]string{"*/*", kind + "/*", full}, name)
		if specific > rank {
			quality, rank = qualityOf(params), specific
		}
	}
	if !any {
		return 1
	}
	return quality
}

// qualityOf reads the parameter q of a media range; 1 where it is missing.
func qualityOf(params string) float64 {
	for p := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.EqualFold(strings.TrimSpace(name), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil || q < 0 || q > 1 {
				return 0
			}
			return q
		}
	}
	return 1
}
