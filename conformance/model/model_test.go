package model_test

import (
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"
)

// Whatever happens to the process and its disk, nothing that was accepted into a
// file and is not final is missing in the next process, the order is kept, no
// record is invented, and every byte is as it was.
//
// Proves ZIG-17.
func TestTheQueueAndTheSpoolDoWhatAPlainSliceDoes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ evict, rest bool }{
		"refusing the newest":                  {false, true},
		"evicting the oldest":                  {true, true},
		"refusing the newest, without a pause": {false, false},
		"evicting the oldest, without a pause": {true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				// Check asks a *testing.T for its deadline, which a bubble forbids.
				rapid.Check(struct{ rapid.TB }{t}, func(r *rapid.T) {
					m := &machine{T: r, dir: dir, evict: c.evict, rest: c.rest, again: make(map[int]bool)}
					m.begin()
					defer func() {
						m.kill()
						m.remove(r)
					}()
					r.Repeat(m.actions())
				})
			})
		})
	}
}

// actions are what can happen, some of it more often than the rest.
func (m *machine) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"":        m.check,
		"put":     m.put,
		"put 2":   m.put,
		"put 3":   m.put,
		"take":    m.take,
		"take 2":  m.take,
		"finish":  m.finish,
		"release": m.release,
		"flush":   m.flush,
		"crash":   m.crash,
		"close":   m.closeAndOpen,
		"full":    m.full,
		"heal":    m.heal,
		"remove":  m.remove,
		"settle":  m.settle,
		"pass":    m.pass,
	}
}
