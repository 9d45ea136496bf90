//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package posthog

import "time"

// memorySample is how often a supervisor looks whether the kernel has killed. A child
// takes less than that to die of it, however much memory it had.
const memorySample = 30 * time.Second

// memoryWatch knows whether the kernel has just killed a process for want of memory,
// in the control group of the child. That may have been another one, such as a helper
// of the child, so what was counted two samples ago proves nothing about an end.
type memoryWatch struct {
	count        func() (kills uint64, known bool)
	before, last memorySighting
}

// memorySighting is what the kernel had counted at some time.
type memorySighting struct {
	kills uint64
	known bool
}

// watchMemory begins with what was counted before there was a child.
func watchMemory(count func() (kills uint64, known bool)) *memoryWatch {
	w := &memoryWatch{count: count}
	w.sample()
	w.before = w.last
	return w
}

// sample remembers what was counted by now.
func (w *memoryWatch) sample() {
	w.before = w.last
	w.last.kills, w.last.known = w.count()
}

// killed reports whether the kernel has killed since the sample before the last, as
// far as that is known.
func (w *memoryWatch) killed() (killed, known bool) {
	kills, counted := w.count()
	known = counted && w.before.known
	return known && kills > w.before.kills, known
}
