package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"github.com/ortsnah/ortsnah"
	"github.com/ortsnah/ortsnah/stations/planning"
)

const (
	eventStream = "text/event-stream"
	stillHere   = 15 * time.Second // between comments, so that proxies keep the connection
	lookAgain   = 2 * time.Second  // where no notice came, as while the listener reconnects
	reconnect   = 1000             // milliseconds until a browser comes back
)

// eventProgress is the data of an event "progress".
type eventProgress struct {
	planning.Progress
	Status planning.State `json:"status"`
}

// eventEnd is the data of the event "end".
type eventEnd struct {
	Status planning.State `json:"status"`
}

// sitingEvents answers GET …/events with server-sent events (WHATWG HTML,
// section 9.2): "progress" for every step of the run, from its beginning or
// after Last-Event-ID, and "end" when all of it is written down. The run does
// not care who watches: closing the stream changes nothing.
func (s *Server) sitingEvents(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	if s.Planning == nil {
		return ortsnah.E(ortsnah.Unavailable, "planning.no_desk")
	}
	run, err := s.visibleRun(w, r)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", eventStream)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")                    // a proxy must not collect events
	h.Set(gzhttp.HeaderNoCompression, "a stream waits") // nor the compressor
	stream := &events{w: w, control: http.NewResponseController(w), run: run.ID}
	stream.last, _ = strconv.Atoi(r.Header.Get("Last-Event-ID")) // anything else: from the beginning
	// The time limits of the server are for requests and answers, not for a
	// stream; where they cannot be lifted they hold.
	_ = stream.control.SetReadDeadline(time.Time{})
	ctx := whole(r)
	changed, stop := s.Planning.Watch(run.ID)
	defer stop()
	if err := stream.write(fmt.Sprintf("retry: %d\n\n", reconnect)); err != nil {
		return nil // nobody is there any more
	}
	return s.stream(ctx, stream, changed)
}

// stream sends until the run has ended, the client hangs up or the program ends.
func (s *Server) stream(ctx context.Context, stream *events, changed <-chan struct{}) error {
	comment, again := time.NewTicker(stillHere), time.NewTicker(lookAgain)
	defer comment.Stop()
	defer again.Stop()
	for {
		ended, err := s.sendNew(ctx, stream)
		if err != nil || ended {
			return nil // the head is out: the browser comes back and asks again
		}
		select {
		case <-ctx.Done():
			return nil
		case _, open := <-changed:
			if !open {
				return nil
			}
		case <-again.C:
		case <-comment.C:
			if stream.write(": still here\n\n") != nil {
				return nil
			}
		}
	}
}

// sendNew sends what happened since the last event.
func (s *Server) sendNew(ctx context.Context, stream *events) (ended bool, err error) {
	// Asked first: what it calls settled is among the events read after it.
	state, settled, err := planning.Settled(ctx, s.DB, stream.run)
	if err != nil {
		return false, err
	}
	news, err := planning.Events(ctx, s.DB, stream.run, stream.last)
	if err != nil {
		return false, err
	}
	for _, e := range news {
		if err := stream.event("progress", e.Number, eventProgress{e.Progress, e.State}); err != nil {
			return false, err
		}
		stream.last = e.Number
	}
	if !settled {
		return false, nil
	}
	return true, stream.event("end", stream.last, eventEnd{state})
}

// events writes server-sent events.
type events struct {
	w       http.ResponseWriter
	control *http.ResponseController
	run     string
	last    int
}

func (e *events) event(name string, id int, data any) error {
	text, err := json.Marshal(data) // one line: JSON has no line breaks of its own
	if err != nil {
		return err
	}
	return e.write(fmt.Sprintf("event: %s\nid: %d\ndata: %s\n\n", name, id, text))
}

func (e *events) write(text string) error {
	if _, err := e.w.Write([]byte(text)); err != nil {
		return err
	}
	return e.control.Flush()
}
