package redisflags_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// testKey is the key of the project.
const testKey = "phc_test"

// silent is for go-redis, which would tell standard error of every server that a test stops.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

func TestMain(m *testing.M) {
	redis.SetLogger(silent{})
	if orders := os.Getenv(memberEnv); orders != "" { //nolint:forbidigo // a child has no other orders
		beMember(orders, os.Stdin, os.Stdout) //nolint:forbidigo // it is a program
		return
	}
	os.Exit(m.Run()) //nolint:forbidigo // as testing asks for
}

// server is a real Redis, on a socket in a folder of the test's.
type server struct {
	socket    string
	arguments []string
	process   *exec.Cmd      // the shell that guards it
	leash     io.WriteCloser // it lives while this is open
	drained   chan struct{}  // closed when its output has ended
}

// guard kills a command when the standard input ends, which it also does when the test dies. The output ends with the
// command's.
const guard = `"$@" & exec >/dev/null 2>&1; read -r _; kill -9 $!; wait`

// startRedis starts a Redis for the test and stops it in the end.
func startRedis(t *testing.T, arguments ...string) *server {
	t.Helper()
	s := &server{socket: socket(t), arguments: arguments}
	s.start(t)
	t.Cleanup(s.stop)
	return s
}

// socket returns a path for a socket, which may have about a hundred bytes.
func socket(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "s") //nolint:usetesting // the path of t.TempDir has any length
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("remove %s: %v", dir, err)
		}
	})
	return filepath.Join(dir, "s")
}

// start starts it, with no memory of an earlier life, and returns when it takes connections.
func (s *server) start(t *testing.T) {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal("there is no redis-server to test with; install it, on Debian by: apt-get install redis-server")
	}
	s.process = exec.Command("sh", append([]string{
		"-c", guard, "sh", path,
		"--port", "0", "--unixsocket", s.socket, "--unixsocketperm", "700", "--dir", filepath.Dir(s.socket),
		"--save", "", "--appendonly", "no", "--daemonize", "no", "--logfile", "",
	}, s.arguments...)...)
	output, err := s.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.process.Stderr = s.process.Stdout
	if s.leash, err = s.process.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := s.process.Start(); err != nil {
		t.Fatalf("start redis-server: %v", err)
	}
	s.drained = make(chan struct{})
	lines := bufio.NewScanner(output)
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
		if strings.Contains(strings.ToLower(lines.Text()), "ready to accept connections") {
			go func() {
				defer close(s.drained)
				_, _ = io.Copy(io.Discard, output)
			}()
			return
		}
	}
	close(s.drained)
	s.stop()
	t.Fatalf("redis-server ended instead of taking connections:\n%s", strings.Join(said, "\n"))
}

// stop kills it, and everything it knows is lost. It may be called again.
func (s *server) stop() {
	if s.process == nil {
		return
	}
	_ = s.leash.Close()
	<-s.drained
	_ = s.process.Wait()
	s.process = nil
}

// client returns a new client of it, closed in the end. A client whose connections failed as many times as its pool
// has places, which are ten for each processor, does not try another one for a second; here it has enough of them.
func (s *server) client(t *testing.T) *redis.Client {
	t.Helper()
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: s.socket, MaxRetries: 1, DialerRetries: 1, PoolSize: 100})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// only returns the one key of Redis that ends with suffix.
func only(t *testing.T, client *redis.Client, suffix string) string {
	t.Helper()
	keys, err := client.Keys(t.Context(), "*"+suffix).Result()
	if err != nil || len(keys) != 1 {
		t.Fatalf("%v end with %q, %v, want one key", keys, suffix, err)
	}
	return keys[0]
}

// gate is a hook that lets no command through, whatever its context says, until it is opened.
type gate struct {
	knock func()        // called with each command
	open  chan struct{} // closed by the test
}

func (g *gate) DialHook(next redis.DialHook) redis.DialHook { return next }

func (g *gate) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		g.knock()
		<-g.open
		return next(ctx, cmd)
	}
}

func (g *gate) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// traffic is a hook that counts what is sent and received.
type traffic struct{ bytes int }

func (c *traffic) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *traffic) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		for _, argument := range cmd.Args() {
			switch a := argument.(type) {
			case string:
				c.bytes += len(a)
			case []byte:
				c.bytes += len(a)
			}
		}
		if answer, ok := cmd.(*redis.Cmd); ok {
			texts, _ := answer.StringSlice()
			c.bytes += len(strings.Join(texts, ""))
		}
		return err
	}
}

func (c *traffic) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}
