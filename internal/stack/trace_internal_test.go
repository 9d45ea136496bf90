package stack

import (
	"runtime"
	"strings"
	"testing"
)

func TestTheFirstPanicCounts(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ calls, want string }{
		"one panic":                     {"deferred runtime.gopanic main.f main.main", "main.f main.main"},
		"a fault":                       {"deferred runtime.gopanic runtime.panicmem runtime.sigpanic main.f", "main.f"},
		"a panic that we passed on":     {library + ".recover runtime.gopanic " + library + ".(*C).pass runtime.gopanic main.f", "main.f"},
		"a panic that others passed on": {"deferred runtime.gopanic main.pass runtime.gopanic main.f", "main.pass runtime.gopanic main.f"},
		"a panic of our own":            {"deferred runtime.gopanic " + library + ".f main.main", library + ".f main.main"},
		"no panic":                      {"main.f main.main", "main.f main.main"},
		"nothing but a panic":           {"deferred runtime.gopanic runtime.sigpanic", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := left(sincePanic, tc.calls); got != tc.want {
				t.Errorf("%s\n got %s\nwant %s", tc.calls, got, tc.want)
			}
		})
	}
}

// Proves EXC-5, EXC-37.
func TestNeitherTheRuntimeNorTheLibraryFrameAStack(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ calls, want string }{
		"the main goroutine":       {"main.f main.main runtime.main runtime.goexit", "main.f main.main"},
		"another one":              {"main.f.func1 runtime.goexit", "main.f.func1"},
		"calls of the library":     {library + ".(*C).put " + library + "/contrib/gin.f main.main runtime.main runtime.goexit", "main.main"},
		"the library in between":   {"main.f " + library + ".(*C).Go.func1 runtime.goexit", "main.f " + library + ".(*C).Go.func1"},
		"an init function":         {"main.init.0 runtime.doInit1 runtime.doInit runtime.main runtime.goexit", "main.init.0 runtime.doInit1 runtime.doInit"},
		"nothing but the runtime":  {"runtime.goexit", "runtime.goexit"},
		"nothing but both of them": {library + ".f runtime.main runtime.goexit", library + ".f runtime.main runtime.goexit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := left(withoutLibrary, tc.calls); got != tc.want {
				t.Errorf("%s\n got %s\nwant %s", tc.calls, got, tc.want)
			}
		})
	}
}

// left returns what a rule leaves of calls.
func left(rule func([]*place) []*place, calls string) string {
	rules := NewRules(nil, Options{})
	var places []*place
	for function := range strings.FieldsSeq(calls) {
		places = append(places, rules.place(runtime.Frame{Function: function}))
	}
	var names []string
	for _, p := range rule(places) {
		names = append(names, p.call.Function)
	}
	return strings.Join(names, " ")
}
