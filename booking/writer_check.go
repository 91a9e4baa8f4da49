package booking

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/booking/match"
	"golang.org/x/text/unicode/norm"
)

// Most that a field may hold, in characters.
const (
	maxName  = 100
	maxEmail = 254 // RFC 5321, section 4.5.3.1.3, without the brackets
	maxNote  = 1000
	maxSlug  = 100
)

// check refuses an impossible Order, as far as the board does not; via, when
// empty, is the web.
func (o *Order) check(now time.Time) error {
	if o.Via == "" {
		o.Via = ViaWeb
	}
	switch {
	case slices.ContainsFunc(o.Concerns, func(id string) bool { return !plain(id, maxSlug) }):
		return ortsnah.E(ortsnah.Invalid, "booking.concern_unreadable").About("service")
	case !plain(o.Name, maxName):
		return ortsnah.E(ortsnah.Invalid, "booking.name_too_long", "most", maxName).About("name")
	case !slices.Contains([]Via{ViaWeb, ViaPhone, ViaDesk}, o.Via):
		return ortsnah.E(ortsnah.Invalid, "booking.via_unknown").About("via")
	case o.Starts.IsZero() || !plain(o.PlaceID, 2*maxSlug) || o.PlaceID == "":
		return ortsnah.E(ortsnah.Invalid, "booking.no_slot_chosen").About("start")
	case !o.Starts.After(now):
		return ortsnah.E(ortsnah.Invalid, "booking.start_is_past").About("start")
	case o.Starts.Unix()%(match.CellMinutes*60) != 0 || o.Starts.Nanosecond() != 0:
		return ortsnah.E(ortsnah.Invalid, "booking.start_off_grid", "minutes", match.CellMinutes).About("start")
	}
	return nil
}

// check tidies and refuses impossible personal data; surname says whether one
// is needed. The texts themselves are in no error.
func (p *Person) check(surname bool) error {
	for _, f := range []*string{&p.GivenName, &p.Surname, &p.Email, &p.Phone, &p.Note} {
		*f = strings.TrimSpace(norm.NFC.String(*f))
	}
	switch {
	case !plain(p.GivenName, maxName):
		return ortsnah.E(ortsnah.Invalid, "booking.name_too_long", "most", maxName).About("given_name")
	case !plain(p.Surname, maxName):
		return ortsnah.E(ortsnah.Invalid, "booking.name_too_long", "most", maxName).About("surname")
	case surname && NameKey(p.Surname, true) == "":
		return ortsnah.E(ortsnah.Invalid, "booking.surname_needed").About("surname")
	case p.Email != "" && !isEmail(p.Email):
		return ortsnah.E(ortsnah.Invalid, "booking.email_impossible").About("email")
	case p.Phone != "" && !phonePattern().MatchString(p.Phone):
		return ortsnah.E(ortsnah.Invalid, "booking.phone_impossible").About("phone")
	case !plain(strings.NewReplacer("\r\n", " ", "\n", " ", "\t", " ").Replace(p.Note), maxNote):
		return ortsnah.E(ortsnah.Invalid, "booking.note_too_long", "most", maxNote).About("note")
	}
	return nil
}

// plain says whether s is valid Unicode of at most most characters without
// control characters, nor those that turn the direction of the line: they would
// hide in a list what is really there.
func plain(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
	})
}

// isEmail: one bare address (RFC 5322 addr-spec) with a dot in its domain.
func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || a.Address != s || len(s) > maxEmail || !plain(s, maxEmail) {
		return false
	}
	_, domain, _ := strings.Cut(s, "@")
	return strings.Contains(strings.Trim(domain, "."), ".") && !strings.ContainsAny(s, " <>\"")
}

func phonePattern() *regexp.Regexp { return regexp.MustCompile(`^\+?[0-9][0-9 ()/.-]{2,38}$`) }

// language is the language of notices; anything but "en" is German.
func language(lang string) string {
	if lang == "en" {
		return lang
	}
	return "de"
}
