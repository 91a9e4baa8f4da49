package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/ortsnah/ortsnah/ingest"
)

// progress shows an import's progress: a bar with rows per second on a
// terminal, a line every ten seconds elsewhere.
type progress struct {
	out      io.Writer
	terminal bool
	bar      *progressbar.ProgressBar
	began    time.Time
	said     time.Time
}

func newProgress(out io.Writer) *progress {
	p := &progress{out: out, began: time.Now(), said: time.Now()}
	if f, ok := out.(*os.File); ok {
		p.terminal = term.IsTerminal(int(f.Fd()))
	}
	return p
}

func (p *progress) show(at ingest.Progress) {
	rate := int64(float64(at.Rows) / max(time.Since(p.began).Seconds(), 0.001))
	text := fmt.Sprintf("%-5s %9d rows %8d rows/s", at.Phase, at.Rows, rate)
	if !p.terminal {
		if time.Since(p.said) >= 10*time.Second {
			p.said = time.Now()
			fmt.Fprintf(p.out, "%s %s of %s\n", text, megabytes(at.Consumed), megabytes(at.Total))
		}
		return
	}
	if at.Phase == "check" || at.Phase == "write" { // the source has been read: only the clock moves
		p.done()
		fmt.Fprintf(p.out, "\r%s …", text)
		return
	}
	if p.bar == nil {
		total := at.Total
		if total <= 0 {
			total = -1 // a spinner
		}
		p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(p.out), progressbar.OptionShowBytes(true),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetWidth(24), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetPredictTime(true))
	}
	p.bar.Describe(text)
	// The bar fails only on a closed terminal, where nobody looks any more.
	_ = p.bar.Set64(at.Consumed)
}

func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Clear()
		fmt.Fprint(p.out, "\r\x1b[K") // ECMA-48 EL: what the last phase wrote
	}
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
