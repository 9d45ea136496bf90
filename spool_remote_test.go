package posthog_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// remote is a station as the test sees it.
type remote struct {
	*testing.T
	command *exec.Cmd
	orders  io.WriteCloser
	replies chan string // closed when the station is gone, by the goroutine that reads
	log     logLines
	errors  strings.Builder // what it wrote to standard error; complete when replies is closed
	ended   bool
}

// startStation starts a station, after prepare has had its way with its
// command.
func startStation(t *testing.T, s *station, prepare func(*exec.Cmd)) *remote {
	t.Helper()
	orders, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	r := &remote{T: t, command: childCommand(t.Context(), stationEnd, string(orders)), replies: make(chan string)}
	if prepare != nil {
		prepare(r.command)
	}
	r.command.Stderr = &r.errors
	if r.orders, err = r.command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := r.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.command.Start(); err != nil {
		t.Fatalf("starting the station: %v", err)
	}
	go r.listen(output)
	t.Cleanup(r.kill)
	return r
}

// listen sorts what the station says.
func (r *remote) listen(output io.Reader) {
	defer close(r.replies)
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		kind, text, _ := strings.Cut(lines.Text(), " ")
		if kind == "log" {
			level, text, _ := strings.Cut(text, ": ")
			r.log.add(level, "%s", []any{text})
			continue
		}
		r.replies <- text
	}
}

// do has the station obey a line, and returns how many events it has enqueued
// by then.
func (r *remote) do(line string) (enqueued int) {
	r.Helper()
	if _, err := io.WriteString(r.orders, line+"\n"); err != nil {
		r.kill()
		r.Fatalf("%s: the station is gone: %v\nit wrote: %s", line, err, r.errors.String())
	}
	reply, ok := <-r.replies
	if !ok {
		r.kill()
		r.Fatalf("%s: the station has died\nit wrote: %s", line, r.errors.String())
	}
	if _, err := fmt.Sscanf(reply, "done %d", &enqueued); err != nil {
		r.Fatalf("%s: %s\nlog: %q", line, reply, r.log.all())
	}
	return enqueued
}

// kill kills the station, if it is there, and waits for its end.
func (r *remote) kill() {
	if r.ended {
		return
	}
	r.ended = true
	_ = r.command.Process.Kill() // it may have died of something else
	for range r.replies {        // until there are no more
	}
	_ = r.command.Wait() // killed, as it should be
}

// requireComplaints fails the test unless the station's log has lines about the
// spool that are warnings or worse, no more of them than most, and all with
// text. That the disk is slow, and no more, is nobody's fault.
func (r *remote) requireComplaints(text string, most int) {
	r.Helper()
	var complaints, others []string
	for _, line := range r.log.having("spool") {
		switch {
		case strings.HasPrefix(line, "INFO"), strings.Contains(line, "is too slow"), strings.Contains(line, "can be used again"):
		case strings.Contains(line, text):
			complaints = append(complaints, line)
		default:
			others = append(others, line)
		}
	}
	if len(complaints) == 0 || len(complaints) > most || len(others) > 0 {
		r.Errorf("the log complains about the spool in %q and %q, want 1 to %d lines, with %q", complaints, others, most, text)
	}
}
