package bucket_test

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/flags/internal/bucket"
)

// near is the precision of the vectors that are written with 12 digits.
const near = 5.1e-13

// rollout is a vector: where an identifier is in a flag's rollout, and which of the percentages include it.
type rollout struct {
	name, key, id, salt string
	want                float64
	included            string // Y or n for each percentage
}

var usualPercentages = []float64{10, 25, 50, 75, 90}

const visitor = "0190f3c2-7d1e-7b52-9a11-3f1c5e7a9b00"

var rollouts = []rollout{
	{"H01", "checkout-redesign", "user-1", "", 0.564036329111, "nnnYY"},
	{"H02", "checkout-redesign", "user-2", "", 0.022483513557, "YYYYY"},
	{"H03", "checkout-redesign", "user-42", "", 0.174794878411, "nYYYY"},
	{"H04", "checkout-redesign", "alice@example.com", "", 0.354334647686, "nnYYY"},
	{"H05", "checkout-redesign", visitor, "", 0.029212127460, "YYYYY"},
	{"H06", "checkout-redesign", "42", "", 0.604238101104, "nnnYY"},
	{"H07", "dark_mode", "user-1", "", 0.236535686424, "nYYYY"},
	{"H08", "dark_mode", "user-2", "", 0.709674627909, "nnnYY"},
	{"H09", "dark_mode", "user-42", "", 0.748265980962, "nnnYY"},
	{"H10", "dark_mode", "alice@example.com", "", 0.424253091966, "nnYYY"},
	{"H11", "dark_mode", visitor, "", 0.642983873573, "nnnYY"},
	{"H12", "dark_mode", "42", "", 0.377911178968, "nnYYY"},
	{"H13", "search.v2", "user-1", "", 0.216149669729, "nYYYY"},
	{"H14", "search.v2", "user-2", "", 0.819479220265, "nnnnY"},
	{"H15", "search.v2", "user-42", "", 0.774039224328, "nnnnY"},
	{"H16", "search.v2", "alice@example.com", "", 0.878762085502, "nnnnY"},
	{"H17", "search.v2", visitor, "", 0.847501712927, "nnnnY"},
	{"H18", "search.v2", "42", "", 0.996869604512, "nnnnn"},
	{"H19", "pricing-page", "user-1", "", 0.509871455673, "nnnYY"},
	{"H20", "pricing-page", "user-2", "", 0.655651630575, "nnnYY"},
	{"H21", "pricing-page", "user-42", "", 0.739682049167, "nnnYY"},
	{"H22", "pricing-page", "alice@example.com", "", 0.278775007452, "nnYYY"},
	{"H23", "pricing-page", visitor, "", 0.096346695011, "YYYYY"},
	{"H24", "pricing-page", "42", "", 0.820431226587, "nnnnY"},
	{"H25, keys have a case", "KeyCase", "user-1", "", 0.731387955302, "nnnYY"},
	{"H26", "keycase", "user-1", "", 0.479616302508, "nnYYY"},
	{"H27, identifiers have a case", "checkout-redesign", "User-1", "", 0.423821074667, "nnYYY"},
	{"H28, a space counts", "checkout-redesign", " user-1", "", 0.494345070717, "nnYYY"},
	{"H29", "checkout-redesign", "user-1 ", "", 0.473856542707, "nnYYY"},
	{"H30, UTF-8", "beta", "ümlaut-ß", "", 0.874951036116, "nnnnY"},
	{"H31", "beta", "用户-7", "", 0.111860376993, "nYYYY"},
	{"H32", "beta", "🙂", "", 0.800489301110, "nnnnY"},
	{"H33", "flag-ключ", "user-1", "", 0.894427694003, "nnnnY"},
	{"H34, a long identifier", "beta", strings.Repeat("a", 200), "", 0.503669783816, "nnnYY"},
	{"H35, a group's key", "beta", "acme", "", 0.684292944217, "nnnYY"},
	{"H36", "beta", "7", "", 0.783128688124, "nnnnY"},
	{"H37", "beta", "007", "", 0.430034052746, "nnYYY"},
	{"H38", "beta", "7.0", "", 0.362005603750, "nnYYY"},
	{"H39, the dot is ambiguous", "a.b", "c", "", 0.383578002635, "nnYYY"},
	{"H40", "a", "b.c", "", 0.383578002635, "nnYYY"},
	{"H41, so is the salt", "x", "yvariant", "", 0.052952770768, "YYYYY"},
	{"H42", "x", "y", bucket.VariantSalt, 0.052952770768, "YYYYY"},
	{"H43, a device", "beta", "dev-5f1", "", 0.233445211004, "nYYYY"},
	{"H44", "beta", "user-1", "", 0.397696721240, "nnYYY"},
}

// Proves FL-01.
func TestARolloutIncludesWhomTheServerIncludes(t *testing.T) {
	t.Parallel()
	checkRollouts(t, rollouts, usualPercentages)
	checkRollouts(t, []rollout{
		{"H45", "frac-rollout", "user-49127", "", 0.000493006834, "nYYYY"},
		{"H46", "frac-rollout", "user-62481", "", 0.000998846470, "nnYYY"},
		{"H47", "frac-rollout", "user-147271", "", 0.000999547621, "nnYYY"},
		{"H48", "frac-rollout", "user-177597", "", 0.001005521971, "nnnYY"},
		{"H49", "frac-rollout", "user-180825", "", 0.001012861345, "nnnYY"},
		{"H50", "frac-rollout", "user-54943", "", 0.001500969029, "nnnnY"},
	}, []float64{0, 0.05, 0.1, 0.15, 1})
	checkRollouts(t, []rollout{
		{"simple-flag of user-1", "simple-flag", "user-1", "", 0.737132253609, ""},
		{"simple-flag of user-2", "simple-flag", "user-2", "", 0.196278906773, ""},
		{"beta-feature of user-1", "beta-feature", "user-1", "", 0.726491254926, ""},
		{"simple-flag's variant of user-1", "simple-flag", "user-1", bucket.VariantSalt, 0.421187537059, ""},
		{"simple-flag's variant of user-2", "simple-flag", "user-2", bucket.VariantSalt, 0.056799881219, ""},
		{"beta-feature's variant of user-1", "beta-feature", "user-1", bucket.VariantSalt, 0.145782183343, ""},
	}, nil)
}

func checkRollouts(t *testing.T, vectors []rollout, percentages []float64) {
	t.Helper()
	for _, v := range vectors {
		checkPlace(t, v.name, bucket.Hash(bucket.Prefix(v.key), v.id, v.salt), v.want)
		checkShares(t, v.name, bucket.Hash(bucket.Prefix(v.key), v.id, v.salt), v.included, percentages, bucket.ShareOf)
	}
}

func checkPlace(t *testing.T, name string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > near {
		t.Errorf("%s: Hash is %.12f, want %.12f", name, got, want)
	}
}

// checkShares compares the percentages that include a place with one letter for each.
func checkShares(t *testing.T, name string, place float64, want string, of []float64, share func(float64) bucket.Share) {
	t.Helper()
	for i, letter := range want {
		if got := share(of[i]).Includes(place); got != (letter == 'Y') {
			t.Errorf("%s: %v %% includes %v is %t, want %c", name, of[i], place, got, letter)
		}
	}
}

// Proves FL-01.
func TestAHoldoutHoldsOutWhomTheServerHoldsOut(t *testing.T) {
	t.Parallel()
	percentages := []float64{5, 10, 20, 50, 70}
	for _, v := range []struct {
		name, id string
		want     float64
		held     string
	}{
		{"H51", "user-1", 0.178055992066, "nnYYY"},
		{"H52", "user-2", 0.928387330790, "nnnnn"},
		{"H53", "user-5", 0.656381392599, "nnnnY"},
		{"H54", "user-42", 0.647866153041, "nnnnY"},
		{"H55", "alice@example.com", 0.730251831969, "nnnnn"},
		{"H56", "acme", 0.926970356285, "nnnnn"},
		{"H57, nobody is hashed too", "", 0.926882948392, "nnnnn"},
		{"distinct_id_0", "distinct_id_0", 0.656096930272, ""},
	} {
		place := bucket.Hash(bucket.HoldoutPrefix, v.id, bucket.RolloutSalt)
		checkPlace(t, v.name, place, v.want)
		checkShares(t, v.name, place, v.held, percentages, bucket.HoldoutShareOf)
	}
}

// Proves FL-01.
func TestAHashIsExactToTheLastBit(t *testing.T) {
	t.Parallel()
	for _, v := range []struct {
		name, prefix, id, salt string
		want                   float64
	}{
		{"H01", "checkout-redesign.", "user-1", "", 0.5640363291109125},
		{"H01's variant", "checkout-redesign.", "user-1", "variant", 0.3669288251020996},
		{"H02, whose first digit is 0", "checkout-redesign.", "user-2", "", 0.022483513556730055},
		{"H31", "beta.", "用户-7", "", 0.11186037699328769},
		{"H57", "holdout-", "", "", 0.9268829483920294},
		{"the 15 digits of H01", "checkout-redesign.", "user-1", "", float64(650289613211476006) / float64(0xFFFFFFFFFFFFFFF)},
		{"the 15 digits of H31", "beta.", "用户-7", "", float64(0x1ca2e1b4e786d9d) / float64(0xFFFFFFFFFFFFFFF)},
	} {
		if got := bucket.Hash(v.prefix, v.id, v.salt); got != v.want {
			t.Errorf("%s: Hash(%q, %q, %q) = %v, want %v", v.name, v.prefix, v.id, v.salt, got, v.want)
		}
	}
}

// Nothing depends on whether the message fits into the buffer: where it is split into its parts does not matter.
func TestAHashHasNoSeams(t *testing.T) {
	t.Parallel()
	message := strings.Repeat("hedgerow", 100)
	for _, length := range []int{0, 1, 2, 55, 56, 64, 255, 256, 257, 511, 800} {
		text := message[:length]
		want := bucket.Hash(text, "", "")
		for _, cut := range []int{0, length / 3, length / 2, length} {
			for _, again := range []int{cut, (cut + length) / 2, length} {
				if got := bucket.Hash(text[:cut], text[cut:again], text[again:]); got != want {
					t.Errorf("%d bytes cut at %d and %d have %v, want %v", length, cut, again, got, want)
				}
			}
		}
	}
}

// Where only algorithms of FIPS 140 are allowed, crypto/sha1 panics. Flags are evaluated there all the same.
func TestHashesAreTheSameUnderFIPS140(t *testing.T) {
	t.Parallel()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^(TestAHash|TestAHoldout|TestARollout)")
	command.Env = append(command.Environ(), "GODEBUG=fips140=only")
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("with GODEBUG=fips140=only: %v\n%s", err, out)
	}
}

func TestHashNoAlloc(t *testing.T) {
	prefix, long := bucket.Prefix("checkout-redesign"), strings.Repeat("i", 200)
	for _, id := range []string{"user-1", visitor, long} {
		if got := testing.AllocsPerRun(200, func() { bucket.Hash(prefix, id, bucket.VariantSalt) }); got != 0 {
			t.Errorf("Hash of an identifier of %d bytes allocates %v times, want 0", len(id), got)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	prefix := bucket.Prefix("checkout-redesign")
	for _, id := range []string{"user-1", visitor, strings.Repeat("i", 200), strings.Repeat("i", 1000)} {
		b.Run(fmt.Sprintf("%d bytes", len(id)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bucket.Hash(prefix, id, bucket.RolloutSalt)
			}
		})
	}
}
