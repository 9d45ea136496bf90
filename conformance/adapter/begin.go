package adapter

import (
	"fmt"
	"net/http"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/contrib/brotli"
)

// What a test gets that does not say, as the contract of the harness has it. These are not the library's defaults: the
// time limits of the tests were chosen with them in mind.
const (
	defaultKey     = "phc_test_key"
	defaultFlushAt = 100
	defaultLinger  = 500 * time.Millisecond
	defaultRetries = 3
)

// The largest values a test may ask for.
const (
	maxFlushAt = 10_000
	maxLinger  = time.Hour
)

// settings is the body of /init. The harness leaves out what a test does not set.
type settings struct {
	Key         *string `json:"api_key"`
	Host        string  `json:"host"`
	FlushAt     int     `json:"flush_at"`          // 0 means the default
	Linger      int64   `json:"flush_interval_ms"` // 0 means the default
	Retries     *int    `json:"max_retries"`
	Compression bool    `json:"enable_compression"`
	NoGeoIP     bool    `json:"disable_geoip"`
	Historical  bool    `json:"historical_migration"`
}

// config returns the library's configuration for the settings, and the key.
func (a *Adapter) config(s settings) (key string, config posthog.Config, err error) {
	key, flushAt, linger, retries := defaultKey, defaultFlushAt, defaultLinger, defaultRetries
	if s.Key != nil {
		key = *s.Key
	}
	if s.FlushAt != 0 {
		flushAt = s.FlushAt
	}
	if flushAt < 1 || flushAt > maxFlushAt {
		return "", posthog.Config{}, fmt.Errorf("flush_at is %d; it must be from 1 to %d", s.FlushAt, maxFlushAt)
	}
	if s.Linger < 0 || s.Linger > maxLinger.Milliseconds() {
		return "", posthog.Config{}, fmt.Errorf("flush_interval_ms is %d; it must be from 0 to %d", s.Linger, maxLinger.Milliseconds())
	}
	if s.Linger != 0 {
		linger = time.Duration(s.Linger) * time.Millisecond
	}
	if s.Retries != nil {
		retries = *s.Retries // the library judges it
	}
	compression := posthog.CompressionNone
	if s.Compression {
		compression = a.packing
	}
	return key, posthog.Config{
		Endpoint:            s.Host,
		FlushAt:             flushAt,
		BatchSize:           max(flushAt, posthog.DefaultBatchSize),
		Interval:            linger,
		MaxRetries:          &retries,
		CaptureMode:         a.mode,
		Compression:         compression,
		NewCodec:            brotli.NewCodec,
		DisableGeoIP:        &s.NoGeoIP,
		HistoricalMigration: s.Historical,
	}, nil
}

// begin gives a test its client. A client that the test has already is reset first.
func (a *Adapter) begin(w http.ResponseWriter, r *http.Request) {
	var call settings
	if !read(w, r, &call) {
		return
	}
	if err := a.hosts.check(call.Host); err != nil {
		refuse(w, http.StatusForbidden, err.Error())
		return
	}
	key, config, err := a.config(call)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	id := testOf(r)
	config.Logger = a.logger
	s, err := start(key, config, &tap{test: id, hosts: a.hosts, next: a.network})
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	old, err := a.sessions.put(id, s)
	for _, s := range old {
		s.stop()
	}
	if err != nil {
		s.stop()
		refuse(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	reply(w, success{Success: true})
}
