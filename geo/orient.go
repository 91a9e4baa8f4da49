package geo

import "math/big"

// orient is positive when (x, y) lies left of e (which runs upwards), negative
// when right, and 0 exactly on its line. The float64 result is taken only
// where its error bound proves the sign (Shewchuk, "Adaptive Precision
// Floating-Point Arithmetic", 1997, ccwerrboundA); otherwise rational
// arithmetic decides.
func orient(e edge, x, y float64) int {
	const bound = (3 + 16*epsilon) * epsilon
	l, r := float64((e.ax-x)*(e.by-y)), float64((e.ay-y)*(e.bx-x))
	det := l - r
	if limit := bound * (abs(l) + abs(r)); det > limit {
		return 1
	} else if det < -limit {
		return -1
	}
	return orientExact(e, x, y)
}

const epsilon = 1.1102230246251565e-16 // 2⁻⁵³

func abs(v float64) float64 {
	if v < 0 {
		return -v
	}
	return v
}

func orientExact(e edge, x, y float64) int {
	minus := func(a, b float64) *big.Rat {
		return new(big.Rat).Sub(new(big.Rat).SetFloat64(a), new(big.Rat).SetFloat64(b))
	}
	l := minus(e.ax, x)
	l.Mul(l, minus(e.by, y))
	r := minus(e.ay, y)
	r.Mul(r, minus(e.bx, x))
	return l.Cmp(r)
}
