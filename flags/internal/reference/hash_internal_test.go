package reference

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// hashVectors are to twelve digits.
var hashVectors = []struct {
	key, id, salt string
	want          float64
}{
	{"checkout-redesign", "user-1", "", 0.564036329111},
	{"checkout-redesign", "user-1", "variant", 0.366928825102},
	{"checkout-redesign", "user-2", "", 0.022483513557},
	{"checkout-redesign", "user-2", "variant", 0.628584750337},
	{"checkout-redesign", "user-42", "", 0.174794878411},
	{"checkout-redesign", "user-42", "variant", 0.539438651483},
	{"checkout-redesign", "alice@example.com", "", 0.354334647686},
	{"checkout-redesign", "alice@example.com", "variant", 0.769928077750},
	{"checkout-redesign", "0190f3c2-7d1e-7b52-9a11-3f1c5e7a9b00", "", 0.029212127460},
	{"checkout-redesign", "0190f3c2-7d1e-7b52-9a11-3f1c5e7a9b00", "variant", 0.497608041167},
	{"checkout-redesign", "42", "", 0.604238101104},
	{"checkout-redesign", "42", "variant", 0.833142681420},
	{"dark_mode", "user-1", "", 0.236535686424},
	{"dark_mode", "user-1", "variant", 0.479818530943},
	{"dark_mode", "user-2", "", 0.709674627909},
	{"dark_mode", "user-2", "variant", 0.799521543781},
	{"dark_mode", "user-42", "", 0.748265980962},
	{"dark_mode", "user-42", "variant", 0.334712002936},
	{"dark_mode", "alice@example.com", "", 0.424253091966},
	{"dark_mode", "alice@example.com", "variant", 0.397513851525},
	{"dark_mode", "0190f3c2-7d1e-7b52-9a11-3f1c5e7a9b00", "", 0.642983873573},
	{"dark_mode", "0190f3c2-7d1e-7b52-9a11-3f1c5e7a9b00", "variant", 0.442169833982},
	{"dark_mode", "42", "", 0.377911178968},
	{"dark_mode", "42", "variant", 0.896995696855},
	{"search.v2", "user-1", "", 0.216149669729},
	{"search.v2", "user-1", "variant", 0.063171075261},
	{"search.v2", "user-2", "", 0.819479220265},
	{"search.v2", "user-2", "variant", 0.108809693124},
	{"search.v2", "user-42", "", 0.774039224328},
	{"search.v2", "user-42", "variant", 0.133301340382},
	{"search.v2", "alice@example.com", "", 0.878762085502},
	{"search.v2", "alice@example.com", "variant", 0.028970245838},
	{"search.v2", "0190f3c2-7d1e-7b52-9a11-3f1c5e7a9b00", "", 0.847501712927},
	{"search.v2", "0190f3c2-7d1e-7b52-9a11-3f1c5e7a9b00", "variant", 0.329690004956},
	{"search.v2", "42", "", 0.996869604512},
	{"search.v2", "42", "variant", 0.758973537786},
	{"pricing-page", "user-1", "", 0.509871455673},
	{"pricing-page", "user-1", "variant", 0.204174628642},
	{"pricing-page", "user-2", "", 0.655651630575},
	{"pricing-page", "user-2", "variant", 0.694680750242},
	{"pricing-page", "user-42", "", 0.739682049167},
	{"pricing-page", "user-42", "variant", 0.043430001464},
	{"pricing-page", "alice@example.com", "", 0.278775007452},
	{"pricing-page", "alice@example.com", "variant", 0.084892648113},
	{"pricing-page", "0190f3c2-7d1e-7b52-9a11-3f1c5e7a9b00", "", 0.096346695011},
	{"pricing-page", "0190f3c2-7d1e-7b52-9a11-3f1c5e7a9b00", "variant", 0.525125207578},
	{"pricing-page", "42", "", 0.820431226587},
	{"pricing-page", "42", "variant", 0.779293256852},
	{"KeyCase", "user-1", "", 0.731387955302},
	{"beta", "acme", "", 0.684292944217},
	{"keycase", "user-1", "", 0.479616302508},
	{"beta", "7", "", 0.783128688124},
	{"checkout-redesign", "User-1", "", 0.423821074667},
	{"beta", "007", "", 0.430034052746},
	{"checkout-redesign", " user-1", "", 0.494345070717},
	{"beta", "7.0", "", 0.362005603750},
	{"checkout-redesign", "user-1 ", "", 0.473856542707},
	{"a.b", "c", "", 0.383578002635},
	{"beta", "ümlaut-ß", "", 0.874951036116},
	{"a", "b.c", "", 0.383578002635},
	{"beta", "用户-7", "", 0.111860376993},
	{"x", "yvariant", "", 0.052952770768},
	{"beta", "🙂", "", 0.800489301110},
	{"x", "y", "variant", 0.052952770768},
	{"flag-ключ", "user-1", "", 0.894427694003},
	{"beta", "dev-5f1", "", 0.233445211004},
	{"beta", strings.Repeat("a", 200), "", 0.503669783816},
	{"beta", "user-1", "", 0.397696721240},
	{"frac-rollout", "user-49127", "", 0.000493006834},
	{"frac-rollout", "user-177597", "", 0.001005521971},
	{"frac-rollout", "user-62481", "", 0.000998846470},
	{"frac-rollout", "user-180825", "", 0.001012861345},
	{"frac-rollout", "user-147271", "", 0.000999547621},
	{"frac-rollout", "user-54943", "", 0.001500969029}}

func TestHash(t *testing.T) {
	t.Parallel()
	for _, c := range hashVectors {
		if got := flagHash(c.key, c.id, c.salt); math.Abs(got-c.want) > 6e-13 {
			t.Errorf("flagHash(%q, %q, %q): got %.12f, want %.12f", c.key, c.id, c.salt, got, c.want)
		}
	}
	for id, want := range map[string]float64{
		"user-1": 0.178055992066, "user-2": 0.928387330790, "user-5": 0.656381392599, "user-42": 0.647866153041,
		"alice@example.com": 0.730251831969, "acme": 0.926970356285, "": 0.926882948392,
	} {
		if got := holdoutHash(id); math.Abs(got-want) > 6e-13 {
			t.Errorf("holdoutHash(%q): got %.12f, want %.12f", id, got, want)
		}
	}
}

func TestHashIsExactToTheLastBit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		id, salt string
		want     float64
	}{
		{"user-1", "", 0.5640363291109125}, {"user-1", "variant", 0.3669288251020996}, {"user-2", "", 0.022483513556730055},
		{"", "", 0},
	} {
		if got := flagHash("checkout-redesign", c.id, c.salt); got != c.want {
			t.Errorf("%q with salt %q: got %v, want %v", c.id, c.salt, got, c.want)
		}
	}
}

func TestIdentifiersAreHashedAsTheyAreTransmitted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ id, want string }{
		{strings.Repeat("a", 201), strings.Repeat("a", 200)},
		{strings.Repeat("ü", 200), strings.Repeat("ü", 200)},
		{strings.Repeat("ü", 201), strings.Repeat("ü", 200)},
		{"a\xffb", "a\uFFFDb"},
	} {
		if got := distinct(c.id); got != c.want {
			t.Errorf("distinct(%q): got %q, want %q", c.id, got, c.want)
		}
	}
	for _, c := range []struct {
		key  any
		want string
	}{{"acme", "acme"}, {7, "7"}, {uint8(7), "7"}, {7.0, "7"}, {7.5, "7.5"}, {true, ""}, {nil, ""}, {"", ""}, {math.NaN(), ""}} {
		if got, ok := groupKey(c.key); got != c.want || ok != (c.want != "") {
			t.Errorf("groupKey(%s): got %q, %t, want %q", fmt.Sprintf("%#v", c.key), got, ok, c.want)
		}
	}
}
