package api

import (
	"net/http"
	"slices"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/booking"
)

// serviceAnswer is a concern in /api/v1/services.
type serviceAnswer struct {
	ID             string                `json:"id"`
	Name           texts                 `json:"name"`
	Summary        texts                 `json:"summary"`
	Minutes        int                   `json:"minutes"`
	FurtherMinutes int                   `json:"minutes_per_further_person"`
	Office         named                 `json:"office"`
	Channels       []string              `json:"channels"`
	Mobile         bool                  `json:"mobile"`
	Online         bool                  `json:"online"`
	OnlineURL      string                `json:"online_url,omitzero"`
	Appointment    bool                  `json:"appointment"`
	Urgent         bool                  `json:"urgent"`
	Jurisdiction   booking.Jurisdiction  `json:"jurisdiction"`
	Documents      []documentAnswerEntry `json:"documents,omitzero"`
	FIMKey         string                `json:"leika,omitzero"`
	Note           string                `json:"note,omitzero"`
	Links          []link                `json:"links"`
}

type documentAnswerEntry struct {
	ID        string `json:"id"`
	Name      texts  `json:"name"`
	Condition *texts `json:"condition,omitzero"`
}

func (s *Server) serviceAnswer(r *http.Request, c booking.Concern) serviceAnswer {
	path := "/api/v1/services/" + c.ID
	return serviceAnswer{ID: c.ID, Name: bothLanguages(c.Name), Summary: bothLanguages(c.Summary),
		Minutes: c.Minutes, FurtherMinutes: c.FurtherMinutes, Office: named{ID: c.Office, Name: bothLanguages(c.OfficeName)},
		Channels: orEmpty(c.Channels), Mobile: c.Mobile, Online: c.Online, OnlineURL: c.OnlineURL, Appointment: c.Appointment,
		Urgent: c.Urgent, Jurisdiction: c.Jurisdiction, FIMKey: c.FIMKey, Note: c.Note,
		Links: []link{{Href: s.base(r) + path, Rel: "self", Type: jsonMedia},
			{Href: s.base(r) + "/anliegen/" + c.ID, Rel: "alternate", Type: "text/html", Hreflang: "de"},
			{Href: s.base(r) + "/en/anliegen/" + c.ID, Rel: "alternate", Type: "text/html", Hreflang: "en"}}}
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// channels are the ways to a service.
func channels() []string { return []string{"counter", "phone", "video", "online", "mobile"} }

// servicesJSON answers /api/v1/services: all concerns, or those that q finds,
// best first.
func (s *Server) servicesJSON(w http.ResponseWriter, r *http.Request) error {
	v, err := parameters(r, "q", "channel")
	if err != nil {
		return err
	}
	channel := v.Get("channel")
	if v.Has("channel") && !slices.Contains(channels(), channel) {
		return ortsnah.E(ortsnah.Invalid, "api.no_such_format", "value", channel, "allowed", "counter, phone, video, online, mobile").About("channel")
	}
	concerns, err := s.concerns(r, v.Get("q"))
	if err != nil {
		return err
	}
	list := []serviceAnswer{}
	for _, c := range concerns {
		if channel == "" || slices.Contains(c.Channels, channel) {
			list = append(list, s.serviceAnswer(r, c))
		}
	}
	return writeJSON(w, r, jsonMedia, map[string]any{"services": list})
}

// concerns are all concerns by name, or those that text finds, best first.
func (s *Server) concerns(r *http.Request, text string) ([]booking.Concern, error) {
	if text == "" {
		return booking.Concerns(r.Context(), s.Open)
	}
	found, err := booking.SearchConcerns(r.Context(), s.Open, text, 50)
	if err != nil {
		return nil, err
	}
	var concerns []booking.Concern
	for _, f := range found {
		concerns = append(concerns, f.Concern)
	}
	return concerns, nil
}

// serviceJSON answers /api/v1/services/{id}.
func (s *Server) serviceJSON(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	c, err := s.concern(r)
	if err != nil {
		return err
	}
	a := s.serviceAnswer(r, c)
	a.Documents = []documentAnswerEntry{}
	for _, d := range c.Documents {
		e := documentAnswerEntry{ID: d.ID, Name: texts{d.DE, either(d.EN, d.DE)}}
		if d.ConditionDE != "" {
			e.Condition = &texts{d.ConditionDE, either(d.ConditionEN, d.ConditionDE)}
		}
		a.Documents = append(a.Documents, e)
	}
	return writeJSON(w, r, jsonMedia, a)
}

// concern is the concern that the path names.
func (s *Server) concern(r *http.Request) (booking.Concern, error) {
	return booking.FindConcern(r.Context(), s.Open, pathVar(r, "id"))
}

// either is the first text that is not empty.
func either(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// in is the German or the English one of two texts.
func in(lang, de, en string) string {
	if lang == "en" {
		return either(en, de)
	}
	return de
}

// label is a text of this room.
func label(lang, key string) string { return i18n.Text(lang, "api."+key, nil) }
