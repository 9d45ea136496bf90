package redisflags_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/hedgerow/posthog"
	redisflags "github.com/hedgerow/posthog/contrib/redis"
)

// memberEnv makes the test binary a process of a fleet. Its value is the member, as JSON.
const memberEnv = "HEDGEROW_TEST_MEMBER"

// fleetFlag is the flag that members report, and pollInterval their interval, the shortest there is.
const (
	fleetFlag    = "color"
	pollInterval = time.Second
)

// member is a process that reports the value of a flag when its first load is over, when it changes, and for each line
// that it is sent. It ends when its input does.
type member struct {
	Secret  string // tells the server who asks
	PostHog string // the server's socket
	Redis   string // and that of Redis
}

// be carries out orders.
func (m *member) be(in io.Reader, out io.Writer) {
	rdb := redis.NewClient(&redis.Options{Network: "unix", Addr: m.Redis, MaxRetries: -1, DialerRetries: 1})
	defer rdb.Close()
	client, err := posthog.NewWithConfig(testKey, posthog.Config{
		Endpoint: "http://posthog.test",
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", m.PostHog)
		}},
		SecretKey:             m.Secret,
		StrictLocalEvaluation: true,
		FlagDefinitionCacheProvider: redisflags.NewDefinitionCache(rdb, testKey, redisflags.DefinitionCacheOptions{
			PollInterval: pollInterval,
		}),
		DefaultFeatureFlagsPollingInterval: pollInterval,
		Logger:                             quiet{},
	})
	if err != nil {
		panic(err)
	}
	report := func(occasion string) {
		value, err := client.GetFeatureFlag(posthog.FeatureFlagPayload{
			Key: fleetFlag, DistinctId: "u_42", SendFeatureFlagEvents: posthog.Ptr(false),
		})
		fmt.Fprintf(out, "%s: %v, %v\n", occasion, value, err)
	}
	if err := client.ReloadFeatureFlagsWithContext(context.Background()); err != nil { // which joins the first load
		panic(err)
	}
	client.OnFlagsChange(func(posthog.FlagsChange) { report("changed") })
	report("listening") // what was changed before may have been told to nobody
	for lines := bufio.NewScanner(in); lines.Scan(); {
		report("asked")
	}
	if err := client.Close(); err != nil {
		panic(err)
	}
}

// beMember is the program of a member.
func beMember(orders string, in io.Reader, out io.Writer) {
	var m member
	if err := json.Unmarshal([]byte(orders), &m); err != nil {
		panic(err)
	}
	m.be(in, out)
}

// quiet is a logger that says nothing.
type quiet struct{}

func (quiet) Debugf(string, ...any) {}
func (quiet) Logf(string, ...any)   {}
func (quiet) Warnf(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
