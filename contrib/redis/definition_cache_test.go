package redisflags_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	redisflags "github.com/hedgerow/posthog/contrib/redis"
)

// document has members that no client knows.
const document = `{"flags":[{"key":"a","active":true,"filters":{"groups":[{}]}}],"cohorts":{},"minimal_flag_called_events":true,` +
	`"property_matching_version":1,"of_tomorrow":[1,{"x":2.50}]}`

func definitions(client redis.UniversalClient) *redisflags.DefinitionCache {
	return redisflags.NewDefinitionCache(client, testKey, redisflags.DefinitionCacheOptions{})
}

// leads is ShouldFetchFlagDefinitions of a cache that works.
func leads(t *testing.T, c *redisflags.DefinitionCache) bool {
	t.Helper()
	lead, err := c.ShouldFetchFlagDefinitions(t.Context())
	if err != nil {
		t.Fatalf("ShouldFetchFlagDefinitions: %v", err)
	}
	return lead
}

// stores has the cache lead and store a document.
func stores(t *testing.T, c *redisflags.DefinitionCache, document []byte) {
	t.Helper()
	if !leads(t, c) {
		t.Fatal("the cache does not lead")
	}
	if err := c.OnFlagDefinitionsReceived(t.Context(), document); err != nil {
		t.Fatalf("OnFlagDefinitionsReceived: %v", err)
	}
}

// sees fails unless the cache has the document.
func sees(t *testing.T, c *redisflags.DefinitionCache, want []byte) {
	t.Helper()
	got, err := c.GetFlagDefinitions(t.Context())
	if err != nil || !bytes.Equal(got, want) || (got == nil) != (want == nil) {
		t.Fatalf("GetFlagDefinitions returns %d bytes, %.80q, and %v, want %d bytes, %.80q", len(got), got, err, len(want), want)
	}
}

// Proves FD-11.
func TestOneProcessLeadsUntilItGivesUp(t *testing.T) {
	t.Parallel()
	client := startRedis(t).client(t)
	a, b := definitions(client), definitions(client)
	if !leads(t, a) || leads(t, b) || !leads(t, a) {
		t.Fatal("the first process does not lead, or not alone")
	}
	if err := b.YieldFlagDefinitions(t.Context()); err != nil || leads(t, b) {
		t.Fatalf("a process gave up a lead that was not its own: %v", err)
	}
	if err := a.YieldFlagDefinitions(t.Context()); err != nil || !leads(t, b) || leads(t, a) {
		t.Fatalf("the lead that was given up did not pass over: %v", err)
	}
	if err := a.Shutdown(t.Context()); err != nil || leads(t, a) {
		t.Fatalf("the end of a process that does not lead ended the lead of another: %v", err)
	}
	if err := b.Shutdown(t.Context()); err != nil || !leads(t, a) {
		t.Fatalf("the end of the leader left its lock behind: %v", err)
	}
}

func TestALockThatExpiresMakesAnotherProcessLead(t *testing.T) {
	t.Parallel()
	client := startRedis(t).client(t)
	a, b := definitions(client), definitions(client)
	stores(t, a, []byte(document))
	if err := client.Del(t.Context(), only(t, client, ":lock")).Err(); err != nil { // as time does
		t.Fatal(err)
	}
	if !leads(t, b) || leads(t, a) {
		t.Fatal("the second process does not lead alone")
	}
	stores(t, b, []byte(`{"flags":[]}`))
	if err := a.OnFlagDefinitionsReceived(t.Context(), []byte(document)); err == nil {
		t.Error("a process that lost the lead could store what it had loaded")
	}
	sees(t, a, []byte(`{"flags":[]}`))
	if err := a.YieldFlagDefinitions(t.Context()); err != nil || !leads(t, b) {
		t.Errorf("a process that lost the lead ended that of the next: %v", err)
	}
}

// Proves FD-12: what is shared is the whole document.
func TestDocumentsComeAsTheyWent(t *testing.T) {
	t.Parallel()
	client := startRedis(t).client(t)
	a, b := definitions(client), definitions(client)
	sees(t, b, nil)
	for name, text := range map[string]string{
		"with unknown members": document,
		"with space in front":  "\n " + document,
		"of 64 KiB":            padded(64 << 10),
		"of one byte more":     padded(64<<10 + 1),
		"of a megabyte":        padded(1 << 20),
		"that are none":        "\x1f\x8b is no JSON",
	} {
		stores(t, a, []byte(text))
		sees(t, a, []byte(text))
		if got, err := b.GetFlagDefinitions(t.Context()); err != nil || string(got) != text {
			t.Errorf("a document %s comes as %.80q, %v", name, got, err)
		}
		stored, err := client.HGet(t.Context(), only(t, client, ":document"), "document").Result()
		if packed := strings.HasPrefix(stored, "\x1f\x8b"); err != nil || packed != (len(text) > 64<<10 || text[0] == 0x1f) {
			t.Errorf("a document %s is stored in %d bytes for %d, %.8q, %v", name, len(stored), len(text), stored, err)
		}
	}
}

// padded is a document of that many bytes.
func padded(size int) string {
	begin, end := `{"flags":[],"padding":"`, `"}`
	return begin + strings.Repeat("x", size-len(begin)-len(end)) + end
}

func TestADocumentIsTransferredOnce(t *testing.T) {
	t.Parallel()
	s := startRedis(t)
	up, down := s.client(t), s.client(t)
	var sent, received traffic
	up.AddHook(&sent)
	down.AddHook(&received)
	a, b := definitions(up), definitions(down)
	text := padded(60 << 10)
	for range 5 {
		stores(t, a, []byte(text))
		sees(t, b, []byte(text))
	}
	// The scripts, too, are sent once, and that takes one more request.
	if limit := 2*len(text) + 8<<10; sent.bytes > limit || received.bytes > limit {
		t.Errorf("%d bytes up and %d down for a document of %d, five times, want about as many as for one time", sent.bytes, received.bytes, len(text))
	}
}

// A load takes its time, which must not count against the lead.
func TestStoringRenewsTheLead(t *testing.T) {
	t.Parallel()
	client := startRedis(t).client(t)
	c := definitions(client)
	if !leads(t, c) {
		t.Fatal("the cache does not lead")
	}
	key := only(t, client, ":lock")
	for _, occasion := range []string{"a new document", "a confirmation"} {
		if err := client.PExpire(t.Context(), key, 10*time.Second).Err(); err != nil {
			t.Fatal(err)
		}
		if err := c.OnFlagDefinitionsReceived(t.Context(), []byte(document)); err != nil {
			t.Fatal(err)
		}
		if left := client.PTTL(t.Context(), key).Val(); left < 40*time.Second {
			t.Errorf("after %s the lead lasts for %v, want 45 s", occasion, left)
		}
	}
}

// A document that has not changed is as good as a new one.
func TestConfirmationKeepsTheDocument(t *testing.T) {
	t.Parallel()
	client := startRedis(t).client(t)
	a, b := definitions(client), definitions(client)
	stores(t, a, []byte(document))
	key := only(t, client, ":document")
	if err := client.PExpire(t.Context(), key, time.Minute).Err(); err != nil {
		t.Fatal(err)
	}
	stores(t, a, []byte(document))
	if left := client.PTTL(t.Context(), key).Val(); left < 5*time.Minute {
		t.Errorf("%v are left after a confirmation, want about ten minutes", left)
	}
	if err := client.Del(t.Context(), key).Err(); err != nil {
		t.Fatal(err)
	}
	sees(t, b, nil)
	stores(t, a, []byte(document))
	sees(t, b, []byte(document))
}

func TestOptionsDecideWhenKeysExpire(t *testing.T) {
	t.Parallel()
	client := startRedis(t).client(t)
	for name, c := range map[string]struct {
		options        redisflags.DefinitionCacheOptions
		lock, document time.Duration
	}{
		"none":                     {lock: 45 * time.Second, document: 10 * time.Minute},
		"an interval":              {redisflags.DefinitionCacheOptions{PollInterval: time.Minute}, 90 * time.Second, 10 * time.Minute},
		"a long interval":          {redisflags.DefinitionCacheOptions{PollInterval: time.Hour}, 90 * time.Minute, 3 * time.Hour},
		"times of their own":       {redisflags.DefinitionCacheOptions{LockTTL: time.Minute, Expiry: time.Hour}, time.Minute, time.Hour},
		"times that are too short": {redisflags.DefinitionCacheOptions{PollInterval: time.Minute, LockTTL: time.Second, Expiry: time.Second}, 72 * time.Second, 2 * time.Minute},
		"negative times":           {redisflags.DefinitionCacheOptions{PollInterval: -1, LockTTL: -1, Expiry: -1}, 45 * time.Second, 10 * time.Minute},
	} {
		c.options.Prefix = name + ":"
		cache := redisflags.NewDefinitionCache(client, testKey, c.options)
		if !leads(t, cache) {
			t.Fatal("the cache does not lead")
		}
		if got := client.PTTL(t.Context(), only(t, client, ":lock")).Val(); got > c.lock || got < c.lock*9/10 {
			t.Errorf("with %s, the lead lasts for %v before it is used, want %v", name, got, c.lock)
		}
		stores(t, cache, []byte(document))
		for suffix, want := range map[string]time.Duration{":lock": c.lock, ":document": c.document} {
			key := only(t, client, suffix)
			if got := client.PTTL(t.Context(), key).Val(); got > want || got < want*9/10 || !strings.HasPrefix(key, name+":{") {
				t.Errorf("with %s, %s expires in %v, want %v", name, key, got, want)
			}
		}
		if err := client.FlushDB(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// Redis takes no time below a millisecond.
func TestTheShortestIntervalIsASecond(t *testing.T) {
	t.Parallel()
	client := startRedis(t).client(t)
	stores(t, redisflags.NewDefinitionCache(client, testKey, redisflags.DefinitionCacheOptions{PollInterval: 1, LockTTL: 1, Expiry: 1}), []byte(document))
	if left := client.PTTL(t.Context(), only(t, client, ":document")).Val(); left > 2*time.Second {
		t.Errorf("the document lives for %v, want 2 s", left)
	}
}

// Projects do not disturb each other, and their keys stay where they are.
func TestKeysHoldNoSecrets(t *testing.T) {
	t.Parallel()
	client := startRedis(t).client(t)
	a := definitions(client)
	same := redisflags.NewDefinitionCache(client, " "+testKey+"\n", redisflags.DefinitionCacheOptions{})
	other := redisflags.NewDefinitionCache(client, "phc_test2", redisflags.DefinitionCacheOptions{})
	if !leads(t, a) || leads(t, same) || !leads(t, other) {
		t.Fatal("projects share a lead, or one project has two")
	}
	keys, err := client.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) != 2 || strings.Contains(fmt.Sprint(keys), "phc") {
		t.Errorf("keys %q, %v, want two that do not tell the project's key", keys, err)
	}
	stores(t, a, []byte(document))
	lock := strings.TrimSuffix(only(t, client, ":document"), "document") + "lock"
	if !slices.Contains(keys, lock) || strings.Count(lock, "{") != 1 || strings.Count(lock, "}:") != 1 {
		t.Errorf("the lock of the document is %q, want one of %q, with a tag that keeps them on one node", lock, keys)
	}
}

// Proves FD-13: what is damaged is an error, and no document.
func TestADamagedDocumentIsAnError(t *testing.T) {
	t.Parallel()
	client := startRedis(t).client(t)
	a := definitions(client)
	stores(t, a, []byte(padded(1<<20)))
	key := only(t, client, ":document")
	for name, c := range map[string]struct{ sum, document, want string }{
		"with another sum":        {"12", document, "does not match"},
		"of an unknown form":      {"12", "\x02\x03", "0x2"},
		"that is empty":           {"12", "", "empty"},
		"that is cut off":         {"12", client.HGet(t.Context(), key, "document").Val()[:100], "decompress"},
		"with a broken beginning": {"12", "\x1f\x8b\x00", "decompress"},
	} {
		if err := client.HSet(t.Context(), key, "sum", c.sum, "document", c.document).Err(); err != nil {
			t.Fatal(err)
		}
		got, err := a.GetFlagDefinitions(t.Context())
		if err == nil || got != nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), key) {
			t.Errorf("a document %s: %.80q and %v, want an error with %q and the key", name, got, err, c.want)
		}
	}
	stores(t, a, []byte(document))
	sees(t, a, []byte(document))
	if err := errors.Join(client.Del(t.Context(), key).Err(), client.Set(t.Context(), key, "{}", 0).Err()); err != nil {
		t.Fatal(err)
	}
	if got, err := a.GetFlagDefinitions(t.Context()); err == nil {
		t.Errorf("a key of another type is %q, want an error", got)
	}
}

// every calls every method of a cache.
func every(ctx context.Context, c *redisflags.DefinitionCache) map[string]error {
	_, should := c.ShouldFetchFlagDefinitions(ctx)
	_, get := c.GetFlagDefinitions(ctx)
	return map[string]error{
		"ShouldFetchFlagDefinitions": should,
		"GetFlagDefinitions":         get,
		"OnFlagDefinitionsReceived":  c.OnFlagDefinitionsReceived(ctx, []byte(document)),
		"YieldFlagDefinitions":       c.YieldFlagDefinitions(ctx),
		"Shutdown":                   c.Shutdown(ctx),
	}
}

// Proves FD-13, FD-14.
func TestARedisThatIsDownIsAnErrorUntilItIsBack(t *testing.T) {
	t.Parallel()
	s := startRedis(t)
	c := definitions(s.client(t))
	stores(t, c, []byte(document))
	s.stop()
	for name, err := range every(t.Context(), c) {
		if err == nil {
			t.Errorf("%s has no error without Redis", name)
		}
	}
	s.start(t)
	sees(t, c, nil)
	stores(t, c, []byte(document)) // with the scripts, which are gone as well
	sees(t, c, []byte(document))
}

func TestErrorsDoNotTellThePassword(t *testing.T) {
	t.Parallel()
	s := startRedis(t, "--requirepass", "correct-horse")
	for _, client := range []redis.UniversalClient{
		redis.NewClient(&redis.Options{Network: "unix", Addr: s.socket, Username: "u", Password: "hunter2"}),
		redis.NewClient(&redis.Options{Network: "unix", Addr: s.socket + "x", Username: "u", Password: "hunter2", MaxRetries: -1, DialerRetries: 1}),
	} {
		for name, err := range every(t.Context(), definitions(client)) {
			if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "posthog:definitions:{") {
				t.Errorf("%s with a wrong password: %v, want an error that names the key alone", name, err)
			}
		}
		_ = client.Close()
	}
}

func TestNoClientIsAnError(t *testing.T) {
	t.Parallel()
	for name, err := range every(t.Context(), definitions(nil)) {
		if err == nil {
			t.Errorf("%s has no error without a client", name)
		}
	}
}

// A client that ignores contexts holds up nobody, and calls do not pile up.
func TestCallsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	client := startRedis(t).client(t)
	ctx, cancel := context.WithCancel(t.Context())
	var begun atomic.Int64
	closed := &gate{open: make(chan struct{}), knock: func() {
		begun.Add(1)
		cancel()
	}}
	client.AddHook(closed)
	c := definitions(client)
	if _, err := c.ShouldFetchFlagDefinitions(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a call whose context is canceled has the error %v", err)
	}
	soon, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	for name, err := range every(soon, c) {
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s during a call that hangs has the error %v", name, err)
		}
	}
	if got := begun.Load(); got != 1 {
		t.Errorf("%d calls were begun during a call that hangs, want none but that", got-1)
	}
	close(closed.open)
	if err := c.Shutdown(t.Context()); err != nil { // after the call that was given up
		t.Errorf("Shutdown: %v", err)
	}
	if left, err := client.Keys(t.Context(), "*").Result(); err != nil || len(left) != 0 {
		t.Errorf("%q are left after Shutdown, %v, want no lock", left, err)
	}
}
