package spool

import (
	"testing"

	"github.com/hedgerow/posthog/internal/spool/disk"
)

// What the shelf lacks is decided in many situations that are hard to bring
// about from outside.
func TestWhatTheShelfLacks(t *testing.T) {
	t.Parallel()
	const size = 4096
	usual := disk.FileSize(size)
	for name, tc := range map[string]struct {
		bound        int64 // in usual files; a file four times the size is two of them
		used         int64 // by files that are handed out, in usual files
		spares       int
		large        int // files of four times the size
		asked        int
		want         int
		spareMustGo  bool
		largeMustGo  bool
		leavingFiles int64
	}{
		"nothing with two spares":                              {bound: 20, spares: 2},
		"a spare with one":                                     {bound: 20, spares: 1, want: size},
		"nothing at the bound":                                 {bound: 4, used: 3, spares: 1},
		"a large file that is asked for, before a spare":       {bound: 20, asked: 4 * size, want: 4 * size},
		"the room that spares take from a large file":          {bound: 3, spares: 2, asked: 4 * size, spareMustGo: true},
		"the room that a large file takes from a larger one":   {bound: 4, large: 1, asked: 5 * size, largeMustGo: true},
		"a place for a third large file":                       {bound: 40, large: 2, asked: 5 * size, largeMustGo: true},
		"a spare while nothing can make room for a large file": {bound: 7, used: 6, asked: 4 * size, want: size},
		"nothing while a large file waits for what is leaving": {bound: 7, used: 6, spares: 1, asked: 4 * size, leavingFiles: 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newShelf(size, tc.bound*usual)
			h.bytes, h.leaving, h.asked = tc.used*usual, tc.leavingFiles*usual, tc.asked
			var spare, large *File
			for range tc.spares {
				spare = &File{bytes: usual}
				h.spares = append(h.spares, spare)
				h.bytes += usual
			}
			for range tc.large {
				large = &File{bytes: disk.FileSize(4 * size)}
				h.large = append(h.large, large)
				h.bytes += large.bytes
			}
			got, surplus := h.lacks()
			if got != tc.want || (surplus != nil) != (tc.spareMustGo || tc.largeMustGo) ||
				tc.spareMustGo && surplus != spare || tc.largeMustGo && surplus != large {
				t.Errorf("got %d bytes, a file that must go: %v, want %d, and %v", got, surplus != nil, tc.want, tc.spareMustGo || tc.largeMustGo)
			}
		})
	}
}
