package bucket_test

import (
	"testing"

	"github.com/hedgerow/posthog/flags/internal/bucket"
)

// Proves FL-01.
func TestATablePicksTheServersVariant(t *testing.T) {
	t.Parallel()
	a := []string{"control", "blue", "green"}
	b := []string{"a", "b"}
	splitA, splitB := bucket.NewTable([]float64{33, 33, 34}), bucket.NewTable([]float64{10, 20})
	picked := func(names []string, table bucket.Table, place float64) string {
		if i := table.Pick(place); i >= 0 {
			return names[i]
		}
		return "(none)"
	}
	for _, v := range []struct {
		name, key, id string
		place         float64
		inA, inB      string
	}{
		{"H01", "checkout-redesign", "user-1", 0.366928825102, "blue", "(none)"},
		{"H02", "checkout-redesign", "user-2", 0.628584750337, "blue", "(none)"},
		{"H03", "checkout-redesign", "user-42", 0.539438651483, "blue", "(none)"},
		{"H04", "checkout-redesign", "alice@example.com", 0.769928077750, "green", "(none)"},
		{"H05", "checkout-redesign", visitor, 0.497608041167, "blue", "(none)"},
		{"H06", "checkout-redesign", "42", 0.833142681420, "green", "(none)"},
		{"H07", "dark_mode", "user-1", 0.479818530943, "blue", "(none)"},
		{"H08", "dark_mode", "user-2", 0.799521543781, "green", "(none)"},
		{"H09", "dark_mode", "user-42", 0.334712002936, "blue", "(none)"},
		{"H10", "dark_mode", "alice@example.com", 0.397513851525, "blue", "(none)"},
		{"H11", "dark_mode", visitor, 0.442169833982, "blue", "(none)"},
		{"H12", "dark_mode", "42", 0.896995696855, "green", "(none)"},
		{"H13", "search.v2", "user-1", 0.063171075261, "control", "a"},
		{"H14", "search.v2", "user-2", 0.108809693124, "control", "b"},
		{"H15", "search.v2", "user-42", 0.133301340382, "control", "b"},
		{"H16", "search.v2", "alice@example.com", 0.028970245838, "control", "a"},
		{"H17", "search.v2", visitor, 0.329690004956, "control", "(none)"},
		{"H18", "search.v2", "42", 0.758973537786, "green", "(none)"},
		{"H19", "pricing-page", "user-1", 0.204174628642, "control", "b"},
		{"H20", "pricing-page", "user-2", 0.694680750242, "green", "(none)"},
		{"H21", "pricing-page", "user-42", 0.043430001464, "control", "a"},
		{"H22", "pricing-page", "alice@example.com", 0.084892648113, "control", "a"},
		{"H23", "pricing-page", visitor, 0.525125207578, "blue", "(none)"},
		{"H24", "pricing-page", "42", 0.779293256852, "green", "(none)"},
	} {
		place := bucket.Hash(bucket.Prefix(v.key), v.id, bucket.VariantSalt)
		checkPlace(t, v.name, place, v.place)
		if got := picked(a, splitA, place); got != v.inA {
			t.Errorf("%s: split A picks %s, want %s", v.name, got, v.inA)
		}
		if got := picked(b, splitB, place); got != v.inB {
			t.Errorf("%s: split B picks %s, want %s", v.name, got, v.inB)
		}
	}
}

func TestTheBoundsOfATable(t *testing.T) {
	t.Parallel()
	// In binary64, three tenths added up from left to right are more than 0.3.
	tenths := []float64{0.1, 0.1, 0.1}
	sum := tenths[0] + tenths[1] + tenths[2]
	for name, c := range map[string]struct {
		percentages []float64
		place       float64
		want        int
	}{
		"no variants have nobody":                 {nil, 0, -1},
		"a variant starts at 0":                   {[]float64{50, 50}, 0, 0},
		"a variant ends before its bound":         {[]float64{50, 50}, 0.5, 1},
		"a variant of 0 % is nobody's":            {[]float64{0, 100}, 0, 1},
		"the last variant ends before 1":          {[]float64{50, 50}, 1, -1},
		"there may be nobody's places at the end": {[]float64{10, 20}, 0.31, -1},
		"there may be more than 100 %":            {[]float64{90, 90}, 1, 1},
		"sums are of binary64, left to right":     {[]float64{10, 10, 10}, 0.3, 2},
		"and end where they end":                  {[]float64{10, 10, 10}, sum, -1},
		"a negative share takes back":             {[]float64{10, -5, 20}, 0.2, 2},
	} {
		if got := bucket.NewTable(c.percentages).Pick(c.place); got != c.want {
			t.Errorf("%s: NewTable(%v).Pick(%v) = %d, want %d", name, c.percentages, c.place, got, c.want)
		}
	}
	table := bucket.NewTable([]float64{25, 50})
	if table.Len() != 2 || table.Bound(0) != 0.25 || table.Bound(1) != 0.75 {
		t.Errorf("25 %% and 50 %% have %d bounds, %v and %v, want 2, 0.25 and 0.75", table.Len(), table.Bound(0), table.Bound(1))
	}
}

func TestTheLimitsOfAShare(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		share         bucket.Share
		place         float64
		included, all bool
	}{
		"100 % is everybody":                    {bucket.ShareOf(100), 1, true, true},
		"more than 100 % is everybody":          {bucket.ShareOf(250), 1, true, true},
		"99.99 % is not":                        {bucket.ShareOf(99.99), 1, false, false},
		"the limit is included":                 {bucket.ShareOf(25), 0.25, true, false},
		"0 % includes place 0":                  {bucket.ShareOf(0), 0, true, false},
		"0 % includes nothing else":             {bucket.ShareOf(0), 1e-18, false, false},
		"a negative percentage includes nobody": {bucket.ShareOf(-5), 0, false, false},
		"a negative holdout is one of 0 %":      {bucket.HoldoutShareOf(-5), 0, true, false},
		"a holdout of 200 % is everybody":       {bucket.HoldoutShareOf(200), 1, true, true},
	} {
		if got := c.share.Includes(c.place); got != c.included {
			t.Errorf("%s: %v includes %v is %t, want %t", name, c.share, c.place, got, c.included)
		}
		if got := c.share.All(); got != c.all {
			t.Errorf("%s: %v is all is %t, want %t", name, c.share, got, c.all)
		}
	}
}

func BenchmarkPick(b *testing.B) {
	table := bucket.NewTable([]float64{33, 33, 34})
	for b.Loop() {
		table.Pick(0.9)
	}
}
