package demand

// Feature is a group of people by age. The names are those of the database,
// of Selection.Groups and of need rates.
type Feature string

// The features of the census grids: everybody, the five age groups of both
// censuses (Zensus 2011 ALTER_KURZ, Zensus 2022 "Alter in 5 Altersklassen") and
// 18 to 64 years, which is what the shares of 2011 leave.
const (
	All        Feature = "all"
	Under18    Feature = "under_18"
	From18     Feature = "18_29"
	From30     Feature = "30_49"
	From50     Feature = "50_64"
	From18To64 Feature = "18_64"
	Over65     Feature = "65_plus"
)

const (
	nAll = iota
	nUnder18
	n18to29
	n30to49
	n50to64
	n18to64
	nOver65
	nFeatures
)

// features lists all in the order of the indices above.
func features() [nFeatures]Feature {
	return [nFeatures]Feature{All, Under18, From18, From30, From50, From18To64, Over65}
}

func indexOf(f Feature) (int, bool) {
	for i, x := range features() {
		if x == f {
			return i, true
		}
	}
	return 0, false
}

// fiveGroups and threeGroups are the two ways to divide people by age.
func fiveGroups() []int  { return []int{nUnder18, n18to29, n30to49, n50to64, nOver65} }
func threeGroups() []int { return []int{nUnder18, n18to64, nOver65} }

// RateAges are the ages for which departments enter need rates: those that
// every census grid with ages can tell apart, and everybody.
func RateAges() []Feature { return []Feature{All, Under18, From18To64, Over65} }

// Quality says how far a number of the census can be trusted.
type Quality string

// The qualities.
const (
	Known      Quality = "known"
	Uncertain  Quality = "uncertain"  // in brackets: KLAMMERN
	Suppressed Quality = "suppressed" // secret; it is not zero
)

type state uint8

const (
	absent state = iota // the files do not speak of it
	known
	uncertain
	suppressed
)

// number is one value of the census. An estimate stands for a suppressed one.
type number struct {
	value    int32
	estimate int32 // -1: none
	state    state
	rank     uint8 // of two columns that say the same, the higher one counts
}

func (n number) given() bool { return n.state == known || n.state == uncertain }

// best is the value or its estimate; false when there is neither.
func (n number) best() (int64, bool) {
	switch {
	case n.given():
		return int64(n.value), true
	case n.state == suppressed && n.estimate >= 0:
		return int64(n.estimate), true
	}
	return 0, false
}
