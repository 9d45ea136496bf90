package posthogtest

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

func TestKeepBoundsWhatIsKnownOfFlags(t *testing.T) {
	t.Parallel()
	const keep = 3
	s, err := Start(Config{Keep: keep})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if err := s.LoadFlags([]byte(`{"flags":[{"key":"f","active":true,"ensure_experience_continuity":true,"filters":{"groups":[{}]}}]}`)); err != nil {
		t.Fatal(err)
	}
	for i := range 10 * keep {
		body := `{"token":"phc_test","distinct_id":"u` + strconv.Itoa(i) + `"}`
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/flags?v=2", strings.NewReader(body)))
		if w.Code != http.StatusOK {
			t.Fatalf("got %d %s, want 200", w.Code, w.Body)
		}
		if asks, firsts := len(s.record.asks[forValues]), len(s.record.firsts); asks >= 2*keep || firsts > 2*keep {
			t.Fatalf("after %d questions: got %d requests and %d first ids, want fewer than %d", i+1, asks, firsts, 2*keep)
		}
	}
}
