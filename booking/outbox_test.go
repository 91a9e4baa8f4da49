package booking

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ortsnah/ortsnah"
)

// mailServer is a small SMTP server (RFC 5321) that keeps what it is given.
type mailServer struct {
	listener net.Listener
	mu       sync.Mutex
	mails    []string // envelope and text
	refuse   bool     // every recipient
}

func startMailServer(t *testing.T) *mailServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &mailServer{listener: listener}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			go m.serve(conn)
		}
	}()
	return m
}

func (m *mailServer) serve(conn net.Conn) {
	defer conn.Close()
	lines, data, mail := bufio.NewReader(conn), false, ""
	fmt.Fprint(conn, "220 test\r\n")
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " ")
		m.mu.Lock()
		switch {
		case data && line == ".\r\n":
			m.mails, data, mail = append(m.mails, mail), false, ""
			fmt.Fprint(conn, "250 ok\r\n")
		case data:
			mail += line
		case verb == "DATA":
			data = true
			fmt.Fprint(conn, "354 go on\r\n")
		case verb == "RCPT" && m.refuse:
			fmt.Fprint(conn, "550 "+line)
		case verb == "QUIT":
			fmt.Fprint(conn, "221 bye\r\n")
		default:
			if verb == "MAIL" || verb == "RCPT" {
				mail += line
			}
			fmt.Fprint(conn, "250 ok\r\n")
		}
		m.mu.Unlock()
	}
}

func (m *mailServer) set(refuse bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refuse = refuse
}

func (m *mailServer) all() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string{}, m.mails...)
}

func sentence(lang, key string, args map[string]any) string {
	return strings.TrimSpace(fmt.Sprint(lang, " ", key, " ", args["url"]))
}

// S36: no mail names a person, a concern, a time, a place or a clerk; two mails
// differ in nothing but the address and what the mail server writes.
func TestS36MailsAreNeutral(t *testing.T) {
	s, server := scenarioTown(t, "2026-03-27 10:00"), startMailServer(t)
	s.released("A1", "2026-03-30", "08:00", "12:00")
	s.released("X4", "2026-03-30", "08:00", "12:00")
	mailer, err := NewMailer("smtp://"+server.listener.Addr().String(), "termine@stadt.example", "https://stadt.example/", sentence)
	s.must(err)
	ctx := t.Context()
	book := func(o Order, p Person, lang string) Ticket {
		held, err := s.Hold(ctx, o)
		s.must(err)
		a, err := s.Confirm(ctx, held.Appointment.ID, By{Token: held.Token}, p, lang)
		s.must(err)
		return Ticket{a, held.Token}
	}
	o := s.order("aufenthalt", 1, "2026-03-30 08:00")
	o.Name = "Özdemir"
	first := book(o, Person{GivenName: "Ayşe", Surname: "Özdemir", Email: "ayse@post.example", Note: "Rollstuhl"}, "de")
	second := book(s.order("pass", 2, "2026-03-30 09:10"), Person{Surname: "Smith", Email: "smith@post.example"}, "en")
	book(s.order("pass", 1, "2026-03-30 09:30"), Person{Surname: "Portal"}, "de")
	if n, err := s.SendMails(ctx, nil); n != 0 || err != nil || s.count(`SELECT count(*) FROM booking.outbox WHERE sent_at IS NULL`) != 3 {
		t.Fatalf("without a mail server: %d, %v", n, err)
	}
	n, err := s.SendMails(ctx, mailer)
	if n != 2 || err != nil || s.count(`SELECT count(*) FROM booking.outbox WHERE sent_at IS NULL`) != 0 {
		t.Fatalf("%d mails, %v", n, err)
	}
	_, err = s.Cancel(ctx, first.Appointment.ID, By{Token: first.Token})
	s.must(err)
	s.must2(s.Move(ctx, second.Appointment.ID, By{Token: second.Token}, s.wall("2026-03-30 11:00"), "site/rathaus"))
	if n, err := s.SendMails(ctx, mailer); n != 2 || err != nil {
		t.Fatalf("%d mails, %v", n, err)
	}
	mails := server.all()
	for _, m := range mails {
		_, body, _ := strings.Cut(m, "\r\n\r\n")
		text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(body)))
		if want := []string{"de mail.body https://stadt.example/termin/meine", "en mail.body https://stadt.example/termin/meine"}; err != nil ||
			strings.TrimSpace(string(text)) != want[0] && strings.TrimSpace(string(text)) != want[1] {
			t.Errorf("text %q, %v", text, err)
		}
		for _, secret := range []string{"zdemir", "Smith,", "Ay", "aufenthalt", "pass", "08:00", "09:10", "11:00", "2026", "rathaus", "X4", "A1", "E1",
			"Rollstuhl", first.Appointment.ID, first.Token, second.Appointment.ID, second.Token} {
			if head, _, _ := strings.Cut(m, "\r\n\r\n"); strings.Contains(body, secret) || strings.Contains(withoutEnvelope(head), secret) {
				t.Errorf("a mail says %q:\n%s", secret, m)
			}
		}
	}
	notices, err := s.Notices(ctx, first.Appointment.ID, By{Token: first.Token})
	if err != nil || len(notices) != 2 || notices[0].Kind != "cancelled" || notices[1].Kind != "booked" || notices[0].ReadAt != nil {
		t.Errorf("notices %+v, %v", notices, err)
	}
	if notices, err = s.Notices(ctx, first.Appointment.ID, By{Token: first.Token}); err != nil || notices[0].ReadAt == nil {
		t.Errorf("read notices %+v, %v", notices, err)
	}
}

// withoutEnvelope leaves out the lines about sender, addressee and the moment
// of sending, and the random ones.
func withoutEnvelope(head string) string {
	var kept []string
	for line := range strings.SplitSeq(head, "\r\n") {
		name, _, _ := strings.Cut(line, ":")
		switch strings.ToLower(name) {
		case "mail from", "rcpt to", "from", "to", "date", "message-id":
		default:
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// A mail server that refuses or is away costs nothing but time; its error does
// not bring an address into the log.
func TestMailsAreTriedAgain(t *testing.T) {
	s, server := scenarioTown(t, "2026-03-27 10:00"), startMailServer(t)
	s.released("A1", "2026-03-30", "08:00", "12:00")
	mailer, err := NewMailer("smtp://"+server.listener.Addr().String(), "termine@stadt.example", "https://stadt.example", sentence)
	s.must(err)
	held, err := s.Hold(t.Context(), s.order("pass", 1, "2026-03-30 08:00"))
	s.must(err)
	s.must2(s.Confirm(t.Context(), held.Appointment.ID, By{Token: held.Token}, Person{Email: "secret@post.example"}, "de"))
	server.set(true)
	n, err := s.SendMails(t.Context(), mailer)
	if n != 0 || ortsnah.KindOf(err) != ortsnah.Unavailable || strings.Contains(err.Error(), "secret") {
		t.Errorf("refused: %d, %v", n, err)
	}
	server.set(false)
	if n, err := s.SendMails(t.Context(), mailer); n != 0 || err != nil {
		t.Errorf("at once: %d, %v", n, err)
	}
	s.after(time.Minute)
	if n, err := s.SendMails(t.Context(), mailer); n != 1 || err != nil {
		t.Errorf("a minute later: %d, %v", n, err)
	}
	s.after(24 * time.Hour)
	if n, err := s.SendMails(t.Context(), mailer); n != 0 || err != nil || len(server.all()) != 1 {
		t.Errorf("a day later: %d, %v", n, err)
	}
	for _, bad := range []string{"", "mail.example", "http://mail.example", "smtp://", "smtp://mail.example:port", "smtp://me:secret@mail.example:99999999"} {
		if _, err := NewMailer(bad, "termine@stadt.example", "https://x.example", sentence); key(err) != "booking.bad_smtp" || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := NewMailer("smtp://mail.example", "no address", "https://x.example", sentence); key(err) != "booking.bad_smtp" {
		t.Errorf("sender: %v", err)
	}
}
