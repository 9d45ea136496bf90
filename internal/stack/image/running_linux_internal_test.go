//go:build linux

package image

import (
	"strings"
	"testing"
)

func TestMapped(t *testing.T) {
	t.Parallel()
	list := `00400000-004b7000 r--p 00000000 08:02 17    /opt/my app/shop (deleted)
004b7000-005b7000 r-xp 000b7000 08:02 17    /opt/my app/shop (deleted)
7f00-8000 r-xp 00000000 08:02 18 /lib/libc.so
9000-a000 rw-p 00000000 00:00 0
broken
x-y rw-p 00000000 08:02 19 /z
`
	const removed, loader = "/opt/my app/shop (deleted)", "/lib/ld.so"
	for name, tc := range map[string]struct {
		exe   string
		addr  uint64
		path  string
		start uint64
		found bool
	}{
		"the binary, which was removed":        {removed, 0x4c0000, "/opt/my app/shop", 0x400000, true},
		"the binary, which is still there":     {"/lib/libc.so", 0x7f10, "/lib/libc.so", 0x7f00, true},
		"a library that the binary loaded":     {removed, 0x7f10, "", 0, false},
		"a program that ld.so was told to run": {loader, 0x4c0000, "", 0, false},
		"memory of no file":                    {removed, 0x9001, "", 0, false},
		"no memory":                            {removed, 0x1, "", 0, false},
		"behind the file":                      {"/lib/libc.so", 0x8000, "", 0, false},
	} {
		path, start, found := mapped(strings.NewReader(list), tc.exe, tc.addr)
		if path != tc.path || start != tc.start || found != tc.found {
			t.Errorf("%s: got %q, %#x, %v, want %q, %#x, %v", name, path, start, found, tc.path, tc.start, tc.found)
		}
	}
}
