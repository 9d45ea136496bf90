//go:build linux || darwin

package disk_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/spool/disk"
	"github.com/hedgerow/posthog/internal/spool/faulty"
)

// appending returns the stores of an Append to mapped memory, backwards where
// their order is for the processor to choose.
func appending(f []byte, at int, salt uint32, backwards bool) []store {
	salted := make([]byte, len(f))
	segment.Copy(salted, f, salt)
	start := largeStart + at
	var stores []store
	if next := at + len(f); next < largeArea {
		stores = append(stores, store{largeStart + next, make([]byte, 4), true})
	}
	if backwards {
		for to := len(f); to > 12; to -= 64 {
			from := max(to-64, 12)
			stores = append(stores, store{start + from, salted[from:to], true})
		}
	} else {
		stores = append(stores, store{start + 12, salted[12:], false})
	}
	for _, from := range []int{8, 4, 0} {
		stores = append(stores, store{start + from, salted[from : from+4], true})
	}
	return stores
}

// A process dies at any instant of an Append to mapped memory, even of a frame of
// several pages: that frame is not there, and nothing is damaged.
func TestKilledWithinAnAppend(t *testing.T) {
	t.Parallel()
	for name, c := range scenes {
		for what, payload := range map[string]int{
			"of a page and a half":           6000,
			"small":                          1,
			"up to the end":                  -40,
			"with no room for another":       -40 - 56,
			"with room for one that is tiny": -40 - 64,
		} {
			t.Run(name+", "+what, func(t *testing.T) {
				t.Parallel()
				sc := newScene(t, faulty.New(disk.Local()), c.again, c.first, c.behind)
				w := sc.writer
				if payload < 0 {
					payload += largeArea - w.summary.Used
				}
				before, at := sc.contents(t), w.summary.Used
				must(t, w.append(99, 99, payload))
				after := sc.contents(t)
				for _, backwards := range []bool{false, true} {
					var v versions
					stores := appending(frame(99, payload), at, w.s.Salt(), backwards)
					instants(before, stores, func(file []byte, last, done int) {
						want := outcome{records: sc.want}
						if last == len(stores)-1 {
							want.records = append(slices.Clone(sc.want), 99)
							if !bytes.Equal(file, after) {
								t.Fatal("the stores are not those of Append")
							}
						}
						v.add(t, fmt.Sprintf("killed within store %d", last), done, file, want)
					})
					v.run(t)
				}
			})
		}
	}
}

// The copy itself is cut short, by a mapping that ends at a page: what is in front
// of that is as the processor left it, and what is behind as it was. So the state
// is written last, and the end of the frames first.
func TestACopyThatEndsAtAPage(t *testing.T) {
	t.Parallel()
	for name, c := range scenes {
		for what, room := range map[string]int{"up to the end": 0, "with another behind it": 200} {
			for pages := 1; pages < largeArea/4096; pages++ {
				t.Run(fmt.Sprintf("%s, %s, %d pages", name, what, pages), func(t *testing.T) {
					t.Parallel()
					sc := newScene(t, disk.Local(), c.again, c.first, c.behind)
					w := sc.writer
					before := sc.contents(t)
					payload := largeArea - w.summary.Used - segment.HeaderSize - room
					whole := int64(largeStart + pages*4096)
					must(t, os.Truncate(w.s.Name(), whole))
					if err := w.append(99, 99, payload); err == nil {
						t.Fatal("Append to a file that is too short: got true, want false")
					}
					file := slices.Concat(sc.contents(t), before[whole:])
					if changed := !bytes.Equal(file, before); changed != (room == 0) {
						t.Errorf("got some of the frame in the file: %v, want that only if nothing comes behind it", changed)
					}
					try(t, "cut short", int(whole), file, outcome{records: sc.want})
				})
			}
		}
	}
}
