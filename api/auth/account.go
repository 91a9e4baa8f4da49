package auth

import "slices"

// Role is what a member of the staff may do.
type Role string

// The roles. An administrator may do everything but read whose appointment it
// is: that needs one of the first three.
const (
	Clerk         Role = "clerk"
	InfoDesk      Role = "info_desk"
	Gate          Role = "gate"
	RoomManager   Role = "room_manager"
	Planner       Role = "planner"
	Steward       Role = "steward"
	Administrator Role = "administrator"
)

// Account is a member of the staff who has signed in.
type Account struct {
	ID     string // sign-in name
	Name   string // as shown to the person himself or herself
	Roles  []Role
	Clerk  int    // id of the clerk's resource; 0: no clerk
	Office string // "" when of no office
	Site   string // where the gate or info desk is; "" when anywhere
}

// Has says whether the account has one of roles.
func (a Account) Has(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(a.Roles, r) })
}
