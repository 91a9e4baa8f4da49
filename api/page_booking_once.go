package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/api/web"
)

// onceKey is the hidden field that makes a form count once, however often it
// is sent.
func onceKey() web.BookingField {
	return web.BookingField{Name: "einmal", Value: rand.Text()}
}

// once does what a form asks for. Who sends the same form with the same key
// again gets the first answer; what failed is tried again, and a form without
// a key counts every time. wish is all that the form says.
func once[T any](ctx context.Context, s *Server, v url.Values, wish any, do func(ctx context.Context) (T, error)) (T, error) {
	var answer T
	request, err := json.Marshal(wish)
	if err != nil {
		return answer, err
	}
	key := typed(v.Get("einmal"))
	if len(key) < 20 {
		key = rand.Text()
	}
	said := sha256.Sum256(request)
	_, body, err := s.Reception.Idempotent(ctx, "page|"+key+"|"+hex.EncodeToString(said[:]), request, func(ctx context.Context) (int, []byte, error) {
		done, err := do(ctx)
		if err != nil {
			return 0, nil, err
		}
		body, err := json.Marshal(done)
		return http.StatusCreated, body, err
	})
	if err != nil {
		return answer, err
	}
	return answer, json.Unmarshal(body, &answer)
}

// person is human for forms. A proof that is spent, too old or wrong counts as
// none: who left a page open over lunch or pressed twice has done nothing
// wrong, and the tighter bucket is enough against programs.
func (s *Server) person(r *http.Request) error {
	err := s.human(r)
	if ortsnah.KindOf(err) != ortsnah.Unproven {
		return err
	}
	r.PostForm.Del("altcha")
	return s.human(r)
}
