package wire_test

import (
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/wire"
)

func TestVerbatim(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		value any
		want  string
	}{
		"an object":         {wire.Verbatim(`{"a": [1,"<"]}`), `{"a": [1,"<"]}`},
		"nil":               {wire.Verbatim(nil), `null`},
		"in a map":          {map[string]any{"a": wire.Verbatim(`[]`)}, `{"a":[]}`},
		"in a list":         {[]any{wire.Verbatim(`1`), wire.Verbatim(`"x"`)}, `[1,"x"]`},
		"in a list of them": {[]wire.Verbatim{wire.Verbatim(`1`), nil}, `[1,null]`},
		"behind a pointer":  {new(wire.Verbatim(`{}`)), `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var encoder wire.Encoder
			got := string(encoder.AppendProperty([]byte{'{'}, "p", tc.value))
			if want := `{"p":` + tc.want; got != want || len(encoder.Losses()) > 0 {
				t.Errorf("got %s and losses %v, want %s", got, encoder.Losses(), want)
			}
		})
	}
}

// It is not even looked at.
func TestVerbatimIsNotChecked(t *testing.T) {
	t.Parallel()
	var encoder wire.Encoder
	if got, want := string(encoder.AppendProperty([]byte{'{'}, "p", wire.Verbatim("\x00 }"))), "{\"p\":\x00 }"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestVerbatimThatExceedsTheLimitIsLost(t *testing.T) {
	t.Parallel()
	large := append(append([]byte{'"'}, text5...), '"')
	text, losses := encodeFull(t, wire.Verbatim(large))
	if want := `{"p":["",null]}`; text != want || len(losses) != 1 || losses[0].Reason != tooMuch {
		t.Errorf("got %s and losses %v, want %s and one that it is %s", text, losses, want, tooMuch)
	}
}

func TestVerbatimNoAlloc(t *testing.T) {
	requireNoAlloc(t, map[string]any{"$exception_list": wire.Verbatim(`[{"type":"x"}]`)})
}

func TestVerbatimIsCopied(t *testing.T) {
	t.Parallel()
	var encoder wire.Encoder
	value := wire.Verbatim(`[1]`)
	got := encoder.AppendProperty([]byte{'{'}, "p", value)
	before := slices.Clone(got)
	value[1] = '2'
	if !slices.Equal(got, before) {
		t.Errorf("got %s, which is still the value's, want %s", got, before)
	}
}
