package main

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"time"

	"golang.org/x/term"

	"github.com/ortsnah/ortsnah/api/i18n"
	"github.com/ortsnah/ortsnah/stations/siting"
)

// liveGap shows a run while it goes on: one line that changes on a terminal, a
// line every ten seconds elsewhere.
type liveGap struct {
	console
	terminal    bool
	began, said time.Time
}

func newLiveGap(c console) *liveGap {
	l := &liveGap{console: c, began: time.Now(), said: time.Now()}
	if f, ok := c.err.(*os.File); ok {
		l.terminal = term.IsTerminal(int(f.Fd()))
	}
	return l
}

func (l *liveGap) show(at siting.Progress) {
	pause := 10 * time.Second
	if l.terminal {
		pause = 100 * time.Millisecond
	}
	if time.Since(l.said) < pause {
		return
	}
	l.said = time.Now()
	args := map[string]any{"best": at.Best, "bound": at.Bound, "gap": percent(at.Best, at.Bound), "nodes": at.Nodes,
		"seconds": strconv.FormatFloat(math.Round(time.Since(l.began).Seconds()*10)/10, 'f', 1, 64)}
	text := i18n.Text(l.lang(), "siting.progress", args)
	if !at.Known {
		text = i18n.Text(l.lang(), "siting.progress_none", args)
	}
	if l.terminal {
		fmt.Fprintf(l.err, "\r%s\x1b[K", text) // ECMA-48 EL: what the last text had more
		return
	}
	fmt.Fprintln(l.err, text)
}

// done clears the line.
func (l *liveGap) done() {
	if l.terminal {
		fmt.Fprint(l.err, "\r\x1b[K")
	}
}
