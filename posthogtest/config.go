package posthogtest

import (
	"fmt"
	"io"
	"time"

	"github.com/hedgerow/posthog/flags"
)

// Config adjusts a server. The zero value is PostHog's cloud: production
// limits, the system clock, everything kept. A Config is read once, when the
// server starts.
type Config struct {
	// Now is the server's clock. Default time.Now, which is virtual inside a
	// testing/synctest bubble. It is called from many goroutines at once. Set
	// it to see what a client with a wrong clock would store.
	Now func() time.Time

	// Limits are the size limits. Zero fields mean production's.
	Limits Limits

	// Brotli undoes Content-Encoding: br on [RouteAnalytics]. The standard
	// library has no such decoder; with github.com/andybalholm/brotli it is
	//
	//	func(r io.Reader) io.Reader { return brotli.NewReader(r) }
	//
	// Default nil: such a request is answered with 415, unlike in production.
	// It is called from many goroutines at once.
	Brotli func(compressed io.Reader) io.Reader

	// Keep bounds memory for long-running programs: at most this many events,
	// this many requests of each kind and this many warnings are shown, the
	// newest, and fewer than twice as many are held. Uuids, persons and groups go with
	// their events: warnings that compare an event with earlier ones are then
	// given as if the forgotten had never come. Default 0: all of them, as a
	// test wants.
	Keep int

	// FlagOptions is how flags are evaluated: the time zone of the project, and
	// what runs the regular expressions that Go's package cannot. Default: UTC
	// and nothing.
	FlagOptions flags.Options

	// SecretKeys are accepted for definitions and remote configurations, project
	// keys (phs_) as well as personal ones (phx_). Default nil: any that begins
	// so.
	SecretKeys []string

	// Geo returns what is known of an IP address as properties of the person,
	// such as $geoip_country_code, unless a request for flags declines. What the
	// request says of the person goes first. Default nil: nothing is known. It
	// is called from many goroutines at once.
	Geo func(ip string) map[string]any
}

// Limits are sizes in bytes. Lower them to meet a 413 with a small body. Each
// goes up to 512 MiB; a larger number counts as that.
type Limits struct {
	// BatchBody bounds a request body on /batch and /i/v0/ai/batch, as
	// received. Default 20 MiB.
	BatchBody int64
	// EventBody bounds a request body on the paths for single events, as
	// received. Default 2 MiB.
	EventBody int64
	// Decompressed bounds a body on all of these after decompression. Default
	// 100 MiB.
	Decompressed int64
	// AnalyticsBody bounds a request body on /i/v1/analytics/events, as
	// received. Default 10 MiB.
	AnalyticsBody int64
	// AnalyticsDecompressed bounds such a body after decompression. Default 50
	// MiB.
	AnalyticsDecompressed int64
	// Event bounds the JSON of one event, the AI route's apart. Default
	// 1,000,000.
	Event int64
	// AIEvent bounds the JSON of one event on /i/v0/ai/batch. Default 8 MiB.
	AIEvent int64
}

const (
	defaultBatchBody    = 20 << 20
	defaultEventBody    = 2 << 20
	defaultDecompressed = 5 * defaultBatchBody
	defaultEvent        = 1_000_000

	defaultAnalyticsBody         = 10 << 20
	defaultAnalyticsDecompressed = 50 << 20
	defaultAIEvent               = 8 << 20

	// maxLimit leaves room to double a buffer where int has 32 bits.
	maxLimit = 512 << 20
)

// complete returns the configuration with every default filled in.
func (c Config) complete() (Config, error) {
	if c.Keep < 0 {
		return Config{}, fmt.Errorf("posthogtest: Keep is %d, want 0 or more", c.Keep)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	for _, limit := range []struct {
		name  string
		value *int64
		std   int64
	}{
		{"BatchBody", &c.Limits.BatchBody, defaultBatchBody},
		{"EventBody", &c.Limits.EventBody, defaultEventBody},
		{"Decompressed", &c.Limits.Decompressed, defaultDecompressed},
		{"AnalyticsBody", &c.Limits.AnalyticsBody, defaultAnalyticsBody},
		{"AnalyticsDecompressed", &c.Limits.AnalyticsDecompressed, defaultAnalyticsDecompressed},
		{"Event", &c.Limits.Event, defaultEvent},
		{"AIEvent", &c.Limits.AIEvent, defaultAIEvent},
	} {
		if *limit.value < 0 {
			return Config{}, fmt.Errorf("posthogtest: Limits.%s is %d, want 0 or more", limit.name, *limit.value)
		}
		if *limit.value == 0 {
			*limit.value = limit.std
		}
		*limit.value = min(*limit.value, maxLimit)
	}
	return c, nil
}
