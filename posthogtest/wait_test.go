package posthogtest_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestWaitReturnsAtTheArrivalThatMatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := posthogtest.NewServer(t, nil)
		var group sync.WaitGroup
		group.Go(func() {
			client := &http.Client{Transport: s.Transport()}
			for range 5 {
				<-time.After(time.Second)
				if _, _, err := deliver(client, s.URL()); err != nil {
					t.Error(err)
				}
			}
		})
		start := time.Now()
		for _, c := range []struct {
			name string
			wait func() error
			at   time.Duration
		}{
			{"an event", func() error { return s.WaitEvents(t.Context(), 1) }, time.Second},
			{"an event that came already", func() error { return s.WaitEvents(t.Context(), 1) }, time.Second},
			{"requests", func() error { return s.WaitRequests(t.Context(), 3) }, 3 * time.Second},
			{"a condition", func() error {
				return s.Wait(t.Context(), func(s *posthogtest.Server) bool { return len(s.Events()) == 5 })
			}, 5 * time.Second},
		} {
			if err := c.wait(); err != nil || time.Since(start) != c.at {
				t.Errorf("%s: got %v after %s, want it after %s", c.name, err, time.Since(start), c.at)
			}
		}
		group.Wait()
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := posthogtest.NewServer(t, nil)
		post(t, s, batch(event("a", "u", 1)), 200)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := s.WaitEvents(ctx, 2)
		want := "posthogtest: waiting for 2 events: 1 event in 1 request so far: context deadline exceeded"
		if !errors.Is(err, context.DeadlineExceeded) || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	})
}

func TestWaitSeesAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := posthogtest.NewServer(t, nil)
		s.Inject(posthogtest.Fault{Status: 503, Delay: time.Minute})
		client := &http.Client{Transport: s.Transport()}
		var group sync.WaitGroup
		group.Go(func() {
			if status, _, err := deliver(client, s.URL()); err != nil || status != 503 {
				t.Errorf("got %d and %v, want 503", status, err)
			}
		})
		err := s.Wait(t.Context(), func(s *posthogtest.Server) bool {
			r := s.Requests()
			return len(r) == 1 && r[0].Status == 503
		})
		if err != nil {
			t.Error(err)
		}
		group.Wait()
	})
}

func TestWaitSaysWhenTheServerIsClosed(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	s.Close()
	if err := s.WaitRequests(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "waiting for 1 request: 0 events in 0 requests so far: the server is closed") {
		t.Errorf("got error %v, want the closed server", err)
	}
	if err := s.WaitRequests(t.Context(), 0); err != nil {
		t.Errorf("got %v for what is already true, want nil", err)
	}
}
