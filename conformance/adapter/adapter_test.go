package adapter_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/conformance/adapter"
	"github.com/hedgerow/posthog/posthogtest"
)

func TestHealthClaimsWhatThereIs(t *testing.T) {
	t.Parallel()
	got := newWorld(t).call(http.MethodGet, "/health", "", http.StatusOK)
	want := map[string]any{
		"sdk_name":          posthog.SDKName,
		"sdk_version":       posthog.Version,
		"adapter_version":   adapter.Version,
		"supports_parallel": true,
		"capabilities":      []any{"capture_v0", "encoding_gzip"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("health: got %v, want %v", got, want)
	}
}

func TestWhatIsNotClaimedIsNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/capture_ai", "/get_feature_flag", "/"} {
		w.call(http.MethodPost, path, "{}", http.StatusNotFound)
	}
	w.call(http.MethodGet, "/capture", "", http.StatusMethodNotAllowed)
}

func TestTestIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, id := range map[string]string{
		"a line break":  "t-1%0aX-Evil:1",
		"a space":       "t+1",
		"more than 100": strings.Repeat("t", 101),
	} {
		if status, text := ask(w.adapter, http.MethodPost, "/reset?test_id="+id, ""); status != http.StatusBadRequest {
			t.Errorf("an id with %s: got status %d with %s, want 400", name, status, text)
		}
	}
	w.post("/reset?test_id=t-0199c0de-0000-7000-8000-000000000001", "")
}

func TestReset(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]posthogtest.Fault{
		"cancels a request that hangs":     {Hang: true, Times: -1},
		"ends the wait for a retry":        {Status: http.StatusServiceUnavailable, Times: -1},
		"ends a pause the server asked of": {Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"60"}}, Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.server.Inject(fault)
				w.post("/init", fill+`,"max_retries":100}`)
				w.post("/capture", `{"distinct_id":"u","event":"e"}`)
				<-time.After(100 * time.Millisecond)
				began := time.Now()
				w.post("/reset", "")
				if took := time.Since(began); took != 0 {
					t.Errorf("reset: took %v, want no time at all", took)
				}
				<-time.After(time.Hour)
				if got := len(w.server.Requests()); got != 1 {
					t.Errorf("requests an hour after the reset: got %d, want the one before it", got)
				}
			})
		})
	}
}

func TestResetSendsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.post("/init", `{"host":"http://test-harness:8081"}`)
		w.post("/capture", `{"distinct_id":"u","event":"e"}`)
		w.post("/reset", "")
		<-time.After(time.Hour)
		if got := len(w.server.Requests()); got != 0 {
			t.Errorf("requests after a reset with an event queued: got %d, want none", got)
		}
		if got := w.state("")["total_events_captured"]; got != 0.0 {
			t.Errorf("events captured after a reset: got %v, want 0", got)
		}
		w.call(http.MethodPost, "/capture", `{"distinct_id":"u","event":"e"}`, http.StatusConflict)
		w.call(http.MethodPost, "/flush", "", http.StatusConflict)
	})
}

func TestTestsAreIndependent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for _, id := range []string{"?test_id=t-1", "?test_id=t-2", ""} {
			w.post("/init"+id, `{"host":"http://test-harness:8081"}`)
			w.post("/capture"+id, fmt.Sprintf(`{"distinct_id":"u","event":%q}`, "of "+id))
		}
		w.post("/reset?test_id=t-1", "")
		w.post("/flush?test_id=t-2", "")
		w.post("/flush", "")
		got := map[string]string{}
		for _, r := range w.server.Requests() {
			_, marked := r.Header["X-Test-Id"]
			got[r.Events[0].Name] = fmt.Sprint(marked, " ", r.Header.Get("X-Test-Id"))
		}
		want := map[string]string{"of ?test_id=t-2": "true t-2", "of ": "false "}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("events, and whether X-Test-Id was sent: got %v, want %v", got, want)
		}
	})
}

func TestTheOldestClientMakesRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for i := range 65 {
			id := fmt.Sprintf("?test_id=t-%d", i)
			w.post("/init"+id, `{"host":"http://test-harness:8081"}`)
			w.post("/capture"+id, `{"distinct_id":"u","event":"e"}`)
		}
		w.call(http.MethodPost, "/flush?test_id=t-0", "", http.StatusConflict)
		w.post("/flush?test_id=t-1", "")
		w.post("/flush?test_id=t-64", "")
	})
}

func TestClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		w.post("/init", fill+`}`)
		w.post("/capture", `{"distinct_id":"u","event":"e"}`)
		flushed := make(chan int)
		go func() {
			status, _ := ask(w.adapter, http.MethodPost, "/flush", "")
			flushed <- status
		}()
		synctest.Wait()
		began := time.Now()
		w.adapter.Close()
		<-flushed
		if took := time.Since(began); took != 0 {
			t.Errorf("Close with a flush waiting: took %v, want no time at all", took)
		}
		w.call(http.MethodPost, "/init", fill+`}`, http.StatusServiceUnavailable)
		w.adapter.Close()
	})
}
