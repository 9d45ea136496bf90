package flagsync

import "time"

// publish makes s what is loaded. Only New and the Loader's goroutine publish. The status follows in the same moment,
// although the load may have more to do, because whoever waited for definitions looks at it next.
func (l *Loader) publish(s State) {
	s.LoadedAt = time.Now()
	s.Generation = l.state.Load().Generation + 1
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.Store(&s)
	if s.Source != Bytes && s.Source != Backup { // which stand in for a load
		l.status.LastError, l.status.RefreshedAt = nil, s.LoadedAt
	}
	select {
	case <-l.ready:
	default:
		close(l.ready)
	}
	l.tellLocked()
}

// clear makes nothing what is loaded.
func (l *Loader) clear() {
	was := l.state.Load()
	if !was.Loaded() {
		return
	}
	l.state.Store(&State{Generation: was.Generation + 1})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ready = make(chan struct{})
	l.tellLocked()
}
