package web

import "time"

// AccountSignIn is "/konto/anmelden".
type AccountSignIn struct {
	Email  string // as typed before
	Next   string // path to go to afterwards
	Notice Notice
}

// AccountNew is "/konto/neu": open an account.
type AccountNew struct {
	Email  string // as typed before
	Next   string // path to go to afterwards
	Min    int    // characters of a password
	Months int    // an account that is not used so long is deleted
	Notice Notice
}

// Account is "/konto": the citizen's appointments.
type Account struct {
	Email        string
	Unread       int // messages
	Offers       []AccountOffer
	Coming, Past []AccountVisit
	Reference    string // as typed before
	Notice       Notice
}

// AccountVisit is an appointment in an account. Code is shown only where it
// is about to be lost.
type AccountVisit struct {
	Path, Reference, Label, Place, Status string
	Concerns                              []string
	EndedByTown                           bool
	Code                                  string // "ABCDE FGHJK …"
}

// AccountOffer is what the town holds instead of a cancelled appointment.
type AccountOffer struct {
	Action    string // path of the form of the cancelled one
	Reference string
	Visit     BookingFacts
	Until     string // in words
}

// AccountInbox is "/konto/postfach".
type AccountInbox struct{ Messages []AccountMessage }

// AccountMessage is a message about an appointment.
type AccountMessage struct {
	At                    time.Time
	Text                  string
	New                   bool
	Path, Reference, When string
}

// AccountSettings is "/konto/einstellungen".
type AccountSettings struct {
	Email, Surname string
	Fill           bool
	Created        time.Time
	Min            int // characters of a new password
	Months         int // an account that is not used so long is deleted
	Sessions       []StaffSession
	Notice         Notice
}

// AccountDelete is "/konto/loeschen": really? Coming are the appointments that
// will only open with their codes.
type AccountDelete struct {
	Email  string
	Coming []AccountVisit
	Notice Notice
}

func (AccountSignIn) template() string   { return "konto_signin" }
func (AccountNew) template() string      { return "konto_new" }
func (Account) template() string         { return "konto" }
func (AccountInbox) template() string    { return "konto_inbox" }
func (AccountSettings) template() string { return "konto_settings" }
func (AccountDelete) template() string   { return "konto_delete" }

func (AccountSignIn) nav() string   { return "" }
func (AccountNew) nav() string      { return "" }
func (Account) nav() string         { return "" }
func (AccountInbox) nav() string    { return "" }
func (AccountSettings) nav() string { return "" }
func (AccountDelete) nav() string   { return "" }

func (AccountSignIn) title() string   { return "" }
func (AccountNew) title() string      { return "" }
func (Account) title() string         { return "" }
func (AccountInbox) title() string    { return "" }
func (AccountSettings) title() string { return "" }
func (AccountDelete) title() string   { return "" }
