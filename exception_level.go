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
	case "", LevelFatal, LevelError, LevelWarning, LevelLog, LevelInfo, LevelDebug:
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

// levelFatal is the level of records that are fatal by default, which slog has
// no name for.
const levelFatal = slog.LevelError + 4

// levelOf returns the level of a record, of which those from fatal on are.
func levelOf(level, fatal slog.Level) Level {
	switch {
	case level >= fatal:
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
