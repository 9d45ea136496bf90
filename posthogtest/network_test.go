package posthogtest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

// deliver posts a batch with one event and returns the whole exchange's error.
func deliver(client *http.Client, url string) (status int, body string, err error) {
	response, err := client.Post(url+"/batch/", "application/json", strings.NewReader(batch(event("a", "u", 1))))
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

func TestConnectionsAreReusedAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := posthogtest.NewServer(t, nil)
		client := &http.Client{Transport: s.Transport()}
		if s.Dials() != 0 || s.OpenConns() != 0 {
			t.Errorf("got %d dials and %d open before use, want none", s.Dials(), s.OpenConns())
		}
		for range 5 {
			if _, _, err := deliver(client, s.URL()); err != nil {
				t.Fatal(err)
			}
			synctest.Wait() // until the connection is idle again
		}
		if s.Dials() != 1 || s.OpenConns() != 1 {
			t.Errorf("got %d dials and %d open after 5 requests, want 1 and 1", s.Dials(), s.OpenConns())
		}
		client.CloseIdleConnections()
		synctest.Wait()
		if s.Dials() != 1 || s.OpenConns() != 0 {
			t.Errorf("got %d dials and %d open after hanging up, want 1 and 0", s.Dials(), s.OpenConns())
		}
		if _, _, err := deliver(client, s.URL()); err != nil || s.Dials() != 2 {
			t.Errorf("got %d dials and error %v, want a second dial", s.Dials(), err)
		}
	})
}

func TestEveryHostAndSchemeLeadsToTheServer(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	client := &http.Client{Transport: s.Transport()}
	for _, url := range []string{s.URL(), "http://eu.example.com", "https://us.example.com:8443"} {
		if status, _, err := deliver(client, url); err != nil || status != 200 {
			t.Errorf("%s: got status %d and error %v, want 200", url, status, err)
		}
	}
	if s.URL() != "http://posthog.test" {
		t.Errorf("got URL %q", s.URL())
	}
}

func TestAHungServerMeetsTheClientsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := posthogtest.NewServer(t, nil)
		s.Inject(posthogtest.Fault{Hang: true, Persist: -1})
		client := &http.Client{Transport: s.Transport(), Timeout: 10 * time.Second}
		start := time.Now()
		_, _, err := deliver(client, s.URL())
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v, want a timeout", err)
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("got an answer after %s, want 10s", took)
		}
		if r := s.Requests()[0]; r.Status != 0 || r.Stored != 1 {
			t.Errorf("got status %d and %d stored, want no answer and 1 stored", r.Status, r.Stored)
		}
		synctest.Wait()
		if s.OpenConns() != 0 {
			t.Errorf("got %d open connections after the client left, want 0", s.OpenConns())
		}
	})
}

func TestADelayPassesInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := posthogtest.NewServer(t, nil)
		s.Inject(posthogtest.Fault{Delay: 30 * time.Second, Header: http.Header{"X-Slow": {"yes"}}})
		client := &http.Client{Transport: s.Transport()}
		start := time.Now()
		status, body, err := deliver(client, s.URL())
		if err != nil || status != 200 || body != `{"status":"Ok"}` {
			t.Errorf("got %d %q %v, want the usual answer", status, body, err)
		}
		if took := time.Since(start); took != 30*time.Second {
			t.Errorf("got an answer after %s, want 30s", took)
		}
		if n := len(s.Events()); n != 1 {
			t.Errorf("got %d events, want 1", n)
		}
	})
}

func TestADelayedRequestIsNotHandledOnceTheClientIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := posthogtest.NewServer(t, nil)
		s.Inject(posthogtest.Fault{Delay: time.Minute})
		client := &http.Client{Transport: s.Transport(), Timeout: time.Second}
		if _, _, err := deliver(client, s.URL()); err == nil {
			t.Error("got no error, want a timeout")
		}
		<-time.After(2 * time.Minute)
		s.Recorder(t).Empty()
	})
}

func TestARetryAfterIsObeyedInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := posthogtest.NewServer(t, nil)
		s.Inject(posthogtest.Fault{Status: 429, Times: 2, Header: http.Header{"Retry-After": {"30"}}, Body: "slow down"})
		client := &http.Client{Transport: s.Transport()}
		for attempt := 1; ; attempt++ {
			response, err := client.Post(s.URL()+"/batch/", "", strings.NewReader(batch(event("a", "u", 1))))
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(response.Body)
			response.Body.Close()
			if response.StatusCode == 200 {
				break
			}
			if response.StatusCode != 429 || string(text) != "slow down" {
				t.Fatalf("attempt %d: got %d %q, want 429 and the body injected", attempt, response.StatusCode, text)
			}
			wait, err := time.ParseDuration(response.Header.Get("Retry-After") + "s")
			if err != nil {
				t.Fatal(err)
			}
			<-time.After(wait)
		}
		requests := s.Requests()
		if len(requests) != 3 {
			t.Fatalf("got %d requests, want 3", len(requests))
		}
		if gap := requests[2].Time.Sub(requests[0].Time); gap != time.Minute {
			t.Errorf("got %s between the first and the last request, want 1m0s", gap)
		}
	})
}

func TestAResetCutsTheConnection(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  posthogtest.Fault
		status int
		body   string
		stored int
		noted  int
	}{
		"before the answer":                   {fault: posthogtest.Fault{Reset: posthogtest.ResetBeforeResponse}},
		"before the answer, after storing":    {fault: posthogtest.Fault{Reset: posthogtest.ResetBeforeResponse, Persist: -1}, stored: 1},
		"in the middle of the body":           {fault: posthogtest.Fault{Reset: posthogtest.ResetMidBody, Persist: -1}, status: 200, body: `{"status`, stored: 1, noted: 200},
		"in the middle of a failure":          {fault: posthogtest.Fault{Reset: posthogtest.ResetMidBody, Status: 503, Body: "overload"}, status: 503, body: "over", noted: 503},
		"in the middle of a body of one byte": {fault: posthogtest.Fault{Reset: posthogtest.ResetMidBody, Status: 500, Body: "x"}, status: 500, body: "x", noted: 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := posthogtest.NewServer(t, nil)
				s.Inject(c.fault)
				client := &http.Client{Transport: s.Transport()}
				status, body, err := deliver(client, s.URL())
				if status != c.status || body != c.body {
					t.Errorf("got %d %q, want %d %q", status, body, c.status, c.body)
				}
				want := error(syscall.ECONNRESET)
				if c.fault.Reset == posthogtest.ResetMidBody {
					want = io.ErrUnexpectedEOF
				}
				if !errors.Is(err, want) {
					t.Errorf("got error %v, want %v", err, want)
				}
				if r := s.Requests()[0]; r.Status != c.noted || r.Stored != c.stored {
					t.Errorf("got status %d and %d stored, want %d and %d", r.Status, r.Stored, c.noted, c.stored)
				}
				synctest.Wait()
				if s.OpenConns() != 0 {
					t.Errorf("got %d open connections, want 0", s.OpenConns())
				}
				if status, _, err := deliver(client, s.URL()); err != nil || status != 200 || s.Dials() != 2 {
					t.Errorf("got %d, %v and %d dials for the next request, want 200 on a new connection", status, err, s.Dials())
				}
			})
		})
	}
}

func TestCloseEndsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := posthogtest.Start(posthogtest.Config{})
		if err != nil {
			t.Fatal(err)
		}
		idle, busy := &http.Client{Transport: s.Transport()}, &http.Client{Transport: s.Transport()}
		if _, _, err := deliver(idle, s.URL()); err != nil {
			t.Fatal(err)
		}
		s.Inject(posthogtest.Fault{Hang: true}, posthogtest.Fault{Delay: time.Hour})
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				if _, _, err := deliver(busy, s.URL()); err == nil {
					t.Error("got an answer from a server that was closed meanwhile")
				}
			})
		}
		group.Go(func() {
			if err := s.WaitEvents(t.Context(), 99); err == nil || !strings.Contains(err.Error(), "closed") {
				t.Errorf("got %v from a wait, want the closed server", err)
			}
		})
		synctest.Wait()
		start := time.Now()
		s.Close()
		if s.OpenConns() != 0 || !time.Now().Equal(start) {
			t.Errorf("got %d connections open %s after Close, want none at once", s.OpenConns(), time.Since(start))
		}
		group.Wait()
		s.Close()
		if _, _, err := deliver(idle, s.URL()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("got %v after Close, want a refused connection", err)
		}
		if _, err := s.Listen(""); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("got %v from Listen after Close, want ErrServerClosed", err)
		}
		if n := len(s.Events()); n != 1 {
			t.Errorf("got %d events after Close, want the 1 accepted before", n)
		}
	})
}

func TestListenRefusesABadAddress(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	if url, err := s.Listen("not an address"); err == nil || url != "" || s.URL() != "http://posthog.test" {
		t.Errorf("got %q and error %v at %s, want an error and the same URL", url, err, s.URL())
	}
}

func TestManyClientsAtOnce(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	const clients, each = 8, 25
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			client := &http.Client{Transport: s.Transport()}
			for range each {
				if status, _, err := deliver(client, s.URL()); err != nil || status != 200 {
					t.Errorf("got %d and error %v", status, err)
				}
				s.Rows()
				s.Requests()
			}
		})
	}
	group.Wait()
	if events, rows := len(s.Events()), len(s.Rows()); events != clients*each || rows != 1 {
		t.Errorf("got %d events in %d rows, want %d in 1", events, rows, clients*each)
	}
}
