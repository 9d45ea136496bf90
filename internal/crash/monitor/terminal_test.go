package monitor_test

import (
	"testing"
	"testing/fstest"

	"github.com/hedgerow/posthog/internal/crash/monitor"
)

func TestForeground(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stat string
		want bool
	}{
		"a shell's job in the foreground": {"4711 (shop) S 1 4711 4000 34816 4711 4194304 0", true},
		"one in the background":           {"4711 (shop) S 1 4711 4000 34816 4000 4194304 0", false},
		"a service":                       {"4711 (shop) S 1 4711 4711 0 -1 4194304 0", false},
		"a name that looks like more":     {"4711 (a) S 1 2 3 4 5) S 1 4711 4000 34816 4711 4194304 0", true},
		"a line that is cut off":          {"4711 (shop) S 1 4711", false},
		"a line without a name":           {"4711", false},
		"nothing":                         {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			system := fstest.MapFS{}
			if c.stat != "" {
				system["proc/self/stat"] = &fstest.MapFile{Data: []byte(c.stat)}
			}
			if got := monitor.Foreground(system); got != c.want {
				t.Errorf("got %t for %q, want %t", got, c.stat, c.want)
			}
		})
	}
}
