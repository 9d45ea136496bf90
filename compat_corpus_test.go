package posthog_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/compat"
	"github.com/hedgerow/posthog/posthogtest"
)

// Programs written for posthog-go compile after their import path is changed,
// and do what is written beside them. They are processes of their own, so the
// server has a port for once. Proves GO-38.
func TestProgramsWrittenForPosthogGo(t *testing.T) {
	t.Parallel()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	programs, err := compat.Programs("internal/compat/testdata")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	binary, err := compat.Build(t.Context(), t.TempDir(), programs, compat.Module{
		ImportPath: "github.com/hedgerow/posthog",
		GoMod: fmt.Appendf(nil, "module corpus\n\ngo 1.26\n\nrequire (\n\tgithub.com/hedgerow/posthog v0.0.0\n"+
			"\tgithub.com/klauspost/compress v1.20.3\n)\n\nreplace github.com/hedgerow/posthog => %q\n", root),
		GoSum: sums,
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range programs {
		program := &programs[i]
		t.Run(program.Name, func(t *testing.T) {
			t.Parallel()
			server, host := corpusServer(t)
			run, err := binary.Run(t.Context(), program, host)
			if err != nil {
				t.Fatal(err)
			}
			for _, difference := range program.Want.Differences(run, corpusEvents(server)) {
				t.Error(difference)
			}
		})
	}
}

// corpusServer returns a server on a port of this machine, with the flags that
// the programs ask for.
func corpusServer(t *testing.T) (server *posthogtest.Server, host string) {
	t.Helper()
	server = posthogtest.NewServer(t, nil)
	server.SetFlags(
		posthogtest.Flag{Key: "on", Payload: map[string]int{"limit": 5}},
		posthogtest.Flag{Key: "off", Value: false},
		posthogtest.Flag{Key: "colour", Value: "blue", Payload: []int{1, 2}},
		posthogtest.Flag{Key: "pro", Where: map[string]any{"plan": "pro"}},
		posthogtest.Flag{Key: "company-beta", Group: "company"},
		posthogtest.Flag{Key: "company-large", Group: "company", Where: map[string]any{"size": "large"}},
		posthogtest.Flag{Key: "theme", RemoteConfig: true, Payload: map[string]string{"mode": "dark"}},
	)
	host, err := server.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return server, host
}

// corpusEvents returns what arrived.
func corpusEvents(server *posthogtest.Server) []compat.Event {
	var arrived []compat.Event
	for _, e := range server.Events() {
		arrived = append(arrived, compat.Event{
			Event: e.Name, DistinctID: e.DistinctID, UUID: e.UUID, Timestamp: sentAt(e), Properties: e.Properties,
		})
	}
	return arrived
}

// sentAt is the time that an event came with, in UTC.
func sentAt(e posthogtest.Event) string {
	at, err := time.Parse(time.RFC3339Nano, e.SentTimestamp)
	if err != nil {
		return e.SentTimestamp
	}
	return at.UTC().Format(time.RFC3339Nano)
}
