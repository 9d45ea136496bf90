package wire_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
)

func TestFloatsAreThoseOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	special := []float64{
		0, math.Copysign(0, -1), 0.1, -0.1, 12.5, 19.99, 0.0001, 0.00001, 1e-6, 9.9e-7, 1e-9, 1e-10, 1e20, 1e21, 1e22, 1e100,
		99999999999.9999, 100000000000, 1e11 + 0.5, 0.30000000000000004, 1.005, 4.35, math.MaxFloat64,
		math.SmallestNonzeroFloat64, math.MaxInt64, 1 << 53, 1<<53 + 2, math.Pi,
	}
	for range 1_000 {
		special = append(special, math.Float64frombits(rand.Uint64()), float64(rand.IntN(1e9))/100, -rand.Float64()*1e6, float64(rand.Int64N(1e16))/1e4)
	}
	for _, f := range special {
		want := "null"
		if !math.IsNaN(f) && !math.IsInf(f, 0) {
			want = standard(t, f)
		}
		if got, losses := encode(t, f); got != want || losses != nil {
			t.Fatalf("%b: got %s with losses %v, want %s", f, got, losses, want)
		}
		small := float32(f)
		if want = "null"; !math.IsNaN(float64(small)) && !math.IsInf(float64(small), 0) {
			want = standard(t, small)
		}
		if got, _ := encode(t, small); got != want {
			t.Fatalf("float32 %b: got %s, want %s", small, got, want)
		}
	}
}

func TestNumbersAreValidated(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0", "-0", "12", "-12.50", "1e5", "1E+5", "1.5e-05", "123456789012345678901234567890"} {
		if got, losses := encode(t, json.Number(text)); got != text || losses != nil {
			t.Errorf("json.Number(%q): got %q with losses %v, want it unchanged", text, got, losses)
		}
	}
	for _, text := range []string{"-", "01", "1.", ".5", "1e", "1e+", "+1", "0x1", "1 ", " 1", "NaN", "1,2", "1.5.2", `"1"`} {
		if got, losses := encode(t, json.Number(text)); got != "" || len(losses) != 1 {
			t.Errorf("json.Number(%q): got %q with losses %v, want it lost", text, got, losses)
		}
	}
	if got, _ := encode(t, json.Number("")); got != "0" {
		t.Errorf(`json.Number(""): got %q, want 0`, got)
	}
}
