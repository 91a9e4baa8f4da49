package api

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/ortsnah/ortsnah/catalog"
)

// TestPagingPinned changes the data between pages: the pages together are the
// version that the first one was of, every feature once.
func TestPagingPinned(t *testing.T) {
	for _, query := range []string{"", "&bbox=8,51,9,52.5"} {
		x := smallTown(t)
		x.stagePoints(25)
		seen := map[string]int{}
		next := x.http.URL + "/ogc/collections/points/items?limit=10" + query
		for page := 0; next != ""; page++ {
			var f featureCollection
			x.json(strings.TrimPrefix(next, x.http.URL), &f)
			for _, feature := range f.Features {
				seen[feature.ID]++
			}
			if next = f.href("next"); page == 0 {
				if !strings.Contains(next, "version=1") {
					t.Fatalf("the next link names no version: %s", next)
				}
				x.replacePoints() // every row is another one now
			}
		}
		if len(seen) != 25 {
			t.Errorf("%q: %d features, want 25", query, len(seen))
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("%q: %s appears %d times", query, id, n)
			}
		}
	}
}

// replacePoints makes a version of points with other values, elsewhere.
func (x *town) replacePoints() {
	x.t.Helper()
	must(x.t, pgx.BeginFunc(x.t.Context(), x.DB, func(tx pgx.Tx) error {
		stage(x.t, tx, "points", []catalog.Row{row("p00001", orb.Point{7, 51}, "name", "neu")})
		return nil
	}))
}

// TestOldVersion asks for versions that are, were and never were.
func TestOldVersion(t *testing.T) {
	x := smallTown(t)
	x.stagePoints(25)
	x.replacePoints()
	for query, want := range map[string]int{"": 1, "?version=2": 1, "?version=1&limit=100": 25} {
		var f featureCollection
		x.json("/ogc/collections/points/items"+query, &f)
		if f.NumberReturned != want || *f.NumberMatched != want {
			t.Errorf("%q: %d of %d features, want %d", query, f.NumberReturned, *f.NumberMatched, want)
		}
	}
	for query, status := range map[string]int{"version=3": 404, "version=0": 400, "version=x": 400, "version=99999999999": 400} {
		if a := x.get("/ogc/collections/points/items?" + query); a.StatusCode != status {
			t.Errorf("%s: %d, want %d", query, a.StatusCode, status)
		}
	}
}

// TestPinnedRace replaces the version while a page is read.
func TestPinnedRace(t *testing.T) {
	x := smallTown(t)
	x.stagePoints(25)
	d, err := x.dataset(t.Context(), "points")
	must(t, err)
	q := itemsRequest{Query: catalog.Query{Limit: 10}, version: d.Version}
	var asked []int
	must(t, x.pinned(t.Context(), d, q, func(ask catalog.Query) (bool, error) {
		if asked = append(asked, ask.Version); len(asked) == 1 {
			x.replacePoints()
		}
		return true, nil
	}))
	if fmt.Sprint(asked) != fmt.Sprint([]int{0, d.Version}) {
		t.Errorf("read versions %v; the page must be read again as it was", asked)
	}
}

// TestLargePage: a page ends when it is full, and the next one follows.
func TestLargePage(t *testing.T) {
	x := smallTown(t)
	const features = 12
	big := strings.Repeat("x", fullPage/8)
	x.stagePoints(1)
	must(t, pgx.BeginFunc(t.Context(), x.DB, func(tx pgx.Tx) error {
		var rows []catalog.Row
		for i := range features {
			rows = append(rows, row(fmt.Sprint("p", i), orb.Point{8.4, 51.9}, "name", big))
		}
		stage(t, tx, "points", rows)
		return nil
	}))
	seen, pages := 0, 0
	for next := x.http.URL + "/ogc/collections/points/items?limit=100"; next != ""; pages++ {
		var f featureCollection
		x.json(strings.TrimPrefix(next, x.http.URL), &f)
		seen, next = seen+f.NumberReturned, f.href("next")
	}
	if seen != features || pages != 2 {
		t.Errorf("%d features on %d pages", seen, pages)
	}
	x.stagnant(t, "/ogc/collections/points/items?limit=100")
}

// stagnant lets more clients than there are connections ask for path and read
// nothing: everybody else is still answered.
func (x *town) stagnant(t *testing.T, path string) {
	t.Helper()
	for range int(x.Open.Config().MaxConns) + 4 {
		conn, err := net.Dial("tcp", x.http.Listener.Addr().String())
		must(t, err)
		defer conn.Close()
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for range 20 {
		req, err := http.NewRequestWithContext(ctx, "GET", x.http.URL+"/api/v1/services?q="+url.QueryEscape("pass"), nil)
		must(t, err)
		res, err := http.DefaultClient.Do(req)
		must(t, err)
		res.Body.Close()
		if res.StatusCode != 200 {
			t.Fatalf("%d beside clients that read nothing", res.StatusCode)
		}
	}
}
