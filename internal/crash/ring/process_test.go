package ring_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/crash/ring"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

// pathEnv tells a child where to keep its steps, and wayEnv how to write them.
const (
	pathEnv = "CRASH_RING_TEST_PATH"
	wayEnv  = "CRASH_RING_TEST_WAY"
)

const (
	threads   = 3
	announced = 2000 // steps of a thread that the parent is told of
)

// TestMain is the life of a child: it adds steps until somebody kills it.
func TestMain(m *testing.M) {
	path := os.Getenv(pathEnv)
	if path == "" {
		os.Exit(m.Run())
	}
	sys := disk.Local()
	if os.Getenv(wayEnv) == "with WriteAt" {
		sys = unmappable{sys}
	}
	r, err := ring.CreateOn(sys, path, ring.DefaultSize, salt)
	if err != nil {
		panic(err)
	}
	var ready sync.WaitGroup
	ready.Add(threads)
	for thread := range threads {
		go func() {
			for n := 0; ; n++ {
				if !r.Add(fmt.Appendf(nil, `{"thread":%d,"n":%d,"x":"%0*d"}`, thread, n, n%150, 0)) {
					panic("a step was not added")
				}
				if n == announced {
					ready.Done()
				}
			}
		}()
	}
	ready.Wait()
	_, _ = os.Stdout.WriteString("ready\n")
	select {}
}

// A process that is killed in the middle of adding leaves what it added: all steps up to the last, in order.
func TestAChildThatIsKilledLeavesItsSteps(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"mapped", "with WriteAt"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			for round := range 3 {
				path := filepath.Join(t.TempDir(), "x.steps")
				kill(t, way, path)
				got := read(t, path)
				if array(got) > ring.MaxRead || array(got) < ring.MaxRead-400 {
					t.Errorf("round %d: got %d bytes, want all that may be given back", round, array(got))
				}
				last := map[int]int{}
				for _, s := range got {
					var thread, n int
					if _, err := fmt.Sscanf(string(s), `{"thread":%d,"n":%d,`, &thread, &n); err != nil {
						t.Fatalf("round %d: %q: %v", round, s, err)
					}
					if before, seen := last[thread]; seen && n != before+1 {
						t.Errorf("round %d, thread %d: got step %d after %d, want no gap", round, thread, n, before)
					}
					last[thread] = n
				}
				latest := 0
				for _, n := range last {
					latest = max(latest, n)
				}
				if latest < announced {
					t.Errorf("round %d: got steps up to %v, want those after %d", round, last, announced)
				}
			}
		})
	}
}

// kill starts a child, and kills it when it is in the middle of its steps.
func kill(t *testing.T, way, path string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // or a child that lives outlives the test
	defer cancel()
	command := exec.CommandContext(ctx, os.Args[0])
	command.Env = append(os.Environ(), pathEnv+"="+path, wayEnv+"="+way)
	output, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil || line != "ready\n" {
		t.Errorf("got %q and error %v from the child, want that it is ready", line, err)
	}
	must(t, command.Process.Kill())
	if err := command.Wait(); err == nil || ctx.Err() != nil {
		t.Fatalf("the child ended with %v, want that it was killed", err)
	}
}
