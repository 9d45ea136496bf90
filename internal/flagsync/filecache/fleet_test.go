package filecache_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/flagsync"
	"github.com/hedgerow/posthog/internal/flagsync/filecache"
)

const document = `{"flags":[{"key":"a","active":true,"filters":{"groups":[{}]}}]}`

// service is PostHog for a fleet of processes, without a network between them.
type service struct {
	mu       sync.Mutex
	requests map[string]int // by Authorization
}

func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := r.Header.Get("Authorization")
	if s.requests == nil {
		s.requests = make(map[string]int)
	}
	s.requests[key]++
	answer := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Etag": {"x"}}, Body: io.NopCloser(strings.NewReader(document)), ContentLength: -1}
	switch {
	case key != "Bearer phs_good":
		answer.StatusCode = http.StatusUnauthorized
	case r.Header.Get("If-None-Match") == "x":
		answer.StatusCode, answer.Body = http.StatusNotModified, http.NoBody
	}
	return answer, nil
}

// asked returns how many requests came with a key since the last call.
func (s *service) asked(key string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.requests["Bearer "+key]
	delete(s.requests, "Bearer "+key)
	return n
}

// process returns a Loader that shares dir.
func process(t *testing.T, s *service, dir, secret string, pause time.Duration) *flagsync.Loader {
	t.Helper()
	loader, err := flagsync.New(flagsync.Config{
		Endpoint: "https://example.com", Key: "phc_test", Secret: secret, RoundTripper: s,
		Provider: filecache.New(dir, "phc_test"), PauseAfterIdle: pause,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := loader.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return loader
}

// The processes of a machine ask as often as one would, and all of them have the definitions.
func TestAFleetPollsAsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dir := new(service), t.TempDir()
		var fleet []*flagsync.Loader
		for range 50 {
			fleet = append(fleet, process(t, s, dir, "phs_good", 0))
		}
		began := time.Now()
		for _, loader := range fleet {
			loader.Start()
			<-time.After(time.Second / 10)
		}
		<-time.After(5*time.Minute - time.Since(began))
		if got := s.asked("phs_good"); got < 9 || got > 12 {
			t.Errorf("%d requests of 50 processes in ten intervals, want about ten", got)
		}
		for i, loader := range fleet {
			if !loader.State().Loaded() {
				t.Errorf("process %d has no definitions", i)
			}
		}
		for len(fleet) > 1 { // whoever leads ends
			if err := fleet[0].Close(t.Context()); err != nil {
				t.Error(err)
			}
			fleet = fleet[1:]
			if len(fleet)%10 == 0 {
				s.asked("phs_good")
				<-time.After(2 * time.Minute)
				if got := s.asked("phs_good"); got < 3 || got > 5 {
					t.Errorf("%d requests of %d processes in four intervals, want about four", got, len(fleet))
				}
			}
		}
	})
}

func TestAProcessThatPausesGivesUpTheLead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dir := new(service), t.TempDir()
		idle, busy := process(t, s, dir, "phs_good", time.Minute), process(t, s, dir, "phs_good", 0)
		idle.Use()
		synctest.Wait()
		busy.Use()
		<-time.After(10 * time.Minute)
		if !idle.Status().Paused || idle.Status().Polls.Billable == 0 {
			t.Errorf("status of the first %+v, want it to have led and to pause", idle.Status())
		}
		s.asked("phs_good")
		<-time.After(5 * time.Minute)
		if got := s.asked("phs_good"); got < 9 || got > 12 {
			t.Errorf("%d requests in ten intervals, want the other process to poll", got)
		}
	})
}

func TestAProcessWithTheWrongKeyGivesUpTheLead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, dir := new(service), t.TempDir()
		wrong, right := process(t, s, dir, "phs_wrong", 0), process(t, s, dir, "phs_good", 0)
		wrong.Start()
		synctest.Wait()
		if got := s.asked("phs_wrong"); got != 1 {
			t.Fatalf("%d requests with the wrong key, want one", got)
		}
		right.Start()
		<-time.After(5 * time.Minute)
		if wrong.State().Source != flagsync.Shared || right.State().Source != flagsync.Network {
			t.Errorf("sources %v and %v, want the second to load for both", wrong.State().Source, right.State().Source)
		}
		if got := s.asked("phs_wrong"); got > 1 {
			t.Errorf("%d more requests with the wrong key, want it to follow", got)
		}
	})
}
