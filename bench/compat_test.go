package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/compat" //nolint:depguard // it is the corpus of programs, and no part of the library
	"github.com/hedgerow/posthog/posthogtest"
)

// The programs that this library has to run are programs for posthog-go: they compile against it, and behave the same
// wherever they do not say how it differs.
func TestTheProgramsAreOnesForPosthogGo(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	programs, err := compat.Programs("../internal/compat/testdata")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	mod = bytes.Replace(mod, []byte("module github.com/hedgerow/posthog/bench"), []byte("module corpus"), 1)
	mod = bytes.Replace(mod, []byte("=> ../"), []byte("=> "+root), 1)
	binary, err := compat.Build(t.Context(), t.TempDir(), programs, compat.Module{ImportPath: compat.ImportPath, GoMod: mod, GoSum: sum})
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
			differences := program.Want.Differences(run, corpusEvents(server))
			if program.Want.Differs == "" {
				for _, difference := range differences {
					t.Error(difference)
				}
			} else if len(differences) == 0 {
				t.Errorf("it does not differ, but want.json says: %s", program.Want.Differs)
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
