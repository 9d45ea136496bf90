package wire_test

import (
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/wire"
)

// A caller that writes an object itself reports losses as if the Encoder had written it.
func TestLossesOfTheCallersAreNamedLikeAnyOther(t *testing.T) {
	t.Parallel()
	var encoder wire.Encoder
	out := encoder.AppendProperty([]byte("{"), "first", func() {})
	encoder.Lose("second", "replaced")
	known := len(encoder.Losses())
	out = append(out, `"third":{`...)
	out = encoder.AppendProperty(out, "inner", func() {})
	encoder.Lose("", "none of its own")
	encoder.Within("third", known)
	want := []wire.Loss{
		{Key: "first", Reason: "func has no JSON form"}, {Key: "second", Reason: "replaced"},
		{Key: "third.inner", Reason: "func has no JSON form"}, {Key: "third", Reason: "none of its own"},
	}
	if got := encoder.Losses(); !slices.Equal(got, want) || string(out) != `{"third":{` {
		t.Errorf("got losses %v and %s, want %v", got, out, want)
	}
}
