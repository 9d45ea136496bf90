package redisflags_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

// fleet is processes that share a Redis, and a PostHog that counts what they ask.
type fleet struct {
	redis   *server
	posthog *posthogtest.Server
	socket  string // of posthog
	members []*process
}

// process is a member from outside.
type process struct {
	secret  string
	command *exec.Cmd
	input   io.WriteCloser
	said    chan string // its lines; closed at their end
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{redis: startRedis(t), posthog: posthogtest.NewServer(t, nil), socket: socket(t)}
	listener, err := net.Listen("unix", f.socket)
	if err != nil {
		t.Fatal(err)
	}
	front := &http.Server{Handler: f.posthog}
	ended := make(chan error, 1) // sent to once
	go func() { ended <- front.Serve(listener) }()
	t.Cleanup(func() {
		for _, p := range f.members {
			p.kill()
		}
		_ = front.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("the server ended: %v", err)
		}
	})
	return f
}

// launch starts a process.
func (f *fleet) launch(t *testing.T) {
	t.Helper()
	p := &process{secret: "phs_" + strconv.Itoa(len(f.members)), said: make(chan string, 100)}
	orders, err := json.Marshal(member{Secret: p.secret, PostHog: f.socket, Redis: f.redis.socket})
	if err != nil {
		t.Fatal(err)
	}
	p.command = exec.Command(os.Args[0])
	p.command.Env = append(os.Environ(), memberEnv+"="+string(orders), "GOMAXPROCS=1") //nolint:forbidigo // the child's
	p.command.Stderr = os.Stderr                                                       //nolint:forbidigo // what a child panics of
	if p.input, err = p.command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.said)
		for lines := bufio.NewScanner(output); lines.Scan(); {
			p.said <- lines.Text()
		}
	}()
	f.members = append(f.members, p)
}

// says waits until the process has said a line that ends so.
func (p *process) says(ctx context.Context, t *testing.T, end string) {
	t.Helper()
	var lines []string
	for {
		select {
		case line, ok := <-p.said:
			if !ok {
				t.Fatalf("%s ended and said %q, want %q", p.secret, lines, end)
			}
			if strings.HasSuffix(line, end) {
				return
			}
			lines = append(lines, line)
		case <-ctx.Done():
			t.Fatalf("%s says %q, want %q", p.secret, lines, end)
		}
	}
}

// kill ends the process as kill -9 does, if it has not ended.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	_ = p.wait()
}

// wait waits for its end.
func (p *process) wait() error {
	for range p.said {
		continue
	}
	return p.command.Wait()
}

// allSay waits until every process has said a line that ends so.
func (f *fleet) allSay(ctx context.Context, t *testing.T, end string) {
	t.Helper()
	for _, p := range f.members {
		p.says(ctx, t, end)
	}
}

// ask has every process report.
func (f *fleet) ask(t *testing.T) {
	t.Helper()
	for _, p := range f.members {
		if _, err := io.WriteString(p.input, "\n"); err != nil {
			t.Fatalf("ask %s: %v", p.secret, err)
		}
	}
}

// poll is a request for definitions.
type poll struct {
	at time.Time
	by string // the secret
}

// polls returns those since a time.
func (f *fleet) polls(since time.Time) []poll {
	var polls []poll
	for _, r := range f.posthog.DefinitionRequests() {
		if !r.Time.Before(since) {
			polls = append(polls, poll{r.Time, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")})
		}
	}
	return polls
}

// until waits for polls that have a property.
func (f *fleet) until(ctx context.Context, t *testing.T, since time.Time, what string, reached func([]poll) bool) []poll {
	t.Helper()
	var polls []poll
	if err := f.posthog.Wait(ctx, func(*posthogtest.Server) bool {
		polls = f.polls(since)
		return reached(polls)
	}); err != nil {
		t.Fatalf("%d polls are not %s: %v", len(polls), what, err)
	}
	return polls
}

// pollsAsOne fails if there were more polls than one process makes. Nobody leads twice within an interval, or after
// somebody else before the lock has expired; a poll that was under way before, and one that begins the time, come
// on top.
func (f *fleet) pollsAsOne(t *testing.T, since time.Time) {
	t.Helper()
	took := time.Since(since)
	polls := f.polls(since)
	if most := int(took/pollInterval) + 2; len(polls) > most {
		t.Errorf("%d processes polled %d times in %v, want %d at most:", len(f.members), len(polls), took, most)
		for _, p := range polls {
			t.Errorf("after %v %s", p.at.Sub(since), p.by)
		}
	}
}

// Proves FD-11, FD-13: twenty processes poll as one, survive their leader and Redis, and see every change.
func TestAFleetPollsAsOne(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // nothing takes as long
	defer cancel()
	f := newFleet(t)
	rdb := f.redis.client(t)
	began := time.Now()

	f.posthog.SetFlag(fleetFlag, "red")
	f.launch(t)
	f.allSay(ctx, t, "listening: red, <nil>")
	for range 19 {
		f.launch(t)
	}
	for _, p := range f.members[1:] {
		p.says(ctx, t, "listening: red, <nil>")
	}
	ready := time.Now()
	f.until(ctx, t, ready, "three", func(polls []poll) bool { return len(polls) >= 3 })
	f.posthog.SetFlag(fleetFlag, "blue")
	f.allSay(ctx, t, "changed: blue, <nil>")
	f.pollsAsOne(t, began)

	// The leader is killed.
	polls := f.polls(began)
	leader := slices.IndexFunc(f.members, func(p *process) bool { return p.secret == polls[len(polls)-1].by })
	f.members[leader].kill()
	died := time.Now()
	for _, lock := range rdb.Keys(ctx, "*:lock").Val() { // unless it has expired already
		if left := rdb.PTTL(ctx, lock).Val(); left > pollInterval*3/2 {
			t.Errorf("the lock outlives its leader by %v, want an interval and a half at most", left)
		}
	}
	f.members = slices.Delete(f.members, leader, leader+1)
	f.posthog.SetFlag(fleetFlag, "green")
	f.allSay(ctx, t, "changed: green, <nil>")
	f.pollsAsOne(t, died)

	// Redis is stopped, and everybody asks for themselves.
	f.redis.stop()
	stopped := time.Now()
	f.until(ctx, t, stopped, "from everybody", func(polls []poll) bool {
		by := make(map[string]bool)
		for _, p := range polls {
			by[p.by] = true
		}
		return len(by) == len(f.members)
	})
	f.ask(t)
	f.allSay(ctx, t, "asked: green, <nil>")
	f.posthog.SetFlag(fleetFlag, "white")
	f.allSay(ctx, t, "changed: white, <nil>")

	// Redis is back, knowing nothing, and they are one again.
	f.redis.start(t)
	f.until(ctx, t, time.Now(), "as those of one process", func(polls []poll) bool {
		n := len(polls)
		return n > 2 && polls[n-1].at.Sub(polls[n-3].at) > pollInterval*3/2
	})
	f.ask(t)
	f.allSay(ctx, t, "asked: white, <nil>")
	for _, p := range f.members {
		_ = p.input.Close()
	}
	for _, p := range f.members {
		if err := p.wait(); err != nil {
			t.Errorf("%s: %v", p.secret, err)
		}
	}
	if left := rdb.Keys(ctx, "*:lock").Val(); len(left) > 0 {
		t.Errorf("%q is left after the end of all", left)
	}
}
