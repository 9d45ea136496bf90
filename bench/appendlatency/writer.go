//go:build linux

package main

import "time"

// A writer appends records and times each of them. It is used from one goroutine.
type writer struct {
	keeper *keeper
	at     *region
	offset int64
	record []byte
	took   []int32 // nanoseconds, in order

	longestWait time.Duration // for a region
}

// newWriter returns a writer with its first region, for which nobody has waited.
func newWriter(k *keeper) *writer {
	w := &writer{keeper: k, at: <-k.ready, record: make([]byte, recordSize), took: make([]int32, mostCalls)[:0]}
	for i := range w.record {
		w.record[i] = byte(i)
	}
	clear(w.took[:cap(w.took)]) // or its pages would be made while the clock runs
	return w
}

// write appends at a pace, until the time is over or enough was appended.
func (w *writer) write(perSecond int, long time.Duration) error {
	burst := perSecond / 1000
	if perSecond == flatOut {
		burst = 64 // between two looks at the time
	}
	start := time.Now()
	for tick := 0; time.Since(start) < long; tick++ {
		if perSecond != flatOut {
			time.Sleep(time.Until(start.Add(time.Duration(tick) * time.Millisecond)))
		}
		for range burst {
			if len(w.took) == cap(w.took) || !w.room() {
				return nil
			}
			began := time.Now()
			err := w.at.put(w.offset, w.record)
			w.took = append(w.took, int32(min(time.Since(began), 2*time.Second)))
			if err != nil {
				return err
			}
			w.offset += recordSize
		}
	}
	return nil
}

// room makes sure that a record fits, and reports false if the keeper failed.
func (w *writer) room() bool {
	if w.at == nil {
		return false
	}
	if w.offset+recordSize <= regionSize {
		return true
	}
	w.keeper.left <- w.at
	w.offset = 0
	select {
	case w.at = <-w.keeper.ready:
	default:
		began := time.Now()
		w.at = <-w.keeper.ready
		w.longestWait = max(w.longestWait, time.Since(began))
	}
	return w.at != nil
}
