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
			rules := NewRules(nil, Options{})
			var calls []*place
			for function := range strings.FieldsSeq(tc.calls) {
				calls = append(calls, rules.place(runtime.Frame{Function: function}))
			}
			var got []string
			for _, c := range sincePanic(calls) {
				got = append(got, c.call.Function)
			}
			if got := strings.Join(got, " "); got != tc.want {
				t.Errorf("%s\n got %s\nwant %s", tc.calls, got, tc.want)
			}
		})
	}
}
