package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// answer is what a booking request gave; status 0 when nobody answered.
type answer struct {
	status int
	body   map[string]any
}

// send makes one request to the JSON interface.
func send(ctx context.Context, method, url, token string, body any) answer {
	raw, err := json.Marshal(body)
	if err != nil {
		return answer{}
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(raw))
	if err != nil {
		return answer{}
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode}
	if json.NewDecoder(res.Body).Decode(&a.body) != nil {
		return answer{}
	}
	return a
}

func (a answer) text(key string) string { s, _ := a.body[key].(string); return s }

// proposals are starts and places for a concern.
func proposals(ctx context.Context, url, concern string, limit int) (list []map[string]any) {
	a := send(ctx, http.MethodPost, url+"/api/v1/proposals", "", map[string]any{"service": []string{concern}, "persons": 1, "sort": "early", "limit": limit})
	found, _ := a.body["proposals"].([]any)
	for _, p := range found {
		list = append(list, p.(map[string]any))
	}
	return list
}

// book holds and confirms one proposal and returns the appointment's id.
func book(ctx context.Context, url string, p map[string]any, concern string, person map[string]any) (id, token string, ok bool) {
	place, _ := p["place"].(map[string]any)
	held := send(ctx, http.MethodPost, url+"/api/v1/holds", "", map[string]any{"service": []string{concern}, "persons": 1,
		"start": p["start"], "place": place["id"]})
	if held.status != http.StatusCreated {
		return "", "", false
	}
	id, token = held.text("id"), held.text("token")
	body := map[string]any{"hold": id}
	for k, v := range person {
		body[k] = v
	}
	done := send(ctx, http.MethodPost, url+"/api/v1/appointments", token, body)
	return id, token, done.status == http.StatusCreated
}

// postbox is a mail server that keeps what it is given.
type postbox struct {
	address string
	mu      sync.Mutex
	mails   []string
}

func newPostbox(t *testing.T) *postbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p := &postbox{address: l.Addr().String()}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p
}

// serve speaks as much SMTP (RFC 5321) as a client needs.
func (p *postbox) serve(c net.Conn) {
	defer c.Close()
	lines := bufio.NewReader(c)
	fmt.Fprint(c, "220 postbox\r\n")
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		switch strings.ToUpper(strings.Fields(line + " x")[0]) {
		case "DATA":
			fmt.Fprint(c, "354 go on\r\n")
			var mail strings.Builder
			for {
				l, err := lines.ReadString('\n')
				if err != nil {
					return
				}
				if l == ".\r\n" {
					break
				}
				mail.WriteString(l)
			}
			p.mu.Lock()
			p.mails = append(p.mails, mail.String())
			p.mu.Unlock()
			fmt.Fprint(c, "250 kept\r\n")
		case "QUIT":
			fmt.Fprint(c, "221 bye\r\n")
			return
		default:
			fmt.Fprint(c, "250 ok\r\n")
		}
	}
}

func (p *postbox) all() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.mails...)
}

// S36 for the whole program: neither mails nor logs nor metrics nor addresses
// tell who comes, for what, and when.
func TestS36NothingPersonalLeaks(t *testing.T) {
	box := newPostbox(t)
	p := start(t, "demo", "--listen", "127.0.0.1:0", "--data", folder(t), "--no-proof", "--holds-per-minute", "0",
		"--smtp", "smtp://"+box.address, "--mail-from", "rathaus@ortsnah.example")
	found := proposals(t.Context(), p.url, "eheschliessung", 1)
	if len(found) == 0 {
		t.Fatal("no proposal")
	}
	person := map[string]any{"surname": "Quittenbaum-Ypsilanti", "given_name": "Zenobia", "email": "zenobia.q@example.org", "phone": "+49 5241 987654321"}
	id, token, ok := book(t.Context(), p.url, found[0], "eheschliessung", person)
	if !ok {
		t.Fatal("not booked")
	}
	if a := send(t.Context(), http.MethodDelete, p.url+"/api/v1/appointments/"+id, token, nil); a.status != http.StatusOK && a.status != http.StatusNoContent {
		t.Fatal("not cancelled:", a)
	}
	// Somebody who guesses, and nonsense: errors must not repeat it.
	send(t.Context(), http.MethodGet, p.url+"/api/v1/appointments/"+id, "ZENOBIA0000000000000", nil)
	send(t.Context(), http.MethodPost, p.url+"/api/v1/appointments", token, map[string]any{"hold": id, "surname": strings.Repeat("Quittenbaum-Ypsilanti", 500)})
	eventually(t, "the mails are sent", func() bool { return len(box.all()) >= 2 })
	_, metrics := fetch(t, p.metrics())
	begins, _ := found[0]["start"].(string)
	at, err := time.Parse(time.RFC3339, begins)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{"log": p.logged(), "metrics": metrics}
	for i, mail := range box.all() {
		texts[fmt.Sprint("mail ", i)] = mail
		if !strings.Contains(mail, p.url+"/termin") {
			t.Error("a mail without the bare link:\n", mail)
		}
	}
	for where, text := range texts {
		_, letter, isMail := strings.Cut(text, "\r\n\r\n")
		if !isMail {
			letter = text
		}
		for _, secret := range []string{"Quittenbaum", "Ypsilanti", "Zenobia", "zenobia.q", "987654321", "eheschliessung", "Eheschließung", "heirat",
			id, token, at.Format("15:04 Uhr"), at.Format("02.01.2006"), begins, "Standesamt"} {
			if strings.Contains(strings.ToLower(letter), strings.ToLower(secret)) {
				t.Errorf("%s tells %q:\n%s", where, secret, text)
			}
		}
	}
}

// S34: whatever is killed and whenever, an appointment that was confirmed to
// somebody is there with claims, registration and notice, and nothing is
// there by halves. ORTSNAH_KILLS says how many rounds.
func TestS34KilledWhileBooking(t *testing.T) {
	rounds := 4
	if n, err := strconv.Atoi(os.Getenv("ORTSNAH_KILLS")); err == nil {
		rounds = n
	}
	dir := folder(t)
	args := []string{"demo", "--listen", "127.0.0.1:0", "--data", dir, "--no-proof", "--holds-per-minute", "0", "--requests-per-minute", "0"}
	p := start(t, args...)
	confirmed := map[string]bool{}
	for round := range rounds {
		ctx, cancel := context.WithCancel(t.Context())
		powerCut := make(chan struct{}) // in the middle of everything, at a moment that nobody chose
		left := 1 + rand.IntN(25)
		var mu sync.Mutex
		var clients sync.WaitGroup
		for client := range 4 {
			clients.Go(func() {
				for ctx.Err() == nil {
					for i, offered := range proposals(ctx, p.url, "reisepass", 40) {
						if i%4 != client {
							continue
						}
						id, token, ok := book(ctx, p.url, offered, "reisepass", map[string]any{"email": "x@example.org"})
						if !ok {
							continue
						}
						mu.Lock()
						confirmed[id] = true
						if left--; left == 0 {
							close(powerCut)
						}
						mu.Unlock()
						if i%8 == client { // room for more: but what was said to be cancelled is
							if a := send(ctx, http.MethodDelete, p.url+"/api/v1/appointments/"+id, token, nil); a.status/100 == 2 || a.status == 0 {
								mu.Lock()
								delete(confirmed, id)
								mu.Unlock()
							}
						}
					}
				}
			})
		}
		select {
		case <-powerCut:
		case <-time.After(20 * time.Second): // the calendar is full: then it is cut between refusals
		}
		if round%2 == 0 {
			p.kill(t)
			cancel()
			clients.Wait()
			p = start(t, args...)
		} else {
			killPostgres(t, dir)
			p.cmd.Wait()
			cancel()
			clients.Wait()
			p = start(t, args...)
		}
		whole(t, dir, confirmed)
	}
	t.Logf("%d rounds, %d confirmed appointments, none lost, none by halves", rounds, len(confirmed))
	if len(confirmed) == 0 {
		t.Error("nothing was ever confirmed")
	}
}

// killPostgres ends the database server below dir like a power cut.
func killPostgres(t *testing.T, dir string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "postgres", "postmaster.pid"))
	if err != nil {
		matches, _ := filepath.Glob(filepath.Join(dir, "postgres", "*", "postmaster.pid"))
		if len(matches) == 0 {
			t.Fatal(err)
		}
		if raw, err = os.ReadFile(matches[0]); err != nil {
			t.Fatal(err)
		}
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// whole looks for what is there by halves.
func whole(t *testing.T, dir string, confirmed map[string]bool) {
	t.Helper()
	conn := join(t, dir)
	defer conn.Close(context.Background())
	var ids []string
	for id := range confirmed {
		ids = append(ids, id)
	}
	var missing, halves, overlaps int
	err := conn.QueryRow(t.Context(), `SELECT
		(SELECT count(*) FROM unnest($1::text[]) AS x (id) WHERE NOT EXISTS (SELECT FROM booking.appointment a WHERE a.id = x.id AND a.state = 'booked')),
		(SELECT count(*) FROM booking.appointment a WHERE a.channel = 'counter' AND a.starts > now() AND CASE a.state
			WHEN 'booked' THEN (SELECT count(*) FROM booking.claim c WHERE c.appointment = a.id) < 2
				OR NOT EXISTS (SELECT FROM booking.registration g WHERE g.appointment = a.id)
				OR NOT EXISTS (SELECT FROM booking.outbox o WHERE o.appointment = a.id AND o.kind = 'booked')
				OR NOT EXISTS (SELECT FROM booking.part p WHERE p.appointment = a.id)
			WHEN 'hold' THEN (SELECT count(*) FROM booking.claim c WHERE c.appointment = a.id) < 2
			ELSE EXISTS (SELECT FROM booking.claim c WHERE c.appointment = a.id)
				OR EXISTS (SELECT FROM booking.registration g WHERE g.appointment = a.id) END),
		(SELECT count(*) FROM booking.claim a JOIN booking.claim b ON a.resource = b.resource AND a.id < b.id AND a.during && b.during)`, ids).
		Scan(&missing, &halves, &overlaps)
	if err != nil {
		t.Fatal(err)
	}
	if missing+halves+overlaps > 0 {
		t.Fatalf("%d confirmed appointments are missing, %d are there by halves, %d claims overlap", missing, halves, overlaps)
	}
}

// metrics is the address of the program's metrics, from its log.
func (p *program) metrics() string {
	_, rest, _ := strings.Cut(p.logged(), "msg=metrics url=")
	url, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(url)
}
