package torture_test

import (
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/torture"
)

// programEnv makes the test binary a program that reports what its value says,
// one word a line, and then does what the last line says.
const programEnv = "HEDGEROW_TEST_PROGRAM"

func TestMain(m *testing.M) {
	program := os.Getenv(programEnv) //nolint:forbidigo // the test's child reads its orders
	if program == "" {
		os.Exit(m.Run()) //nolint:forbidigo // as TestMain should
	}
	lines := strings.Split(program, ",")
	for _, line := range lines[:len(lines)-1] {
		_, _ = os.Stdout.WriteString(line + "\n") //nolint:forbidigo // reports go there
	}
	switch lines[len(lines)-1] {
	case "wait":
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "complain":
		_, _ = os.Stderr.WriteString("a complaint") //nolint:forbidigo // which is what is tested
	case "fail":
		os.Exit(3) //nolint:forbidigo // which is what is tested
	}
}

// live runs a program that is killed at a moment, and returns what was heard
// of it.
func live(t *testing.T, program string, moment torture.Moment) (heard []torture.Word, killed bool, err error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), programEnv+"="+program, "GORACE=atexit_sleep_ms=0") //nolint:forbidigo // the child's is ours and one more
	life := torture.Life{Command: command, Moment: moment, Hear: func(r torture.Report) { heard = append(heard, r.Word) }}
	killed, err = life.Run()
	return heard, killed, err
}

func TestALifeEndsAtItsMoment(t *testing.T) {
	t.Parallel()
	for name, moment := range map[string]torture.Moment{
		"at once":                         {Word: torture.Accepted, Count: 2},
		"later":                           {Word: torture.Accepted, Count: 2, Delay: time.Millisecond},
		"when it waits, at the latest":    {Word: torture.Accepted, Count: 4},
		"when it waits, and a bit longer": {Word: torture.Accepted, Count: 4, Delay: time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			heard, killed, err := live(t, "starting,accepted 1.0.0,accepted 1.0.1,accepted 1.0.2,waiting,wait", moment)
			if !killed || err != nil {
				t.Errorf("killed: %t, %v; want it killed, and no error", killed, err)
			}
			if len(heard) < 3 || heard[0] != torture.Starting {
				t.Errorf("heard %q, want all that was said before the moment", heard)
			}
		})
	}
}

func TestALifeThatEndsBeforeItsMomentIsNotKilled(t *testing.T) {
	t.Parallel()
	for name, moment := range map[string]torture.Moment{
		"the word never comes":     {Word: torture.Closing, Count: 1},
		"the count is not reached": {Word: torture.Starting, Count: 2},
		"the delay is too long":    {Word: torture.Starting, Count: 1, Delay: time.Hour},
		"there is none":            {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			heard, killed, err := live(t, "starting,done,end", moment)
			if want := []torture.Word{torture.Starting, torture.Done}; killed || err != nil || !slices.Equal(heard, want) {
				t.Errorf("heard %q, killed: %t, %v; want %q, not killed, no error", heard, killed, err, want)
			}
		})
	}
}

func TestALifeThatGoesWrongIsAnError(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ program, want string }{
		"it fails":                   {"starting,fail", "exit status 3"},
		"it says that it failed":     {"failed to count,end", "it failed: to count"},
		"it says so twice":           {"failed to count,failed to read,end", "it failed: to count\nit failed: to read"},
		"it speaks in tongues":       {"abracadabra,wait", "abracadabra"},
		"it writes to the other end": {"starting,complain", "a complaint"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := live(t, c.program, torture.Moment{Word: torture.Closing, Count: 1})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want %q", err, c.want)
			}
		})
	}
}

func TestMomentsFollowFromTheSeed(t *testing.T) {
	t.Parallel()
	list := func(seed uint64, n int) []torture.Moment {
		moments := torture.NewMoments(seed, n, 500, 30*time.Millisecond)
		var all []torture.Moment
		for range 1000 {
			all = append(all, moments.Next())
		}
		return all
	}
	all := list(1, 0)
	if !slices.Equal(all, list(1, 0)) || slices.Equal(all, list(2, 0)) || slices.Equal(all, list(1, 1)) {
		t.Error("the moments do not follow from the seed and the sequence, and from nothing else")
	}
	words := make(map[torture.Word]int)
	var immediate, brief, long int
	for _, m := range all {
		words[m.Word]++
		if m.Count < 1 || m.Count > 500 || m.Delay < 0 || m.Delay > 30*time.Millisecond {
			t.Errorf("%v is out of bounds", m)
		}
		switch {
		case m.Delay == 0:
			immediate++
		case m.Delay < 100*time.Microsecond:
			brief++
		case m.Delay > 3*time.Millisecond:
			long++
		}
	}
	if words[torture.Starting] < 50 || words[torture.Closing] < 50 || words[torture.Accepted] < 500 || immediate < 100 || brief < 100 || long < 100 {
		t.Errorf("of 1000 moments: %v; %d at once, %d within 100µs, %d after 3ms", words, immediate, brief, long)
	}
}
