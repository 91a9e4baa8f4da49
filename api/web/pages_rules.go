package web

import "time"

// Rules is "/dienst/zustaendigkeit": who is responsible, for stewards.
type Rules struct {
	Notice    Notice
	Confirm   *QuotaConfirm // holes or doubles that saving would make
	Checked   bool          // what is shown is not saved yet
	Scopes    []OptionGroup
	Scope     string // "amt/bau": what forms carry along
	ScopeName string
	Inherits  Link // a service without rules of its own: the office's
	Kinds     []RuleKind
	Kind      string // "anyone", "alphabetic" or "geographic"
	Version   string // of the stored rules
	Findings  []RuleFinding
	Teams     []RuleTeam
	Rows      []RuleRow
	Letters   []LetterBar
	Axis      []TimeMark // the letters below them
	Districts []RuleDistrict
	Priority  string // of the districts in the table
	Areas     []RuleArea
	Drawn     RuleArea // what was typed into the form of an area
	Try       RuleTry
	Map       RuleMap
}

// OptionGroup is a part of a long choice.
type OptionGroup struct {
	Label   string
	Options []Option
}

// RuleKind leads to the rules of one kind.
type RuleKind struct {
	Kind string
	N    int // rules
	Path string
	On   bool
}

// RuleFinding is something wrong with the rules.
type RuleFinding struct {
	Text string
	From time.Time // zero: now
	Soft bool      // a team without a clerk: not a matter of the rules
}

// RuleTeam is a team that rules may name, with who is in it.
type RuleTeam struct {
	ID, Label, Name string
	Colour          int // 0 to 7, beside the label
	Clerks          []Option
	Seen            string // ids of the clerks in it, for the form
	Members         []string
	Edit            bool // of this office: may be changed here
}

// RuleRow is one rule as the form has it; the last rows are empty.
type RuleRow struct {
	N                  int // number of the row
	ID                 string
	From, To           string
	KeepParticles      bool
	Districts          string // codes, "01, 05"
	Area               string
	Team               string
	Priority           string
	FirstDay, LastDay  string // "2026-11-30"; empty: no bound
	Removed            bool
	TeamOptions, Areas []Option
}

// LetterBar is a run of surnames in the picture from A to Z.
type LetterBar struct {
	X, Width string // of 1000
	Middle   string
	Kind     string // "team", "hole" or "overlap"
	Colour   int
	Label    string // "A–Be"
	Team     string
	Wide     bool // there is room for the label
}

// RuleDistrict is a row of the table of districts.
type RuleDistrict struct {
	Code, Name string
	Options    []Option
	Stronger   string // teams of stronger or temporary rules that name it, too
}

// RuleArea is a drawn area.
type RuleArea struct {
	ID, Name string
	Hectares string
	Rules    []string
	GeoJSON  string
	EditPath string
}

// RuleTry is the form that tries the rules out, and its answer.
type RuleTry struct {
	Services              []Option
	Name, Address         string
	Lon, Lat              string
	NeedsName, NeedsPlace bool
	Asked                 bool
	Team, Explanation     string
	Rule, District        string
	Border                string
	Choices               []RuleChoice // several addresses fit
}

// RuleChoice is one of several addresses.
type RuleChoice struct{ Label, Lon, Lat string }

// RuleMap is what the map draws.
type RuleMap struct {
	Bounds       [4]float64
	DistrictsURL string // "" when there are none
	Data         string // JSON
}

func (Rules) template() string { return "rules" }
func (Rules) nav() string      { return "/dienst/zustaendigkeit" }
func (Rules) title() string    { return "" }
