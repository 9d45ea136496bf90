package posthog_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hedgerow/posthog"
)

// station is a program with a client that does what it is told, a line at a
// time, and answers each with a line. Its fields are its orders, which
// reach it as JSON.
type station struct {
	Dir  string // of the spool
	Host string

	mu       sync.Mutex // guards out
	out      io.Writer
	client   *posthog.ServerClient
	enqueued int
	opened   []*os.File

	complained atomic.Bool // about the spool
}

// runStation carries out orders until in ends, and leaves the client as it is
// then.
func runStation(orders string, in io.Reader, out io.Writer) {
	s := &station{out: out}
	if err := json.Unmarshal([]byte(orders), s); err != nil {
		panic(err)
	}
	var err error
	s.client, err = posthog.NewWithConfig(testKey, posthog.Config{
		Endpoint:     s.Host,
		Interval:     5 * time.Millisecond,
		MaxQueueSize: 100_000,
		RetryAfter:   func(int) time.Duration { return 0 }, // as often as possible
		FlushTimeout: patience, ShutdownTimeout: patience,
		Logger: s,
		Spool:  posthog.SpoolConfig{Dir: s.Dir},
	})
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if err := s.obey(lines.Text()); err != nil {
			s.say("reply", "error: %v", err)
			continue
		}
		s.say("reply", "done %d", s.enqueued)
	}
}

// obey does what one line says.
func (s *station) obey(line string) error {
	what, rest, _ := strings.Cut(line, " ")
	switch what {
	case "enqueue": // so many events, with texts of so many bytes
		return s.enqueue(rest)
	case "exhaust": // the files that are ready, until the client has found out
		for n := 0; n < 1000 && !s.complained.Load(); n++ {
			if err := s.enqueue("1 20000"); err != nil {
				return err
			}
		}
		return s.await("noticed")
	case "await": // a condition of the spool
		return s.await(rest)
	case "flush":
		return s.client.Flush(context.Background())
	case "close":
		return s.client.Close()
	case "open": // every descriptor there is
		for {
			f, err := os.Open(os.DevNull)
			if err != nil {
				return nil //nolint:nilerr // no more are to be had
			}
			s.opened = append(s.opened, f)
		}
	case "release": // those
		for _, f := range s.opened {
			if err := f.Close(); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.New("what is " + what + "?")
}

func (s *station) enqueue(rest string) error {
	var events, size int
	if _, err := fmt.Sscan(rest, &events, &size); err != nil {
		return err
	}
	for range events {
		e := event(s.enqueued)
		e.Properties["text"] = strings.Repeat("x", size)
		if err := s.client.Enqueue(e); err != nil {
			return fmt.Errorf("event %d: %w", s.enqueued, err)
		}
		s.enqueued++
	}
	return nil
}

// await returns when the spool is down; or is saved: it works, and has
// everything; or when the log is known to have noticed.
func (s *station) await(condition string) error {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		var stats posthog.Stats
		select {
		case <-ticker.C:
			stats = s.client.Stats()
		case <-limit.C:
			return fmt.Errorf("the spool is not %s after %s: %+v", condition, patience, s.client.Stats())
		}
		down := stats.Spool.Err != nil
		saved := !down && uint64(stats.Spool.Events) == stats.Pending
		if condition == "down" && down || condition == "saved" && saved || condition == "noticed" && s.complained.Load() {
			return nil
		}
	}
}

// say writes a line.
func (s *station) say(kind, format string, args ...any) {
	text := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " | ")
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := io.WriteString(s.out, kind+" "+text+"\n"); err != nil {
		panic(err)
	}
}

// complain passes on a line of the log that means trouble.
func (s *station) complain(level, format string, args []any) {
	text := fmt.Sprintf(format, args...)
	s.say("log", "%s: %s", level, text)
	if strings.Contains(text, "spool") {
		s.complained.Store(true)
	}
}

func (s *station) Debugf(string, ...any)             {}
func (s *station) Logf(format string, args ...any)   { s.say("log", "INFO: "+format, args...) }
func (s *station) Warnf(format string, args ...any)  { s.complain("WARN", format, args) }
func (s *station) Errorf(format string, args ...any) { s.complain("ERROR", format, args) }
