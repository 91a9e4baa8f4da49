package planning

import "sync"

// notices tells those who wait in this instance that a run moved.
type notices struct {
	mu      sync.Mutex
	waiting map[string]map[chan struct{}]bool // by run
	closed  bool
}

// Watch returns a channel that gets a value after a change of the run, and
// closes when the desk closes; several changes may be one value. Whoever
// watches looks into the database for what changed. stop ends it.
func (d *Desk) Watch(run string) (changed <-chan struct{}, stop func()) {
	n := &d.notices
	c := make(chan struct{}, 1)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		close(c)
		return c, func() {}
	}
	if n.waiting == nil {
		n.waiting = map[string]map[chan struct{}]bool{}
	}
	if n.waiting[run] == nil {
		n.waiting[run] = map[chan struct{}]bool{}
	}
	n.waiting[run][c] = true
	return c, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.waiting[run], c)
		if len(n.waiting[run]) == 0 {
			delete(n.waiting, run)
		}
	}
}

// tell wakes those who watch the run; all of them when run is empty.
func (n *notices) tell(run string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, channels := range n.waiting {
		if run != "" && id != run {
			continue
		}
		for c := range channels {
			select {
			case c <- struct{}{}:
			default: // it has a value already
			}
		}
	}
}

// close ends all watching.
func (n *notices) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	for _, channels := range n.waiting {
		for c := range channels {
			close(c)
		}
	}
	n.waiting = nil
}
