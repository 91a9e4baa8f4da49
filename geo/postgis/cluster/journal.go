package cluster

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
)

// linePrefix is the server's log_line_prefix: kind of process and SQLSTATE.
const linePrefix = "%b|%e|"

// tailLines is how many lines are kept to explain a start that failed.
const tailLines = 20

// journal turns the server's stderr into log records and keeps the last lines.
type journal struct {
	log *slog.Logger

	mu   sync.Mutex
	last []string
}

// follow reads until the server and all its processes have closed r, or r's
// deadline. It never stops reading before: a full pipe would stop the server.
func (j *journal) follow(r io.Reader) {
	lines := bufio.NewReaderSize(r, 8<<10)
	for {
		line, more, err := lines.ReadLine()
		if err != nil {
			return
		}
		j.write(string(line))
		for more && err == nil { // the rest of a very long line is of no use
			_, more, err = lines.ReadLine()
		}
	}
}

// write logs one line.
func (j *journal) write(line string) {
	j.mu.Lock()
	j.last = append(j.last, line)
	if len(j.last) > tailLines {
		j.last = slices.Delete(j.last, 0, 1)
	}
	j.mu.Unlock()
	if level, text, ok := record(line); ok {
		j.log.Log(context.Background(), level, text, "from", "postgresql")
	}
}

// tail is the last lines as one text.
func (j *journal) tail() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.last, "\n")
}

// record is what one line of the server becomes in the program's log; ok is
// false for the further lines of a message. The text of an error that a client
// caused is left out, it may quote personal data ("invalid input syntax for
// type date: …") and the client has it; only its SQLSTATE remains. Classes 53
// (resources), 58 (system) and XX (corruption) are the operator's business and
// stay (PostgreSQL manual, appendix A).
func record(line string) (level slog.Level, text string, ok bool) {
	if line == "" || strings.HasPrefix(line, "\t") {
		return 0, "", false
	}
	process, rest, _ := strings.Cut(line, "|")
	state, rest, found := strings.Cut(rest, "|")
	severity, text, cut := strings.Cut(rest, ":  ")
	if !found || !cut {
		return slog.LevelWarn, line, true // before the prefix is known, or a library's own words
	}
	switch severity {
	case "DETAIL", "HINT", "CONTEXT", "STATEMENT", "QUERY":
		return 0, "", false
	case "LOG":
		level = slog.LevelDebug
		if notable(text) {
			level = slog.LevelWarn
		}
	case "WARNING":
		level = slog.LevelWarn
	case "FATAL", "ERROR", "PANIC":
		level = slog.LevelError
	default:
		level = slog.LevelDebug
	}
	class := state[:min(2, len(state))]
	theirs := process == "client backend" || process == "parallel worker"
	if theirs && severity != "PANIC" && !slices.Contains([]string{"53", "58", "XX"}, class) {
		return slog.LevelDebug, severity + " of a client, SQLSTATE " + state, true
	}
	return level, process + ": " + text, true
}

// notable are lines of level LOG that an operator should see.
func notable(text string) bool {
	return slices.ContainsFunc([]string{
		"was terminated by signal",
		"was not properly shut down",
		"was interrupted",
		"could not",
		"terminating any other active server processes",
	}, func(part string) bool { return strings.Contains(text, part) })
}
