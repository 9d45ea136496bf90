package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
)

const (
	childArgument = "bench-child" // first argument of a process that carries out one job
	sinkArgument  = "bench-sink"  // first argument of a process that serves a sink
	hangArgument  = "hang"        // second argument of a sink that never answers
	tallyPath     = "/tally"
	samplePath    = "/sample"

	hangAIArgument = "hang-ai" // second argument of a sink that never answers AI events
)

// dispatch carries out the work of a process that this program started of itself, and reports whether it was one.
func dispatch(args []string) (status int, was bool) {
	switch {
	case len(args) > 0 && args[0] == childArgument:
		return serveJob(os.Stdin, os.Stdout, os.Stderr), true
	case len(args) > 0 && args[0] == sinkArgument:
		var hang string
		if len(args) > 1 {
			hang = map[string]string{hangArgument: "/", hangAIArgument: aiPath}[args[1]]
		}
		return serveSink(hang, os.Stdin, os.Stdout, os.Stderr), true
	default:
		return 0, false
	}
}

// sinkProcess is a sink in a process of its own, so that its work is in nobody's figures.
type sinkProcess struct {
	URL   string
	cmd   *exec.Cmd
	stdin io.Closer
}

// startSink starts a sink. The caller stops it.
func startSink(ctx context.Context, args ...string) (*sinkProcess, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{sinkArgument}, args...)...)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the sink: %w", err)
	}
	s := &sinkProcess{cmd: cmd, stdin: stdin}
	url, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the sink's address: %w", err), s.Stop())
	}
	s.URL = strings.TrimSpace(url)
	return s, nil
}

// Stop ends the process and waits for it.
func (s *sinkProcess) Stop() error {
	if err := errors.Join(s.stdin.Close(), s.cmd.Wait()); err != nil {
		return fmt.Errorf("stop the sink: %w", err)
	}
	return nil
}

// Tally asks the sink what it saw.
func (s *sinkProcess) Tally(ctx context.Context) (tally, error) {
	var t tally
	err := s.ask(ctx, tallyPath, &t)
	return t, err
}

// ask decodes what the sink answers at a path.
func (s *sinkProcess) ask(ctx context.Context, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, http.NoBody)
	if err != nil {
		return err
	}
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("ask the sink: %w", err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		return fmt.Errorf("read the sink's answer: %w", err)
	}
	return nil
}

// runChild carries out a job in a fresh process, and decodes what it found.
func runChild(ctx context.Context, j job) (outcome, error) {
	var o outcome
	self, err := os.Executable()
	if err != nil {
		return o, err
	}
	input, err := json.Marshal(j)
	if err != nil {
		return o, err
	}
	cmd := exec.CommandContext(ctx, self, childArgument)
	cmd.Stdin = bytes.NewReader(input)
	cmd.Stderr = os.Stderr
	output, err := cmd.Output()
	if err != nil {
		return o, fmt.Errorf("%s of %s: %w", j.Kind, j.Library, err)
	}
	if err := json.Unmarshal(output, &o); err != nil {
		return o, fmt.Errorf("read what %s of %s found: %w", j.Kind, j.Library, err)
	}
	return o, nil
}

// killChild carries out a job in a fresh process, and kills that as soon as it has told what it found.
func killChild(ctx context.Context, j job) (outcome, error) {
	var o outcome
	self, err := os.Executable()
	if err != nil {
		return o, err
	}
	cmd := exec.CommandContext(ctx, self, childArgument)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return o, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return o, err
	}
	if err := cmd.Start(); err != nil {
		return o, fmt.Errorf("start %s of %s: %w", j.Kind, j.Library, err)
	}
	told := errors.Join(json.NewEncoder(stdin).Encode(j), json.NewDecoder(stdout).Decode(&o))
	killed := cmd.Process.Kill()
	cmd.Wait() //nolint:errcheck // it says that the process was killed
	if err := errors.Join(told, killed); err != nil {
		return o, fmt.Errorf("%s of %s: %w", j.Kind, j.Library, err)
	}
	return o, nil
}
