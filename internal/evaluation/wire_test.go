package evaluation_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/evaluation"
	"github.com/hedgerow/posthog/internal/golden"
)

// What is stored outlives the process, and other processes read it: keys and entries stay what they are.
func TestWhatIsStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{}
		w := open(t, setup{definitions: definitions, Config: evaluation.Config{Fallback: store, Contexts: []string{"web", "docs"}}})
		w.server.answer(reply{body: full})
		r := &evaluation.Request{
			Subject: flags.Subject{
				DistinctID: "u-1", DeviceID: "d-1",
				PersonProperties: map[string]any{"seats": 4.5, "roles": []string{"a", "b"}, "nested": map[string]any{"b": 1, "a": nil}},
				Groups:           []flags.Group{{Type: "team", Key: 7}, {Type: "company", Key: "acme", Properties: map[string]any{"seats": 4}}},
			},
			Groups: map[string]any{"company": "acme", "team": 7}, DisableGeoIP: true,
		}
		for _, key := range []string{"split", "off", "plan"} {
			if _, err := w.One(t.Context(), key, r); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.All(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		var text strings.Builder
		for _, key := range slices.Sorted(maps.Keys(store.entries)) {
			fmt.Fprintf(&text, "%s %s\n", key, store.entries[key])
		}
		golden.Compare(t, "testdata/entries.txt", []byte(strings.ReplaceAll(text.String(), fmt.Sprint(time.Now().UnixMilli()), "1767225600000")))
	})
}
