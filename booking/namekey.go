package booking

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NameKey is what an alphabetical rule compares: the surname by DIN 5007-2 (the
// order of German name lists: ä as ae, ö as oe, ü as ue, ß as ss), other
// diacritics stripped, leading particles ("von der", "de la", titles) dropped
// unless keepParticles, and only letters kept. "d'Angelo" and "Al-Hassan" are
// one word each and keep their first part. Composed and decomposed Unicode give
// the same key. A name of particles only keeps them: "Zu" is a surname too.
// The key of a name in another script is in that script, and therefore in no
// Latin range; the key of no letters is "".
func NameKey(name string, keepParticles bool) string {
	words := strings.Fields(strings.ToLower(norm.NFC.String(name)))
	if !keepParticles {
		words = dropParticles(words)
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(expand(strings.Join(words, ""))) {
		if unicode.IsLetter(r) {
			b.WriteString(base(r))
		}
	}
	return b.String()
}

// expand writes the letters that DIN 5007-2 turns into two.
func expand(lower string) string {
	return strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "æ", "ae", "œ", "oe", "þ", "th").Replace(lower)
}

// base is the plain letter of those that Unicode does not decompose.
func base(r rune) string {
	switch r {
	case 'ł':
		return "l"
	case 'ø':
		return "o"
	case 'đ', 'ð':
		return "d"
	case 'ħ':
		return "h"
	case 'ı':
		return "i"
	case 'ŧ':
		return "t"
	case 'ŋ':
		return "n"
	}
	return string(r)
}

// dropParticles takes the leading particles and titles off, never the last word.
func dropParticles(words []string) []string {
	for i := 0; i < len(words); i++ {
		if i == len(words)-1 || !particle(words[i], i > 0) {
			return words[i:]
		}
	}
	return words
}

// particle reports whether a lower-case word is a particle; some are only
// behind another one: "de la Cruz", but "La Torre" is a name of its own.
func particle(word string, behindAnother bool) bool {
	switch strings.TrimSuffix(word, ".") {
	case "von", "vom", "van", "zu", "zum", "zur", "de", "der", "den", "dem", "des", "da", "di", "do", "du",
		"del", "della", "dos", "ten", "ter", "v", "dr", "prof":
		return true
	case "la", "las", "los", "le", "und", "y", "e", "het", "t", "'t":
		return behindAnother
	}
	return false
}
