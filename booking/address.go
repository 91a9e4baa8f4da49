package booking

import (
	"context"
	_ "embed"
	"regexp"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Address is one match of an address search.
type Address struct {
	Label    string  `json:"label"`
	Lon      float64 `json:"lon"`
	Lat      float64 `json:"lat"`
	X        float64 `json:"-"`        // working CRS, metres
	Y        float64 `json:"-"`        //
	District string  `json:"district"` // as the dataset says; Districts decides
	Exact    bool    `json:"exact"`    // street and house number are those asked for
}

// maxAddresses is how many a search returns at most.
const maxAddresses = 10

//go:embed sql/address.sql
var addressSQL string

// LocateAddress finds an address in the dataset "addresses". One exact match
// is returned alone; several (a street name that exists twice), or the nearest
// guesses at a mistyped one, come best first for a person to choose, at most
// 10. Text behind a comma (the town) is ignored; "str." means "straße".
// Errors: Invalid booking.address_empty, NotFound booking.address_unknown; the
// text is personal and therefore in neither.
func LocateAddress(ctx context.Context, db postgis.DB, text string) ([]Address, error) {
	street, number := splitAddress(text)
	if street == "" {
		return nil, ortsnah.E(ortsnah.Invalid, "booking.address_empty").About("address")
	}
	rows, err := db.Query(ctx, addressSQL, pgx.NamedArgs{"street": street, "number": number, "limit": maxAddresses})
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Address])
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, ortsnah.E(ortsnah.NotFound, "booking.address_unknown").About("address")
	}
	exact := 0
	for exact < len(found) && found[exact].Exact {
		exact++
	}
	if exact > 0 {
		return found[:exact], nil
	}
	return found, nil
}

var houseNumber = regexp.MustCompile(`^(.*?)\s*\b(\d+\s*[a-z]?)$`)

// splitAddress returns the street ("berliner str.") and the house number
// ("70a") or "". Text without a letter or digit has no street.
func splitAddress(text string) (street, number string) {
	if len(text) > 200 {
		return "", ""
	}
	text, _, _ = strings.Cut(strings.ToLower(strings.ToValidUTF8(text, "")), ",")
	text = strings.TrimSpace(strings.ReplaceAll(text, "\x00", " ")) // PostgreSQL has no NUL
	if m := houseNumber.FindStringSubmatch(text); m != nil && m[1] != "" {
		text, number = m[1], strings.ReplaceAll(m[2], " ", "")
	}
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return "", ""
	}
	return text, number
}
