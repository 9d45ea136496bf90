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
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // or a child that lives outlives the test
	defer cancel()
	const script = `ulimit -f 200; ` + dirEnv + `="$1" ` + endEnv + `="full disk" exec "$0"`
	command := exec.CommandContext(ctx, "sh", "-c", script, os.Args[0], dir)
	if output, err := command.CombinedOutput(); command.ProcessState.ExitCode() != 3 {
		t.Fatalf("the child ended with %v: %s", err, output)
	}
	s := find(t, dir)
	if len(s.Left) != 1 {
		t.Fatalf("got %+v, want one file", s)
	}
	if l := s.Left[0]; len(l.Records) == 0 || len(l.Text) > 0 {
		t.Errorf("got %d records and %d bytes of text, want some and none", len(l.Records), len(l.Text))
	}
}
