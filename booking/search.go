package booking

import (
	"context"
	_ "embed"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah/geo/postgis"
)

// Found is a concern that a search found and how well it fits (0 to 1).
type Found struct {
	Concern
	Score float64 `json:"score"`
}

// maxWords bounds the work that one search can cause.
const maxWords = 8

//go:embed sql/search.sql
var searchSQL string

// SearchConcerns finds concerns by free German or English text, best first:
// every word and its synonyms (booking.synonym) are looked up in names, keywords
// and summaries by stem (full text) and by trigrams, so that "Reisepas" finds
// the passport and "dog" the dog's registration. Text without a word finds
// nothing. At most limit (1 to 50) are returned.
func SearchConcerns(ctx context.Context, db postgis.DB, text string, limit int) ([]Found, error) {
	words := searchWords(text)
	if len(words) == 0 {
		return []Found{}, nil
	}
	rows, err := db.Query(ctx, searchSQL, pgx.NamedArgs{"words": words, "text": strings.Join(words, " "), "limit": min(max(limit, 1), 50)})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Found])
}

// searchWords splits text into lower-case words of letters and digits.
func searchWords(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(strings.ToValidUTF8(text, " ")), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	var kept []string
	for _, w := range words {
		if len(kept) < maxWords && len(w) > 1 {
			kept = append(kept, strings.ToValidUTF8(w[:min(len(w), 60)], ""))
		}
	}
	return kept
}
