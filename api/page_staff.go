package api

import (
	"context"
	"slices"

	"github.com/ortsnah/ortsnah/api/auth"
	"github.com/ortsnah/ortsnah/api/web"
)

// staffNavigation are the entries of the staff's pages in their order. Who
// sees one is who may open it.
func staffNavigation() []web.StaffEntry {
	return []web.StaffEntry{
		{Path: "/dienst/tag", Key: "staff.nav.day"},
		{Path: "/dienst/buchen", Key: "staff.nav.book"},
		{Path: "/dienst/infotheke", Key: "staff.nav.desk"},
		{Path: "/dienst/pforte", Key: "staff.nav.gate"},
		{Path: "/dienst/kontingente", Key: "staff.nav.quotas"},
		{Path: "/dienst/raeume", Key: "staff.nav.rooms"},
		{Path: "/dienst/plaetze", Key: "staff.nav.desks"},
		{Path: "/dienst/berichte", Key: "staff.nav.reports"},
		{Path: "/dienst/zustaendigkeit", Key: "staff.nav.jurisdiction"},
		{Path: "/dienst/benutzer", Key: "staff.nav.users"},
	}
}

// inFrame lets the frame of the staff's pages show who has signed in and where
// the roles lead.
func (s *Server) inFrame(ctx context.Context, a auth.Account) context.Context {
	frame := web.Staff{Name: a.Name}
	routes := s.routes()
	for _, e := range staffNavigation() {
		if slices.ContainsFunc(routes, func(rt route) bool {
			return rt.method == get && rt.path == e.Path && len(rt.who) > 0 && a.Has(rt.who...)
		}) {
			frame.Entries = append(frame.Entries, e)
		}
	}
	return web.WithStaff(ctx, frame)
}
