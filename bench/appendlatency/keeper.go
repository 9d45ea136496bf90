//go:build linux

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
)

const (
	regionsAhead  = 8  // made before they are needed
	regionsBehind = 64 // files kept after they were filled, so that the disk has something to write
)

// A keeper makes regions ahead of the writer, and closes and removes those that the writer has left, on a goroutine of its
// own, so that the writer does nothing but write.
type keeper struct {
	ready chan *region  // to the writer; closed by the keeper when it ends
	left  chan *region  // from the writer
	end   chan struct{} // closed by stop
	ended chan error    // sent once by the keeper
}

// startKeeper starts one. The caller stops it.
func startKeeper(w way, dir string) *keeper {
	k := &keeper{
		ready: make(chan *region, regionsAhead),
		left:  make(chan *region, regionsBehind),
		end:   make(chan struct{}),
		ended: make(chan error, 1),
	}
	go func() {
		defer close(k.ready)
		k.ended <- k.keep(w, dir)
	}()
	return k
}

// stop ends the keeper and closes what it had made.
func (k *keeper) stop() error {
	close(k.end)
	err := <-k.ended
	for r := range k.ready {
		err = errors.Join(err, r.close())
	}
	return err
}

// keep is the keeper's loop.
func (k *keeper) keep(w way, dir string) error {
	var spare []*region // memory, to be used again
	var behind []string // files
	for made := 0; ; made++ {
		var next *region
		var err error
		if len(spare) > 0 {
			next, spare = spare[0], spare[1:]
		} else if next, err = newRegion(w, filepath.Join(dir, strconv.Itoa(made))); err != nil {
			return err
		}
		for next != nil {
			select {
			case k.ready <- next:
				next = nil
			case r := <-k.left:
				if r.file == nil {
					spare = append(spare, r)
					continue
				}
				behind = append(behind, r.file.Name())
				if err := r.close(); err != nil {
					return errors.Join(err, next.close())
				}
				if len(behind) > regionsBehind {
					if err := os.Remove(behind[0]); err != nil {
						return errors.Join(err, next.close())
					}
					behind = behind[1:]
				}
			case <-k.end:
				return next.close()
			}
		}
	}
}
