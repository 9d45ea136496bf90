package exposure_test

import (
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/exposure"
)

type (
	groups = map[string]any
	name   string
	uuid   [2]byte
)

func (u uuid) MarshalText() ([]byte, error) { return []byte("id-" + string(u[:])), nil }

// Proves FT-02 and FT-03: what makes an exposure a new one, and what does not.
func TestWhichExposuresAreTheSame(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 30)
	base := exposure.Exposure{DistinctID: "u-1", Flag: "new-nav", Value: exposure.Enabled(true)}
	with := func(change func(e *exposure.Exposure)) exposure.Exposure {
		e := base
		change(&e)
		return e
	}
	in := func(g groups) exposure.Exposure { return with(func(e *exposure.Exposure) { e.Groups = g }) }
	seeing := func(v exposure.Value) exposure.Exposure { return with(func(e *exposure.Exposure) { e.Value = v }) }
	cyclic := groups{}
	cyclic["self"] = cyclic
	for name, tc := range map[string]struct {
		a, b exposure.Exposure
		same bool
	}{
		"the same twice":                      {base, base, true},
		"another person":                      {base, with(func(e *exposure.Exposure) { e.DistinctID = "u-2" }), false},
		"another flag":                        {base, with(func(e *exposure.Exposure) { e.Flag = "old-nav" }), false},
		"another device":                      {base, with(func(e *exposure.Exposure) { e.DeviceID = "d-1" }), false},
		"on and off":                          {base, seeing(exposure.Enabled(false)), false},
		"on and missing":                      {base, seeing(exposure.Value{}), false},
		"off and missing":                     {seeing(exposure.Enabled(false)), seeing(exposure.Value{}), false},
		"true and a variant named true":       {base, seeing(exposure.Variant("true")), false},
		"missing and a variant without name":  {seeing(exposure.Value{}), seeing(exposure.Variant("")), false},
		"two variants":                        {seeing(exposure.Variant("a")), seeing(exposure.Variant("b")), false},
		"one variant":                         {seeing(exposure.Variant("a")), seeing(exposure.Variant("a")), true},
		"text that moves between the fields":  {exposure.Exposure{DistinctID: "ab", Flag: "c"}, exposure.Exposure{DistinctID: "a", Flag: "bc"}, false},
		"long ids":                            {with(func(e *exposure.Exposure) { e.DistinctID = long }), with(func(e *exposure.Exposure) { e.DistinctID = long }), true},
		"long ids that differ at the end":     {with(func(e *exposure.Exposure) { e.DistinctID = long + "a" }), with(func(e *exposure.Exposure) { e.DistinctID = long + "b" }), false},
		"long text that moves":                {with(func(e *exposure.Exposure) { e.DistinctID, e.Flag = long, "" }), with(func(e *exposure.Exposure) { e.DistinctID, e.Flag = "", long }), false},
		"all long":                            {exposure.Exposure{DistinctID: long, DeviceID: long, Flag: long, Value: exposure.Variant(long), Groups: groups{long: long}}, exposure.Exposure{DistinctID: long, DeviceID: long, Flag: long, Value: exposure.Variant(long), Groups: groups{long: long}}, true},
		"no groups and empty groups":          {base, in(groups{}), true},
		"no groups and a group without text":  {base, in(groups{"": ""}), false},
		"a group":                             {base, in(groups{"company": "a"}), false},
		"another group":                       {in(groups{"company": "a"}), in(groups{"company": "b"}), false},
		"another type of group":               {in(groups{"company": "a"}), in(groups{"team": "a"}), false},
		"type and key change places":          {in(groups{"a": "b"}), in(groups{"b": "a"}), false},
		"keys change places":                  {in(groups{"a": "x", "b": "y"}), in(groups{"a": "y", "b": "x"}), false},
		"groups in another order":             {in(groups{"a": "1", "b": "2", "c": "3"}), in(groups{"c": "3", "b": "2", "a": "1"}), true},
		"a number and its text":               {in(groups{"company": 7}), in(groups{"company": "7"}), true},
		"numbers of several types":            {in(groups{"a": 7, "b": int64(7), "c": 7.0}), in(groups{"a": int32(7), "b": uint64(7), "c": uint8(7)}), true},
		"a number with a fraction":            {in(groups{"company": 7.5}), in(groups{"company": "7.5"}), true},
		"numbers with different fractions":    {in(groups{"company": 7.5}), in(groups{"company": 7.25}), false},
		"a large number":                      {in(groups{"company": 1e300}), in(groups{"company": 2e300}), false},
		"text of another type":                {in(groups{"company": name("a")}), in(groups{"company": "a"}), true},
		"a type that writes itself":           {in(groups{"company": uuid{'a', 'b'}}), in(groups{"company": "id-ab"}), true},
		"two of a type that writes itself":    {in(groups{"company": uuid{'a', 'b'}}), in(groups{"company": uuid{'a', 'c'}}), false},
		"keys that hold themselves":           {in(groups{"company": cyclic}), in(groups{"company": cyclic}), true},
		"keys that cannot be written as JSON": {in(groups{"company": func() {}}), in(groups{"company": func() {}}), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tracker := exposure.New(0)
			for range 5 { // Go's maps have another order each time
				if got := tracker.Key(tc.a) == tracker.Key(tc.b); got != tc.same {
					t.Fatalf("%+v and\n%+v have one key: %v, want %v", tc.a, tc.b, got, tc.same)
				}
			}
		})
	}
}

// Nobody can prepare exposures that hide each other, because no two processes hash alike.
func TestKeysDifferBetweenTrackers(t *testing.T) {
	t.Parallel()
	a, b := exposure.New(0), exposure.New(0)
	if numbered(a, 1) == numbered(b, 1) {
		t.Errorf("two trackers have one key for an exposure: %+v", numbered(a, 1))
	}
}

// Text of any length keeps apart from any other.
func FuzzKey(f *testing.F) {
	f.Add("u-1", "new-nav", "a", "d", "u-1", "new-nav", "a", "d")
	f.Add("", "", "", "", strings.Repeat("x", 55), strings.Repeat("x", 56), strings.Repeat("x", 300), "\xff")
	tracker := exposure.New(0)
	f.Fuzz(func(t *testing.T, id1, flag1, variant1, device1, id2, flag2, variant2, device2 string) {
		a := exposure.Exposure{DistinctID: id1, Flag: flag1, Value: exposure.Variant(variant1), DeviceID: device1, Groups: groups{id1: flag1}}
		b := exposure.Exposure{DistinctID: id2, Flag: flag2, Value: exposure.Variant(variant2), DeviceID: device2, Groups: groups{id2: flag2}}
		same := id1 == id2 && flag1 == flag2 && variant1 == variant2 && device1 == device2
		if got := tracker.Key(a) == tracker.Key(b); got != same {
			t.Errorf("%+v and %+v have one key: %v, want %v", a, b, got, same)
		}
	})
}
