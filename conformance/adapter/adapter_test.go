package adapter_test

import (
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/andybalholm/brotli"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/conformance/adapter"
	"github.com/hedgerow/posthog/posthogtest"
)

func TestHealthClaimsWhatThereIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config adapter.Config
		want   []any
	}{
		"v0":              {adapter.Config{}, []any{"capture_v0", "capture_ai_v0", "encoding_gzip"}},
		"v1":              {adapter.Config{Mode: posthog.CaptureModeAnalyticsV1}, []any{"capture_v1", "encoding_gzip"}},
		"v1 with zstd":    {adapter.Config{Mode: posthog.CaptureModeAnalyticsV1, Compression: posthog.CompressionZstd}, []any{"capture_v1", "encoding_zstd"}},
		"v1 with deflate": {adapter.Config{Mode: posthog.CaptureModeAnalyticsV1, Compression: posthog.CompressionDeflate}, []any{"capture_v1", "encoding_deflate"}},
		"v1 with brotli":  {adapter.Config{Mode: posthog.CaptureModeAnalyticsV1, Compression: posthog.CompressionBrotli}, []any{"capture_v1", "encoding_br"}},
	} {
		a := adapter.New(c.config)
		w := &world{T: t, adapter: a}
		got := w.call(http.MethodGet, "/health", "", http.StatusOK)
		a.Close()
		want := map[string]any{
			"sdk_name":          posthog.SDKName,
			"sdk_version":       posthog.Version,
			"adapter_version":   adapter.Version,
			"supports_parallel": true,
			"capabilities":      c.want,
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: health: got %v, want %v", name, got, want)
		}
	}
}

func TestWhatIsNotClaimedIsNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/get_feature_flags", "/"} {
		w.call(http.MethodPost, path, "{}", http.StatusNotFound)
	}
	w.call(http.MethodGet, "/capture", "", http.StatusMethodNotAllowed)
}

// The state names the events of a request whatever it was compressed with.
func TestStateReadsEveryEncoding(t *testing.T) {
	t.Parallel()
	for _, compression := range []posthog.CompressionMode{
		posthog.CompressionGzip, posthog.CompressionZstd, posthog.CompressionDeflate, posthog.CompressionBrotli,
	} {
		server := posthogtest.NewServer(t, &posthogtest.Config{Brotli: func(r io.Reader) io.Reader { return brotli.NewReader(r) }})
		a := adapter.New(adapter.Config{Mode: posthog.CaptureModeAnalyticsV1, Compression: compression, Transport: server.Transport()})
		t.Cleanup(a.Close)
		w := &world{T: t, adapter: a, server: server}
		w.post("/init", fill+`,"enable_compression":true}`)
		uuid := w.post("/capture", `{"distinct_id":"u","event":"e","properties":{"text":"`+strings.Repeat("hedge ", 100)+`"}}`)["uuid"]
		w.post("/flush", "")
		requests, _ := w.state("")["requests_made"].([]any)
		if len(requests) != 1 || !reflect.DeepEqual(requests[0].(map[string]any)["uuid_list"], []any{uuid}) || server.Requests()[0].Encoding == "" {
			t.Errorf("%v: the state has %v, want one request with %v", compression, requests, uuid)
		}
	}
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
