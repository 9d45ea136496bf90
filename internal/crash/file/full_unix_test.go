//go:build unix

package file_test

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"
)

// A record for which there is no room leaves no half of it behind, which would hide what comes later.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	limited(t, "-f 200", dir, "full disk")
	s := find(t, dir)
	if len(s.Left) != 1 {
		t.Fatalf("got %+v, want one file", s)
	}
	if l := s.Left[0]; len(l.Records) == 0 || len(l.Text) > 0 {
		t.Errorf("got %d records and %d bytes of text, want some and none", len(l.Records), len(l.Text))
	}
}

// limited runs a child that ends in a way, with a limit of the shell's, and wants it to be content.
func limited(t *testing.T, limit, dir, end string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // or a child that lives outlives the test
	defer cancel()
	script := "ulimit " + limit + "; " + dirEnv + `="$1" ` + endEnv + `="$2" exec "$0"`
	command := exec.CommandContext(ctx, "sh", "-c", script, os.Args[0], dir, end)
	if output, err := command.CombinedOutput(); command.ProcessState.ExitCode() != 3 {
		t.Fatalf("the child ended with %v: %s", err, output)
	}
}

// A sweep says that it could not look at everything because there are too many open files: that is over some time.
func TestASweepWithoutDescriptors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for range 2 {
		create(t, dir, 0).Leave()
	}
	limited(t, "-n 64", dir, "no descriptors")
}
