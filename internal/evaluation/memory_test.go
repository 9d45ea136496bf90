package evaluation_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/evaluation"
)

// put and has use a MemoryFallback, which never fails.
func put(t *testing.T, m *evaluation.MemoryFallback, key string, size int, ttl time.Duration) {
	t.Helper()
	if err := m.Set(context.Background(), key, make([]byte, size), ttl); err != nil {
		t.Errorf("Set(%q): %v", key, err)
	}
}

func has(t *testing.T, m *evaluation.MemoryFallback, key string, want int) {
	t.Helper()
	entry, ok, err := m.Get(context.Background(), key)
	if err != nil || ok != (want >= 0) || ok && len(entry) != want {
		t.Errorf("Get(%q) is %d bytes, %v, %v; want %d", key, len(entry), ok, err, want)
	}
}

const gone = -1

func TestMemoryForgetsWhatWasUsedLongestAgo(t *testing.T) {
	t.Parallel()
	m := evaluation.NewMemoryFallback(2)
	put(t, m, "a", 1, time.Hour)
	put(t, m, "b", 2, time.Hour)
	has(t, m, "a", 1)
	put(t, m, "c", 3, time.Hour)
	has(t, m, "b", gone)
	has(t, m, "a", 1)
	has(t, m, "c", 3)
	put(t, m, "c", 4, time.Hour)
	has(t, m, "c", 4)
	has(t, m, "a", 1)
}

func TestMemoryForgetsWhatIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := evaluation.NewMemoryFallback(0)
		put(t, m, "a", 1, time.Minute)
		put(t, m, "never", 1, 0)
		has(t, m, "never", gone)
		wait(time.Minute - 1)
		has(t, m, "a", 1)
		wait(1)
		has(t, m, "a", gone)
		has(t, m, "a", gone)
	})
}

func TestMemoryIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	m := evaluation.NewMemoryFallback(0)
	const part = evaluation.MaxMemoryBytes / 4
	for i := range 5 {
		put(t, m, fmt.Sprint(i), part, time.Hour)
	}
	has(t, m, "0", gone)
	has(t, m, "1", part)
	put(t, m, "1", 10, time.Hour) // makes room
	put(t, m, "5", part-10, time.Hour)
	has(t, m, "2", part)
	put(t, m, "large", evaluation.MaxMemoryBytes+1, time.Hour)
	has(t, m, "large", gone)
	has(t, m, "2", part)
	put(t, m, "2", evaluation.MaxMemoryBytes+1, time.Hour) // the old one is wrong now
	has(t, m, "2", gone)
}
