package api

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/ortsnah/ortsnah/catalog"
)

// Listen follows the catalogue until ctx ends: whoever makes a version, in
// this program or another instance, notifies "catalog_version" with "<dataset>
// <version>". It holds one connection of its own and comes back when that is
// lost; meanwhile the server remembers nothing and asks for every request. It
// returns nil when ctx ends.
func (s *Server) Listen(ctx context.Context) error {
	const shortest, longest = 100 * time.Millisecond, 10 * time.Second
	pause := shortest
	for {
		began := time.Now()
		err := s.listenOnce(ctx)
		s.state.listen(false)
		if ctx.Err() != nil {
			return nil
		}
		if time.Since(began) > longest {
			pause = shortest
		}
		s.Log.Warn("listening for new versions broke off", "error", err, "again_in", pause)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(2*pause, longest)
	}
}

// listenOnce listens on one connection until it breaks.
func (s *Server) listenOnce(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, s.DB.Config().ConnConfig.Copy())
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, `LISTEN catalog_version`); err != nil {
		return err
	}
	s.state.listen(true)
	s.reloadDistricts(ctx)
	s.reloadTravel(ctx)
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		id, _, _ := strings.Cut(n.Payload, " ")
		s.state.forget(id)
		if id == catalog.Districts {
			s.reloadDistricts(ctx)
		}
		if id == catalog.ConstructionSites {
			s.reloadTravel(ctx)
		}
		if s.OnVersion != nil {
			s.OnVersion(id)
		}
	}
}

// reloadDistricts keeps the old districts when it fails; the next look-up
// tries again.
func (s *Server) reloadDistricts(ctx context.Context) {
	if err := s.Districts.Reload(ctx); err != nil && ctx.Err() == nil {
		s.Log.Error("districts not reloaded", "error", err)
	}
}

// reloadTravel keeps the closures known so far when it fails.
func (s *Server) reloadTravel(ctx context.Context) {
	if err := s.Travel.Reload(ctx); err != nil && ctx.Err() == nil {
		s.Log.Error("construction sites not reloaded for travel times", "error", err)
	}
}
