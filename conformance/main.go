// Command conformance puts this library behind the HTTP interface that PostHog's public SDK test harness drives.
//
//	go run . [-port 8080] [-hosts test-harness,sdk-adapter,localhost,127.0.0.1,::1]
//
// The environment variables PORT and ALLOWED_HOSTS set the same; flags win. README.md says how to run the harness against
// it. Everything the program does is in package adapter; this file owns the process: the port, the signals and the log.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/hedgerow/posthog/conformance/adapter"
)

// grace is how long requests that are being answered may take to finish once the program was told to end.
const grace = 5 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

// run carries out the command line until ctx ends.
func run(ctx context.Context, args []string, env func(string) string, log io.Writer) error {
	flags := flag.NewFlagSet("conformance", flag.ContinueOnError)
	flags.SetOutput(log)
	port := flags.String("port", either(env("PORT"), "8080"), "the TCP port to listen on")
	hosts := flags.String("hosts", either(env("ALLOWED_HOSTS"), strings.Join(adapter.DefaultHosts(), ",")),
		"the hosts that a test may send events to, without port, separated by commas")
	if err := flags.Parse(args); err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("", *port))
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	logger := slog.New(slog.NewTextHandler(log, nil))
	logger.Info("listening", "address", listener.Addr().String(), "hosts", *hosts)
	return serve(ctx, listener, adapter.New(adapter.Config{Hosts: strings.Split(*hosts, ","), Logger: logger}))
}

// serve answers requests until ctx ends. It takes over the listener and the adapter, and returns when both are closed.
func serve(ctx context.Context, listener net.Listener, a *adapter.Adapter) error {
	server := &http.Server{
		Handler:           a,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      2 * time.Minute, // a flush may wait for retries
		IdleTimeout:       2 * time.Minute,
	}
	ended := make(chan error, 1) // sent once, by the goroutine below
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		a.Close()
		return err
	case <-ctx.Done():
	}
	a.Close() // first, for a flush that waits returns then
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := server.Shutdown(limit)
	if err != nil {
		err = errors.Join(err, server.Close())
	}
	if end := <-ended; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	return err
}

// either returns value, or otherwise if it is empty.
func either(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
