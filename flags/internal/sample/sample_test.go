package sample_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/hedgerow/posthog/flags/internal/sample"
)

func TestDocument(t *testing.T) {
	t.Parallel()
	for _, kind := range sample.Kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			document := sample.Document(25, kind)
			var got struct {
				Flags   []struct{ Key string }
				Cohorts map[string]any
			}
			if err := json.Unmarshal(document, &got); err != nil {
				t.Fatalf("the document does not parse: %v\n%s", err, document)
			}
			if len(got.Flags) != 25 {
				t.Fatalf("got %d flags, want 25", len(got.Flags))
			}
			for i, flag := range got.Flags {
				if flag.Key != sample.Key(i) {
					t.Errorf("flag %d: got key %q, want %q", i, flag.Key, sample.Key(i))
				}
			}
			if _, ok := got.Cohorts[sample.Cohort(2)]; ok != (kind == sample.CohortMember || kind == sample.Mixed) {
				t.Errorf("got cohorts %v for kind %q", got.Cohorts, kind)
			}
			if again := sample.Document(25, kind); !bytes.Equal(again, document) {
				t.Error("a second document of the same kind differs from the first")
			}
		})
	}
}
