package booking

import (
	"context"
	_ "embed"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ortsnah/ortsnah"
	"github.com/wneessen/go-mail"
)

const (
	mailsAtOnce  = 50
	mailAttempts = 12 // the last one about a day after the first
	mailPatience = 20 * time.Second
)

// Mailer sends mails that say nothing but that there is a message in the
// portal, with a bare link to it (S36).
type Mailer struct {
	client *mail.Client
	from   string
	url    string
	text   func(lang, key string, args map[string]any) string
}

// NewMailer makes a Mailer for a mail server, "smtp://name:password@host:587"
// (encrypted by STARTTLS; without a password only where the server can) or
// "smtps://host:465". text gives the sentences "mail.subject" and "mail.body"
// (placeholder url). Error: Invalid booking.bad_smtp.
func NewMailer(server, from, baseURL string, text func(lang, key string, args map[string]any) string) (*Mailer, error) {
	// The cause may quote the password: it stays out.
	refuse := ortsnah.E(ortsnah.Invalid, "booking.bad_smtp").About("smtp")
	u, err := url.Parse(server)
	if err != nil || u.Hostname() == "" || !isEmail(from) && !strings.HasSuffix(from, "@localhost") {
		return nil, refuse
	}
	options := []mail.Option{mail.WithTimeout(mailPatience), mail.WithTLSPolicy(mail.TLSOpportunistic)}
	switch u.Scheme {
	case "smtps":
		options = append(options, mail.WithSSLPort(false))
	case "smtp":
	default:
		return nil, refuse
	}
	if port := u.Port(); port != "" {
		n, err := strconv.Atoi(port)
		if err != nil {
			return nil, refuse
		}
		options = append(options, mail.WithPort(n))
	}
	if password, ok := u.User.Password(); ok {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(password))
		if u.Scheme == "smtp" && !loopback(u.Hostname()) {
			options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
		}
	}
	client, err := mail.NewClient(u.Hostname(), options...)
	if err != nil {
		return nil, refuse
	}
	return &Mailer{client: client, from: from, url: strings.TrimRight(baseURL, "/") + "/termin/meine", text: text}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// letter is the mail to one address. It depends on the language alone.
func (m *Mailer) letter(lang, to string) (*mail.Msg, error) {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := errors.Join(msg.From(m.from), msg.To(to)); err != nil {
		return nil, err
	}
	msg.Subject(m.text(lang, "mail.subject", nil))
	msg.SetBodyString(mail.TypeTextPlain, m.text(lang, "mail.body", map[string]any{"url": m.url}))
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers
	return msg, nil
}

//go:embed sql/outbox_due.sql
var outboxDueSQL string

type dueMail struct {
	ID     int64
	Lang   string
	Person *[16]byte
	KeyID  string
	Sealed []byte
}

// SendMails announces the notices that are due and returns how many mails went
// out. At least once: when the program dies between the mail and its record,
// the mail comes again. Who gave no address reads the portal. Without a mailer
// nothing is sent and nothing is lost. Error: Unavailable booking.mail_failed;
// what failed is tried again, later each time. The error names no address.
func (c *Reception) SendMails(ctx context.Context, m *Mailer) (int, error) {
	if m == nil {
		return 0, nil
	}
	now := c.Now()
	rows, err := c.DB.Query(ctx, outboxDueSQL, pgx.NamedArgs{"now": now, "attempts": mailAttempts, "limit": mailsAtOnce})
	if err != nil {
		return 0, err
	}
	due, err := pgx.CollectRows(rows, pgx.RowToStructByName[dueMail])
	if err != nil {
		return 0, err
	}
	settled := []int64{}
	var unreadable error
	var letters []*mail.Msg
	var of []int64 // the notice of each letter
	for _, d := range due {
		to, err := c.address(d)
		if err != nil {
			unreadable = err
			continue
		}
		if to == "" {
			settled = append(settled, d.ID)
			continue
		}
		letter, err := m.letter(d.Lang, to)
		if err != nil {
			settled = append(settled, d.ID) // an address that no mail can go to
			continue
		}
		letters, of = append(letters, letter), append(of, d.ID)
	}
	failed := m.send(ctx, letters)
	sent := 0
	for i, letter := range letters {
		if letter.IsDelivered() {
			settled = append(settled, of[i])
			sent++
		}
	}
	_, err = c.DB.Exec(context.WithoutCancel(ctx), `UPDATE booking.outbox SET sent_at = $2 WHERE id = ANY ($1)`, settled, now)
	return sent, errors.Join(err, failed, unreadable)
}

// address is where the person of a notice wants mails; "" nowhere.
func (c *Reception) address(d dueMail) (string, error) {
	if d.Person == nil {
		return "", nil
	}
	p, err := c.openPerson(*d.Person, d.KeyID, d.Sealed)
	return p.Email, err
}

// send hands the letters over; which of them were taken, they know. The server
// may quote an address in its error, which therefore goes no further.
func (m *Mailer) send(ctx context.Context, letters []*mail.Msg) error {
	if len(letters) == 0 {
		return nil
	}
	err := m.client.DialAndSendWithContext(ctx, letters...)
	if err == nil {
		return nil
	}
	reason := "connection"
	if e, ok := errors.AsType[*mail.SendError](err); ok {
		reason = e.Reason.String() + " " + strconv.Itoa(e.ErrorCode())
	}
	return ortsnah.E(ortsnah.Unavailable, "booking.mail_failed", "reason", reason)
}
