package posthog

import (
	"context"
	"fmt"
	"log"
	"log/slog"

	"github.com/hedgerow/posthog/internal/notice"
)

// Logger receives what the client has to say. Its methods may be called from
// several goroutines at once, those that deliver events among them: they
// should return quickly, and must not call Flush or Close. [SlogLogger] and [StdLogger] make one from the
// loggers of the standard library.
type Logger interface {
	// Debugf receives details, if [Config.Verbose] is set.
	Debugf(format string, args ...interface{})
	// Logf receives information.
	Logf(format string, args ...interface{})
	// Warnf receives conditions that may lose events if they last.
	Warnf(format string, args ...interface{})
	// Errorf receives the loss of events.
	Errorf(format string, args ...interface{})
}

// SlogLogger returns a Logger that writes to logger, or to whatever
// slog.Default is at that moment if logger is nil.
func SlogLogger(logger *slog.Logger) Logger { return slogLogger{logger, slog.LevelDebug} }

// slogLogger writes messages from level least on to logger, or to whatever
// slog.Default is at that moment if logger is nil.
type slogLogger struct {
	logger *slog.Logger
	least  slog.Level
}

func (l slogLogger) write(level slog.Level, format string, args []interface{}) {
	logger := l.logger
	if logger == nil {
		logger = slog.Default()
	}
	if level >= l.least && logger.Enabled(inOwnLine, level) {
		logger.Log(inOwnLine, level, fmt.Sprintf(format, args...))
	}
}

// inOwnLine is the context of what the client has to say, by which a
// [SlogCaptureHandler] knows that it is no error of the application.
var inOwnLine = context.WithValue(context.Background(), ownLineKey{}, true)

type ownLineKey struct{}

// ownLine reports whether ctx is that of what a client has to say.
func ownLine(ctx context.Context) bool { return ctx != nil && ctx.Value(ownLineKey{}) != nil }

func (l slogLogger) Debugf(format string, args ...interface{}) {
	l.write(slog.LevelDebug, format, args)
}

func (l slogLogger) Logf(format string, args ...interface{}) {
	l.write(slog.LevelInfo, format, args)
}

func (l slogLogger) Warnf(format string, args ...interface{}) {
	l.write(slog.LevelWarn, format, args)
}

func (l slogLogger) Errorf(format string, args ...interface{}) {
	l.write(slog.LevelError, format, args)
}

// StdLogger returns a Logger that writes to logger, with debug messages only
// if verbose is set. A nil logger writes nothing.
func StdLogger(logger *log.Logger, verbose bool) Logger { return stdLogger{logger, verbose} }

type stdLogger struct {
	logger  *log.Logger
	verbose bool
}

func (l stdLogger) Debugf(format string, args ...interface{}) {
	if l.verbose {
		l.logger.Printf("DEBUG: "+format, args...)
	}
}
func (l stdLogger) Logf(format string, args ...interface{}) {
	l.logger.Printf("INFO: "+format, args...)
}
func (l stdLogger) Warnf(format string, args ...interface{}) {
	l.logger.Printf("WARN: "+format, args...)
}
func (l stdLogger) Errorf(format string, args ...interface{}) {
	l.logger.Printf("ERROR: "+format, args...)
}

// board returns the notices that go to logger.
func board(logger Logger, verbose bool) *notice.Board {
	return notice.New(verbose, func(level notice.Level, text string) { tell(logger, level, text) })
}

// tell writes a line to a logger. One that panics loses the line. A
// [SlogCaptureHandler] looks for it on the stack, because the application's
// logger may end there without a context that says so.
//
//go:noinline
func tell(logger Logger, level notice.Level, text string) {
	defer func() { _ = recover() }()
	switch level {
	case notice.Debug:
		logger.Debugf("%s", text)
	case notice.Info:
		logger.Logf("%s", text)
	case notice.Warn:
		logger.Warnf("%s", text)
	default:
		logger.Errorf("%s", text)
	}
}
