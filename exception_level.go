package posthog

import (
	"log/slog"
	"strings"
)

// Level says how serious an exception is.
type Level string

// The levels that PostHog knows.
const (
	LevelFatal   Level = "fatal"
	LevelError   Level = "error"
	LevelWarning Level = "warning"
	LevelLog     Level = "log"
	LevelInfo    Level = "info"
	LevelDebug   Level = "debug"
)

// known returns the level in PostHog's words, or nothing for one that is none.
func (l Level) known() Level {
	switch l {
	case LevelFatal, LevelError, LevelWarning, LevelLog, LevelInfo, LevelDebug:
		return l
	}
	switch strings.ToLower(strings.TrimSpace(string(l))) {
	case "fatal", "critical", "alert", "emergency", "panic":
		return LevelFatal
	case "error":
		return LevelError
	case "warning", "warn":
		return LevelWarning
	case "log":
		return LevelLog
	case "info", "notice":
		return LevelInfo
	case "debug", "trace":
		return LevelDebug
	}
	return ""
}

// levelFatal is the level of records that are fatal, which slog has no name
// for.
const levelFatal = slog.LevelError + 4

// levelOf returns the level of a record.
func levelOf(level slog.Level) Level {
	switch {
	case level >= levelFatal:
		return LevelFatal
	case level >= slog.LevelError:
		return LevelError
	case level >= slog.LevelWarn:
		return LevelWarning
	case level >= slog.LevelInfo:
		return LevelInfo
	}
	return LevelDebug
}
