package booking_test

import (
	"testing"

	"github.com/ortsnah/ortsnah/booking"
)

// Plain words, colloquial, mistyped or English, find the right concern first.
func TestSearchFirst(t *testing.T) {
	tx, _ := loaded(t)
	for text, want := range map[string]string{
		"Ausweis verloren":  "personalausweis",
		"Perso verloren":    "personalausweis",
		"Ausweis":           "personalausweis",
		"lost my id":        "personalausweis",
		"id card":           "personalausweis",
		"Reisepas":          "reisepass",
		"Pass weg":          "reisepass",
		"Pass geklaut":      "reisepass",
		"passport":          "reisepass",
		"Passport":          "reisepass",
		"umzihen":           "ummeldung",
		"ich bin umgezogen": "ummeldung",
		"Umzug":             "ummeldung",
		"Hund":              "hund-anmelden",
		"dog":               "hund-anmelden",
		"heiraten":          "eheschliessung",
		"marry":             "eheschliessung",
		"Baby bekommen":     "geburt-anmelden",
		"Opa gestorben":     "sterbefall",
		"Miete zu teuer":    "wohngeld",
		"Haus bauen":        "bauberatung",
		"residence permit":  "aufenthaltstitel",
		"Kita":              "kita-platz",
	} {
		found, err := booking.SearchConcerns(t.Context(), tx, text, 3)
		if err != nil || len(found) == 0 || found[0].ID != want {
			var got []string
			for _, f := range found {
				got = append(got, f.ID)
			}
			t.Errorf("%q finds %v, %v; want %s", text, got, err, want)
		}
		for i, f := range found {
			if f.Score < 0 || f.Score > 1 || i > 0 && f.Score > found[i-1].Score {
				t.Errorf("%q: score %v of %s", text, f.Score, f.ID)
			}
		}
	}
}
