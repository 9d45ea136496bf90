package remote_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/hedgerow/posthog/internal/flagsync/remote"
)

// A connection serves call after call, whatever the answers are.
func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("out of order ", 2000)
	for name, tc := range map[string]struct {
		answer answer
		kept   bool
	}{
		"after flags": {says(200, enabled), true},
		"after flags, packed": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			says(200, packed(enabled))(w, r)
		}, true},
		"after a refusal":      {says(401, "bad"), true},
		"after a long refusal": {says(400, long), true},
		"after a 502":          {says(502, long), true},
		"after a redirect": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "http://other.example.com/")
			says(302, long)(w, r)
		}, true},
		"not after a page of 1MB": {says(400, strings.Repeat(long, 40)), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, way := serve(t, tc.answer)
				client := asking(way, nil)
				for range 2 {
					_, _ = client.Flags(t.Context(), person)
					_, _ = client.RemoteConfig(t.Context(), "limits")
				}
				if dials := len(s.dialed()); (dials == 1) != tc.kept {
					t.Errorf("%d connections for 4 calls, want one kept: %v", dials, tc.kept)
				}
			})
		})
	}
}

// closing counts the bodies that are open.
type closing struct {
	io.Reader
	open *atomic.Int32
}

func (c closing) Close() error { c.open.Add(-1); return nil }

func TestBodiesAreClosed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status int
		header http.Header
		body   io.Reader
	}{
		"flags":                 {200, http.Header{}, strings.NewReader(enabled)},
		"a refusal":             {500, http.Header{}, strings.NewReader("bad")},
		"a 502":                 {502, http.Header{}, strings.NewReader("bad")},
		"a redirect":            {302, http.Header{"Location": {"/login"}}, strings.NewReader("bad")},
		"a followed redirect":   {307, http.Header{"Location": {"/there"}}, strings.NewReader("bad")},
		"another protocol":      {101, http.Header{}, neverRead{t}},
		"an answer without end": {200, http.Header{}, spaces{}},
		"packed badly":          {200, http.Header{"Content-Encoding": {"gzip"}}, strings.NewReader("not packed at all")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var open atomic.Int32
				requests := 0
				way := roundTripperFunc(func(r *http.Request) (*http.Response, error) {
					requests++
					open.Add(1)
					return &http.Response{StatusCode: tc.status, Header: tc.header.Clone(), Body: closing{tc.body, &open}, Request: r}, nil
				})
				_, _ = asking(way, func(c *remote.Config) { c.MaxAnswer = 1 << 20 }).Flags(t.Context(), person)
				if n := open.Load(); n != 0 || requests == 0 {
					t.Errorf("%d bodies of %d answers are left open, want none", n, requests)
				}
			})
		})
	}
}

// neverRead is a connection that has changed its protocol: no context bounds reading it.
type neverRead struct{ t *testing.T }

func (n neverRead) Read([]byte) (int, error) {
	n.t.Error("the body of a 101 is read")
	return 0, io.EOF
}
