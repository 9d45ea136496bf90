package flagsync

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/hedgerow/posthog/internal/notice"
)

const (
	firstRetry = 500 * time.Millisecond // doubled with each failure until something was loaded
	backOffCap = time.Minute            // unless the interval is longer
)

// schedule decides when the next load is due. It belongs to the Loader's goroutine.
type schedule struct {
	config   *Config
	live     bool // a load has succeeded
	failures int  // since the last success
	panicked bool // the hook did, and that was reported
}

// after returns how long to wait after a load with this error.
func (s *schedule) after(err error) time.Duration {
	interval := s.interval()
	if err == nil {
		s.live, s.failures = true, 0
		return max(s.jittered(interval), MinInterval)
	}
	s.failures++
	wait := doubled(interval, s.failures, max(backOffCap, interval))
	if !s.live && !refused(err) {
		wait = doubled(firstRetry, s.failures-1, interval)
	}
	if s.config.File != "" {
		wait = interval // the disk does not mind
	}
	wait = s.jittered(wait)
	if e, ok := errors.AsType[*StatusError](err); ok {
		wait = max(wait, min(e.RetryAfter, max(maxRetryAfter, interval)))
	}
	return wait
}

// interval returns the time between two loads that succeed.
func (s *schedule) interval() time.Duration {
	interval := s.config.Interval
	if next := s.hook(); next > 0 {
		interval = next
	}
	return max(interval, MinInterval)
}

// hook asks the application for the interval.
func (s *schedule) hook() (next time.Duration) {
	if s.config.NextInterval == nil {
		return 0
	}
	defer func() {
		if value := recover(); value != nil {
			next = 0
			if !s.panicked {
				s.panicked = true
				s.config.Report(notice.Error, fmt.Sprintf("posthog: the hook for the interval of feature flag definitions panicked: %v", value))
			}
		}
	}()
	return s.config.NextInterval()
}

// jittered keeps many processes from asking in step: a tenth more or less. Looks at a file are exact.
func (s *schedule) jittered(wait time.Duration) time.Duration {
	if s.config.File != "" {
		return wait
	}
	return time.Duration(float64(wait) * (0.9 + 0.2*rand.Float64()))
}

// doubled returns wait doubled that many times, at most limit.
func doubled(wait time.Duration, times int, limit time.Duration) time.Duration {
	for range times {
		if wait >= limit {
			break
		}
		wait *= 2
	}
	return min(wait, limit)
}
