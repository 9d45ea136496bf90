package flagsync

import "time"

// publish makes s what is loaded. Only New and the Loader's goroutine publish.
func (l *Loader) publish(s State) {
	s.LoadedAt = time.Now()
	s.Generation = l.state.Load().Generation + 1
	l.state.Store(&s)
	l.mu.Lock()
	defer l.mu.Unlock()
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
