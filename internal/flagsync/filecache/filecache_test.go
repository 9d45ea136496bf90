package filecache_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/flagsync"
	"github.com/hedgerow/posthog/internal/flagsync/filecache"
)

var (
	_ flagsync.Provider = (*filecache.Cache)(nil)
	_ flagsync.Yielder  = (*filecache.Cache)(nil)
)

// leads returns whether a process has the lead.
func leads(t *testing.T, c *filecache.Cache) bool {
	t.Helper()
	lead, err := c.ShouldFetchFlagDefinitions(t.Context())
	if err != nil {
		t.Fatalf("ShouldFetchFlagDefinitions: %v", err)
	}
	return lead
}

// read returns the shared document.
func read(t *testing.T, c *filecache.Cache) string {
	t.Helper()
	document, err := c.GetFlagDefinitions(t.Context())
	if err != nil {
		t.Fatalf("GetFlagDefinitions: %v", err)
	}
	if document == nil {
		return "nothing"
	}
	return string(document)
}

// store hands a document to c.
func store(t *testing.T, c *filecache.Cache, document string) {
	t.Helper()
	if err := c.OnFlagDefinitionsReceived(t.Context(), []byte(document)); err != nil {
		t.Fatalf("OnFlagDefinitionsReceived: %v", err)
	}
}

// Proves FD-11 for processes of one machine.
func TestOneLeadsAndTheOthersRead(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	a, b := filecache.New(dir, "phc_test"), filecache.New(dir, "phc_test")
	if got := read(t, b); got != "nothing" {
		t.Errorf("in an empty directory: %q, want nothing", got)
	}
	for range 3 {
		if !leads(t, a) || leads(t, b) {
			t.Fatal("want the first to lead, and it alone")
		}
	}
	for _, document := range []string{"one", "one", "two", "six", ""} {
		store(t, a, document)
		for _, c := range []*filecache.Cache{a, b} {
			if got := read(t, c); got != document {
				t.Errorf("read %q, want %q", got, document)
			}
		}
	}
	if err := a.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if !leads(t, b) || leads(t, a) {
		t.Error("want the second to lead after the shutdown of the first")
	}
	if err := b.YieldFlagDefinitions(t.Context()); err != nil {
		t.Error(err)
	}
	if !leads(t, a) || leads(t, b) {
		t.Error("want the first to lead after the second has given way")
	}
	if err := a.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestProjectsShareADirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := filecache.New(dir, "phc_a"), filecache.New(dir, "phc_b")
	if !leads(t, a) || !leads(t, b) {
		t.Error("want each project to have a leader")
	}
	store(t, a, "a")
	store(t, b, "b")
	if got := read(t, a) + read(t, b); got != "ab" {
		t.Errorf("read %q, want each its own", got)
	}
	for _, c := range []*filecache.Cache{a, b} {
		if err := c.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// A document that this process knows is written again when another process has replaced it.
func TestALeaderThatComesBackKnowsWhatIsThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := filecache.New(dir, "phc_test"), filecache.New(dir, "phc_test")
	store(t, a, "one")
	store(t, b, "two")
	store(t, a, "one")
	if got := read(t, b); got != "one" {
		t.Errorf("read %q, want one", got)
	}
}

func TestADirectoryThatCannotBeMade(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := filecache.New(filepath.Join(file, "below"), "phc_test")
	if lead, err := c.ShouldFetchFlagDefinitions(t.Context()); lead || err == nil {
		t.Errorf("ShouldFetchFlagDefinitions = %v, %v; want an error", lead, err)
	}
	if err := c.OnFlagDefinitionsReceived(t.Context(), []byte("x")); err == nil {
		t.Error("OnFlagDefinitionsReceived: no error")
	}
	if err := c.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// victim is the environment variable that makes this test a process that leads until it is killed.
const victim = "HEDGEROW_FILECACHE_VICTIM"

// The lead dies with its process, even if that cannot say goodbye.
func TestTheLeadEndsWithItsProcess(t *testing.T) {
	if dir := os.Getenv(victim); dir != "" { //nolint:forbidigo // it is how this process knows that it is the child
		fmt.Printf("leads: %v\n", leads(t, filecache.New(dir, "phc_test"))) //nolint:forbidigo // the parent reads it
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')                   // until it is killed
		return
	}
	t.Parallel()
	dir := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTheLeadEndsWithItsProcess$")
	child.Env = append(os.Environ(), victim+"="+dir) //nolint:forbidigo // the child's is the parent's and one more
	if _, err := child.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != "leads: true" {
		t.Errorf("the child says %q, %v; want that it leads", line, err)
	}
	c := filecache.New(dir, "phc_test")
	if leads(t, c) {
		t.Error("two processes lead")
	}
	if err := child.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = child.Wait()
	if !leads(t, c) {
		t.Error("the lead of a killed process is not free")
	}
	if err := c.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}
