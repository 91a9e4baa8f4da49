package ortsnah

// Actor is in whose name something happens: it is written beside every change
// of data. It never holds a citizen's identity.
type Actor struct {
	Role string // "system", "steward", "citizen"
	Name string // a program part or a staff account; empty for citizens
}

// System is the actor of the program's own work, such as a scheduled import.
func System(part string) Actor { return Actor{Role: "system", Name: part} }

// Steward is the actor of a data steward at the command line or in the portal.
func Steward(account string) Actor { return Actor{Role: "steward", Name: account} }

// String is the form stored in the database: "role:name".
func (a Actor) String() string {
	if a.Name == "" {
		return a.Role
	}
	return a.Role + ":" + a.Name
}
