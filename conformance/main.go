// Command conformance puts this library behind the HTTP interface that PostHog's public SDK test harness drives.
//
//	go run . [-mode v0|v1] [-encoding gzip|deflate|br|zstd] [-port 8080] [-hosts test-harness,sdk-adapter,localhost,127.0.0.1,::1]
//
// The environment variables CAPTURE_MODE, COMPRESSION, PORT and ALLOWED_HOSTS set the same; flags win. README.md says how to run the harness against
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

	"github.com/hedgerow/posthog"
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
	mode := flags.String("mode", either(env("CAPTURE_MODE"), "v0"), "the protocol to show, v0 or v1")
	encoding := flags.String("encoding", either(env("COMPRESSION"), "gzip"), "what a test that asks for compression gets: gzip, deflate, br or zstd")
	if err := flags.Parse(args); err != nil {
		return err
	}
	protocol, ok := modes[*mode]
	if !ok {
		return fmt.Errorf("mode is %q, which is none of v0 and v1", *mode)
	}
	compression, ok := compressions[*encoding]
	if !ok || protocol == posthog.CaptureModeLegacy && compression != posthog.CompressionGzip {
		return fmt.Errorf("encoding is %q, which is none of gzip and, in mode v1, deflate, br and zstd", *encoding)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("", *port))
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	logger := slog.New(slog.NewTextHandler(log, nil))
	logger.Info("listening", "address", listener.Addr().String(), "hosts", *hosts, "mode", *mode, "encoding", *encoding)
	return serve(ctx, listener, adapter.New(adapter.Config{
		Mode:        protocol,
		Compression: compression,
		Hosts:       strings.Split(*hosts, ","),
		Logger:      logger,
	}))
}

// What the flags may say.
var (
	modes = map[string]posthog.CaptureMode{
		"v0": posthog.CaptureModeLegacy,
		"v1": posthog.CaptureModeAnalyticsV1,
	}
	compressions = map[string]posthog.CompressionMode{
		"gzip":    posthog.CompressionGzip,
		"deflate": posthog.CompressionDeflate,
		"br":      posthog.CompressionBrotli,
		"zstd":    posthog.CompressionZstd,
	}
)

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
