package demand

import "bytes"

// hidden are the signs that stand where the census gives no number: "–" of
// Zensus 2022 (in UTF-8, or as byte of Windows-1252), and what others write.
func hidden(b []byte) bool {
	switch string(b) {
	case "", "-", "–", "—", "\x96", "\x97", ".", "/", "x", "X", "NA", "NULL":
		return true
	}
	return false
}

// parseThousandths reads a number with decimal comma or point as thousandths.
// A number in brackets is uncertain; -1 ("uninhabited or secret") and -9
// ("secret") of Zensus 2011 are suppressed, as hidden signs are. No other
// number may be negative.
func parseThousandths(b []byte) (int64, state, bool) {
	b = bytes.TrimSpace(b)
	if hidden(b) {
		return 0, suppressed, true
	}
	s := known
	if b[0] == '(' && b[len(b)-1] == ')' {
		b, s = b[1:len(b)-1], uncertain
		if hidden(b) {
			return 0, suppressed, true
		}
	}
	minus := len(b) > 0 && b[0] == '-'
	if minus {
		b = b[1:]
	}
	n, ok := thousandths(b)
	if minus {
		return 0, suppressed, ok && (n == 1000 || n == 9000)
	}
	return n, s, ok
}

func thousandths(b []byte) (int64, bool) {
	var n int64
	cut := bytes.IndexAny(b, ",.")
	whole, decimals := b, []byte(nil)
	if cut >= 0 {
		whole, decimals = b[:cut], b[cut+1:]
	}
	n, ok := digits(whole)
	if !ok || cut >= 0 && len(decimals) == 0 {
		return 0, false
	}
	for i, unit := 0, int64(100); i < len(decimals); i, unit = i+1, unit/10 {
		c := decimals[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		if i == 0 {
			n *= 1000
		}
		n += int64(c-'0') * unit // beyond the third decimal the unit is 0
	}
	if len(decimals) == 0 {
		n *= 1000
	}
	return n, true
}
