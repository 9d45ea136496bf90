package redisflags_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	redisflags "github.com/hedgerow/posthog/contrib/redis"
)

func TestEntriesLiveAsLongAsTheyMay(t *testing.T) {
	t.Parallel()
	client := startRedis(t).client(t)
	for name, c := range map[string]struct{ most, asked, want time.Duration }{
		"what the client asks for":                 {asked: time.Hour, want: time.Hour},
		"the cache's own time, if that is shorter": {time.Minute, time.Hour, time.Minute},
		"the client's, if that is shorter":         {time.Hour, time.Minute, time.Minute},
		"the client's, if the other is negative":   {-1, time.Minute, time.Minute},
	} {
		cache := redisflags.NewFallbackCache(client, redisflags.FallbackCacheOptions{Prefix: name + ":", TTL: c.most})
		if _, found, err := cache.Get(t.Context(), "k"); found || err != nil {
			t.Fatalf("there is an entry before the first: %v", err)
		}
		if err := cache.Set(t.Context(), "k", []byte("a\x00\xff"), c.asked); err != nil {
			t.Fatal(err)
		}
		if entry, found, err := cache.Get(t.Context(), "k"); string(entry) != "a\x00\xff" || !found || err != nil {
			t.Errorf("the entry is %q, %t, %v", entry, found, err)
		}
		if left := client.PTTL(t.Context(), name+":k").Val(); left > c.want || left < c.want*9/10 {
			t.Errorf("an entry lives for %v, want %s: %v", left, name, c.want)
		}
	}
}

// Without a time, Redis would keep an entry for ever.
func TestEntriesWithoutATimeAreNotKept(t *testing.T) {
	t.Parallel()
	client := startRedis(t).client(t)
	cache := redisflags.NewFallbackCache(client, redisflags.FallbackCacheOptions{})
	for key, ttl := range map[string]time.Duration{"zero": 0, "negative": -1, "one nanosecond": 1} {
		if err := cache.Set(t.Context(), key, []byte("x"), ttl); err != nil {
			t.Errorf("Set for %s: %v", key, err)
		}
		if left := client.PTTL(t.Context(), redisflags.DefaultFallbackPrefix+key).Val(); left > time.Millisecond || left == -1 {
			t.Errorf("an entry for %s is left for %v", key, left)
		}
	}
}

func TestFallbackCallsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	client := startRedis(t).client(t)
	ctx, cancel := context.WithCancel(t.Context())
	closed := &gate{knock: cancel, open: make(chan struct{})}
	client.AddHook(closed)
	cache := redisflags.NewFallbackCache(client, redisflags.FallbackCacheOptions{})
	if _, found, err := cache.Get(ctx, "k"); found || !errors.Is(err, context.Canceled) {
		t.Errorf("Get with a context that is canceled: %t, %v", found, err)
	}
	if err := cache.Set(ctx, "k", nil, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("Set with a context that is canceled: %v", err)
	}
	close(closed.open)
	if _, found, err := cache.Get(t.Context(), "k"); found || err != nil {
		t.Errorf("Get of a client that works again: %t, %v", found, err)
	}
}

func TestFallbackOfARedisThatIsDownIsAnError(t *testing.T) {
	t.Parallel()
	s := startRedis(t)
	cache := redisflags.NewFallbackCache(s.client(t), redisflags.FallbackCacheOptions{})
	s.stop()
	if _, found, err := cache.Get(t.Context(), "k"); found || err == nil || !strings.Contains(err.Error(), "posthog:fallback:k") {
		t.Errorf("Get: %t, %v, want an error that names the key", found, err)
	}
	if err := cache.Set(t.Context(), "k", nil, time.Hour); err == nil {
		t.Error("Set has no error")
	}
	s.start(t)
	if err := cache.Set(t.Context(), "k", nil, time.Hour); err != nil {
		t.Errorf("Set, when Redis is back: %v", err)
	}
}

func TestFallbackFromURLHasAClientOfItsOwn(t *testing.T) {
	t.Parallel()
	s := startRedis(t, "--requirepass", "correct-horse")
	cache, err := redisflags.FallbackFromURL("unix://:correct-horse@" + s.socket + "?db=3&ttl=60")
	if err != nil {
		t.Fatal(err)
	}
	if err := cache.Set(t.Context(), "k", []byte("x"), time.Hour); err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: s.socket, Password: "correct-horse", DB: 3})
	defer client.Close()
	if left := client.PTTL(t.Context(), "posthog:fallback:k").Val(); left <= 0 || left > time.Minute {
		t.Errorf("the entry lives for %v in database 3, want a minute", left)
	}
	if err := errors.Join(cache.Close(), cache.Close()); err != nil {
		t.Errorf("Close: %v", err)
	}
	if _, _, err := cache.Get(t.Context(), "k"); !errors.Is(err, redis.ErrClosed) {
		t.Errorf("Get after Close: %v", err)
	}
	if err := redisflags.NewFallbackCache(client, redisflags.FallbackCacheOptions{}).Close(); err != nil || client.Ping(t.Context()).Err() != nil {
		t.Errorf("Close closed the client of somebody else, %v", err)
	}
}

// A Redis client that hangs takes a bounded number of goroutines.
func TestCallsThatWereGivenUpDoNotPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, err := redisflags.FallbackFromURL("unix:///nowhere")
		if err != nil {
			t.Fatal(err)
		}
		var begun atomic.Int64
		closed := &gate{knock: func() { begun.Add(1) }, open: make(chan struct{})}
		cache.Client().AddHook(closed)
		for range 100 {
			ctx, cancel := context.WithTimeout(t.Context(), 250*time.Millisecond)
			if _, _, err := cache.Get(ctx, "k"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Get with a deadline: %v", err)
			}
			cancel()
		}
		if got := begun.Load(); got != 64 {
			t.Errorf("%d of 100 calls were begun, want 64", got)
		}
		close(closed.open)
		if err := cache.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

func TestCloseWaitsForCallsThatWereGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, err := redisflags.FallbackFromURL("unix:///nowhere")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		closed := &gate{knock: cancel, open: make(chan struct{})}
		cache.Client().AddHook(closed)
		if _, _, err := cache.Get(ctx, "k"); !errors.Is(err, context.Canceled) {
			t.Fatalf("Get with a context that is canceled: %v", err)
		}
		ended := make(chan error, 1) // sent to once
		go func() { ended <- cache.Close() }()
		synctest.Wait()
		select {
		case err := <-ended:
			t.Errorf("Close does not wait for a call that is running, %v", err)
		default:
		}
		close(closed.open)
		synctest.Wait()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Close: %v", err)
			}
		default:
			t.Error("Close waits for nothing")
		}
	})
}

func TestFallbackURLs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		address  string
		database int
		ttl      time.Duration
	}{
		"redis://":            {"localhost:6379", 0, 0},
		"redis://example.com": {"example.com:6379", 0, 0},
		"redis://u:hunter2@example.com:1/2?ttl=300":         {"example.com:1", 2, 5 * time.Minute},
		"redis://u:p%2Fw@example.com/?ttl=1&read_timeout=2": {"example.com:6379", 0, time.Second},
		"rediss://example.com/1":                            {"example.com:6379", 1, 0},
		"unix:///run/redis?db=7":                            {"/run/redis", 7, 0},
	} {
		options, ttl, err := redisflags.ParseFallbackURL(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if options.Addr != want.address || options.DB != want.database || ttl != want.ttl || (options.TLSConfig != nil) != strings.HasPrefix(text, "rediss:") {
			t.Errorf("%s means %s, database %d, ttl %v, want %+v", text, options.Addr, options.DB, ttl, want)
		}
	}
	const shape, scheme, seconds, settings = "no URL such as", "must begin with", "number of seconds", "a parameter"
	for text, want := range map[string]string{
		"":                                                 scheme,
		"hunter2":                                          scheme,
		"http://hunter2@example.com":                       scheme,
		"memory://local/?ttl=300":                          scheme,
		"redis:hunter2":                                    shape,
		"redis://u:hunter2/x@example.com":                  shape,
		"redis://u:hunter2%zz@example.com":                 shape,
		"redis://u:hunter2@example.com?ttl=%zz":            shape,
		"redis://:12/hunter2@example.com":                  settings,
		"redis://:12?hunter2@example.com":                  settings,
		"redis://u:hunter2@example.com/x":                  settings,
		"redis://u:hunter2@example.com/?size=3":            settings,
		"redis://u:hunter2@example.com/?pool_size=hunter2": settings,
		"unix://u:hunter2@":                                settings,
		"redis://u:hunter2@example.com/?ttl=":              seconds,
		"redis://u:hunter2@example.com/?ttl=0":             seconds,
		"redis://u:hunter2@example.com/?ttl=hunter2":       seconds,
		"redis://u:hunter2@example.com/?ttl=9999999999":    seconds,
	} {
		cache, err := redisflags.FallbackFromURL(text)
		if err == nil || cache != nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v, want an error that says %q and not the password", text, err, want)
		}
	}
}

func FuzzFallbackURL(f *testing.F) {
	for _, seed := range []string{"", "redis://u:p@example.com:1/2?ttl=300", "unix:///run/redis?db=7", "redis://%zz", "redis:x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		options, ttl, err := redisflags.ParseFallbackURL(text)
		if (options == nil) == (err == nil) || ttl < 0 {
			t.Errorf("%q means %v, %v and %v", text, options, ttl, err)
		}
	})
}
