//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// The first argument of a process that this program starts of itself.
const (
	appendArgument = "append-child" // carries out one job
	hammerArgument = "hammer-child" // keeps the disk busy; the folder is its second argument
)

// dispatch carries out the work of a process that this program started of itself, and reports whether it was one.
func dispatch(args []string) (status int, was bool) {
	var found any
	var err error
	switch {
	case len(args) == 1 && args[0] == appendArgument:
		var j job
		if err = json.NewDecoder(os.Stdin).Decode(&j); err == nil {
			found, err = j.run(context.Background())
		}
	case len(args) == 2 && args[0] == hammerArgument:
		found, err = hammer(args[1], os.Stdin, os.Stdout)
	default:
		return 0, false
	}
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(found)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1, true
	}
	return 0, true
}

// runChild carries out a job in a fresh process, and decodes what it found.
func runChild[T any](ctx context.Context, argument string, order any) (found T, err error) {
	self, err := os.Executable()
	if err != nil {
		return found, err
	}
	input, err := json.Marshal(order)
	if err != nil {
		return found, err
	}
	cmd := exec.CommandContext(ctx, self, argument)
	cmd.Stdin = bytes.NewReader(input)
	cmd.Stderr = os.Stderr
	output, err := cmd.Output()
	if err != nil {
		return found, err
	}
	err = json.Unmarshal(output, &found)
	return found, err
}

// hammerProcess is a process that keeps the disk busy.
type hammerProcess struct {
	cmd   *exec.Cmd
	stdin io.Closer
	out   *bufio.Reader
}

// startHammer starts one, and returns when its first file is synced. The caller stops it.
func startHammer(ctx context.Context, dir string) (*hammerProcess, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, hammerArgument, dir)
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
		return nil, err
	}
	h := &hammerProcess{cmd, stdin, bufio.NewReader(stdout)}
	if _, err := h.out.ReadString('\n'); err != nil {
		_, stopped := h.stop()
		return nil, errors.Join(fmt.Errorf("start to hammer: %w", err), stopped)
	}
	return h, nil
}

// stop ends the process and says what it did.
func (h *hammerProcess) stop() (blows, error) {
	var found blows
	err := h.stdin.Close()
	err = errors.Join(err, json.NewDecoder(h.out).Decode(&found), h.cmd.Wait())
	if err == nil && found.Exhausted {
		err = errors.New("the disk was not busy to the end, because as much was written as may be: use a shorter time")
	}
	return found, err
}
