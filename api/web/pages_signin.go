package web

import "time"

// SignIn is "/dienst/anmelden": name and password.
type SignIn struct {
	Name     string // as typed before
	Next     string // path to go to afterwards
	Notice   Notice
	OIDCPath string // start of the single sign-on; empty: there is none
}

// SignInCode is "/dienst/anmelden/code": the second factor.
type SignInCode struct {
	Next   string
	Notice Notice
}

// SignInPassword is "/dienst/anmelden/passwort": a password of one's own.
type SignInPassword struct {
	Next   string
	Name   string // sign-in name, for password managers
	Min    int    // characters
	Notice Notice
}

// SignInEnrol sets up a second factor: "/dienst/anmelden/faktor", and
// "/dienst/konto/faktor" for who is signed in already.
type SignInEnrol struct {
	Path     string // where the form goes
	Next     string
	Secret   string // in groups of four
	QR       QR
	Needed   bool // the role asks for it
	Password bool // asks for the password again
	Name     string
	Notice   Notice
}

// SignInCodes tells recovery codes, once.
type SignInCodes struct {
	Codes []string
	Next  string
}

// StaffHome is "/dienst": what the account's roles may do.
type StaffHome struct {
	Name    string
	Entries []StaffEntry
}

// StaffAccount is "/dienst/konto".
type StaffAccount struct {
	ID, Name     string
	Roles        []string // names of roles
	Password     bool     // has one
	Min          int      // characters of a new one
	SecondFactor bool
	FactorNeeded bool // cannot be turned off
	Sessions     []StaffSession
	Notice       Notice
}

// StaffSession is a sign-in on one device.
type StaffSession struct {
	ID, Device  string
	Since, Seen time.Time
	Here        bool // the one that asks
}

// StaffUsers is "/dienst/benutzer": the accounts.
type StaffUsers struct {
	Users []StaffUser
}

// StaffUser is one account, or the form of a new one.
type StaffUser struct {
	New          bool
	ID, Name     string
	Roles        []Option // value, label and On
	RoleNames    []string // of those that are on
	Clerks       []Option
	Offices      []Option
	Sites        []Option
	Active       bool
	MustChange   bool
	HasPassword  bool
	SecondFactor bool
	Password     string // given out now, told once
	Notice       Notice
}

func (SignIn) template() string         { return "signin" }
func (SignInCode) template() string     { return "signin_code" }
func (SignInPassword) template() string { return "signin_password" }
func (SignInEnrol) template() string    { return "signin_enrol" }
func (SignInCodes) template() string    { return "signin_codes" }
func (StaffHome) template() string      { return "staff_home" }
func (StaffAccount) template() string   { return "signin_account" }
func (StaffUsers) template() string     { return "signin_users" }
func (StaffUser) template() string      { return "signin_user" }

func (SignIn) nav() string         { return "" }
func (SignInCode) nav() string     { return "" }
func (SignInPassword) nav() string { return "" }
func (SignInEnrol) nav() string    { return "" }
func (SignInCodes) nav() string    { return "" }
func (StaffHome) nav() string      { return "" }
func (StaffAccount) nav() string   { return "" }
func (StaffUsers) nav() string     { return "/dienst/benutzer" }
func (StaffUser) nav() string      { return "/dienst/benutzer" }

func (SignIn) title() string         { return "" }
func (SignInCode) title() string     { return "" }
func (SignInPassword) title() string { return "" }
func (SignInEnrol) title() string    { return "" }
func (SignInCodes) title() string    { return "" }
func (StaffHome) title() string      { return "" }
func (StaffAccount) title() string   { return "" }
func (StaffUsers) title() string     { return "" }
func (p StaffUser) title() string {
	if p.New {
		return ""
	}
	return p.Name
}
