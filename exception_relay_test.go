package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
)

// embedding, narrowing, forwarding, pointing and sending are clients of an
// application around one of the library.
type embedding struct{ *posthog.ServerClient }

type narrowing struct{ posthog.Client }

type forwarding struct{ inner posthog.EnqueueClient }

func (c forwarding) Enqueue(msg posthog.Message) error { return c.inner.Enqueue(msg) }

type pointing struct{ inner *posthog.ServerClient }

func (c pointing) Enqueue(msg posthog.Message) error {
	return c.EnqueueWithContext(context.Background(), msg)
}

func (c pointing) EnqueueWithContext(ctx context.Context, msg posthog.Message) error {
	if e, ok := msg.(posthog.Exception); ok {
		e.Properties = posthog.NewProperties().Merge(e.Properties).Set("team", "payments")
		msg = &e
	}
	return c.inner.EnqueueWithContext(ctx, msg)
}

type sending struct{ inner *posthog.ServerClient }

func (c sending) Enqueue(msg posthog.Message) error {
	_, err := c.inner.Send(nil, msg) //nolint:staticcheck // the library stands it
	return err
}

// wrappers are all of these, around a client, by what they do.
func wrappers(client *posthog.ServerClient) map[string]posthog.EnqueueClient {
	return map[string]posthog.EnqueueClient{
		"one that embeds the client":        embedding{client},
		"one that embeds the interface":     narrowing{client},
		"one without a context":             forwarding{client},
		"one that adds to what it is given": pointing{client},
		"one around another":                forwarding{narrowing{client}},
		"one that waits":                    sending{client},
	}
}

// inWrappers calls test with a client of each kind, in a world of its own.
func inWrappers(t *testing.T, config posthog.Config, test func(w *world, client posthog.EnqueueClient)) {
	t.Helper()
	for name := range wrappers(nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, config, func(w *world) { test(w, wrappers(w.client)[name]) })
		})
	}
}

// Limits are those of the client that sends, whatever stands between it and what
// captures. Proves EXC-41.
func TestLimitsHoldBehindOtherClients(t *testing.T) {
	t.Parallel()
	inWrappers(t, posthog.Config{}, func(w *world, client posthog.EnqueueClient) {
		logger := slog.New(posthog.NewSlogCaptureHandler(nil, client))
		failing := posthog.NewRequestContextMiddleware(http.HandlerFunc(func(a http.ResponseWriter, _ *http.Request) {
			a.WriteHeader(http.StatusBadGateway)
		}), posthog.WithCaptureServerErrors(client))
		once := func() {
			logger.Error("payment failed", "err", fault("card declined"))
			logger.Error("disk full")
			failing.ServeHTTP(&sink{header: http.Header{}}, visit(w.T))
		}
		for range 100 {
			once()
		}
		logger.Log(w.Context(), slog.LevelError+4, "the end", "err", fault("fatal"))
		w.pass(posthog.DefaultExceptionRateLimit.Every)
		once()
		all := exceptions(w.T, w.client, w.server)
		if got := fmt.Sprint(heldBack(all)); len(all) != 3*50+1+3 || got != "[50 50 50]" {
			w.Errorf("%d exceptions arrived, and said that %s were held back, want a burst of 50 of each kind, a fatal one, and the next ones, which say 50 each", len(all), got)
		}
		if s := requireLedger(w.T, w.client); s.DroppedBy[posthog.OutcomeRateLimited] != 150 {
			w.Errorf("dropped %v, want 150 by the limit", s.DroppedBy)
		}
	})
}

// An error on its way up is one event, whatever stands between what captures and
// the client that sends. Proves EXC-42.
func TestDuplicatesAreKnownBehindOtherClients(t *testing.T) {
	t.Parallel()
	inWrappers(t, posthog.Config{}, func(w *world, client posthog.EnqueueClient) {
		logger := slog.New(posthog.NewSlogCaptureHandler(nil, client))
		charge := func(ctx context.Context, err error) {
			if err := posthog.CaptureException(ctx, client, err); err != nil {
				w.Errorf("CaptureException: %v", err)
			}
			if err := posthog.CaptureException(ctx, client, err); err != nil {
				w.Errorf("CaptureException: %v", err)
			}
			logger.ErrorContext(ctx, "payment failed", "err", err)
			logger.ErrorContext(ctx, "order failed", "err", err)
		}
		_ = caughtBy(func() {
			posthog.NewRequestContextMiddleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				err := &chargeError{17}
				charge(r.Context(), err)
				panic(err)
			}), posthog.WithCapturePanics(client)).ServeHTTP(&sink{header: http.Header{}}, visit(w.T))
		})
		all := exceptions(w.T, w.client, w.server)
		if s := requireLedger(w.T, w.client); len(all) != 1 || s.DroppedBy[posthog.OutcomeDuplicate] != 4 {
			w.Errorf("%d exceptions arrived, and %v were dropped, want 1, and 4 duplicates", len(all), s.DroppedBy)
		}
		shared := errors.New("no gateway") // of two requests, which are told apart
		for _, person := range []string{"u_1", "u_2"} {
			charge(posthog.WithFreshRequestContext(w.Context(), posthog.RequestContext{DistinctId: person}), shared)
		}
		if all = exceptions(w.T, w.client, w.server); len(all) != 3 {
			w.Errorf("%d exceptions arrived, want 2 more, one of each request", len(all))
		}
	})
}

// What is fatal is always sent, here as well.
func TestFatalDuplicatesAreSentBehindOtherClients(t *testing.T) {
	t.Parallel()
	inWrappers(t, posthog.Config{}, func(w *world, client posthog.EnqueueClient) {
		logger, err := slog.New(posthog.NewSlogCaptureHandler(nil, client)), &chargeError{17}
		logger.Error("payment failed", "err", err)
		logger.Log(w.Context(), slog.LevelError+4, "the end", "err", err)
		logger.Error("order failed", "err", err) // a duplicate
		all := exceptions(w.T, w.client, w.server)
		if len(all) != 2 {
			w.Fatalf("%d exceptions arrived, want the first, and the fatal one", len(all))
		}
		requireLogged(w.T, all[1], map[string]any{"$exception_level": "fatal"})
	})
}

// What is known to be captured is what was sent, here as well.
func TestWhatOtherClientsLoseIsNoDuplicate(t *testing.T) {
	t.Parallel()
	limit := posthog.ExceptionRateLimit{Burst: 1, Every: time.Minute}
	inWrappers(t, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{RateLimit: limit}}, func(w *world, client posthog.EnqueueClient) {
		logger := slog.New(posthog.NewSlogCaptureHandler(nil, client))
		logger.Error("payment failed", "err", &chargeError{1})
		held := &chargeError{2}
		logger.Error("payment failed", "err", held) // one too many
		captureAll(w.Context(), w.T, w.client, held)
		huge := &chargeError{3}
		if err := posthog.CaptureException(w.Context(), client, huge, posthog.WithProperties(hugeProperties)); !errors.Is(err, posthog.ErrMessageTooBig) {
			w.Errorf("CaptureException is %v, want ErrMessageTooBig", err)
		}
		captureAll(w.Context(), w.T, w.client, huge)
		w.pass(time.Minute)
		if err := posthog.CaptureRecovered(w.Context(), client, &chargeError{4}, posthog.WithProperties(hugeProperties)); !errors.Is(err, posthog.ErrMessageTooBig) {
			w.Errorf("CaptureRecovered is %v, want ErrMessageTooBig", err)
		}
		w.pass(time.Minute)
		logger.Error("payment failed", "err", &chargeError{5}, "huge", hugeProperties) // cut
		all := exceptions(w.T, w.client, w.server)
		if got := fmt.Sprint(heldBack(all)); len(all) != 4 || got != "[1]" {
			w.Errorf("%d exceptions arrived, and said that %s were held back, want 4, and 1", len(all), got)
		}
	})
}

// hugeProperties are more than an event can have.
var hugeProperties = posthog.Properties{"huge": strings.Repeat("x", posthog.DefaultMaxEventBytes)}

// Whose request it was is not lost with a context that a client does not take.
func TestTheRequestIsKnownBehindOtherClients(t *testing.T) {
	t.Parallel()
	inWrappers(t, posthog.Config{}, func(w *world, client posthog.EnqueueClient) {
		ctx := posthog.WithRequestContext(w.Context(), posthog.RequestContext{
			DistinctId: "u_7", SessionId: "s_1", Properties: posthog.Properties{"$request_path": "/pay"},
		})
		slog.New(posthog.NewSlogCaptureHandler(nil, client)).ErrorContext(ctx, "payment failed", "err", &chargeError{17})
		all := exceptions(w.T, w.client, w.server)
		if len(all) != 1 || all[0].DistinctID != "u_7" {
			w.Fatalf("got %v, want one exception of u_7", all)
		}
		requireLogged(w.T, all[0], map[string]any{"$session_id": "s_1", "$request_path": "/pay", "$process_person_profile": absent})
	})
}

// A client that says whose request it is knows better.
func TestAnotherClientMayNameTheRequest(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	renaming := patientClient{func(ctx context.Context, msg posthog.Message) {
		if err := client.EnqueueWithContext(posthog.WithRequestContext(ctx, posthog.RequestContext{DistinctId: "u_9"}), msg); err != nil {
			t.Errorf("EnqueueWithContext: %v", err)
		}
	}}
	ctx := posthog.WithRequestContext(t.Context(), posthog.RequestContext{DistinctId: "u_7", SessionId: "s_1"})
	slog.New(posthog.NewSlogCaptureHandler(nil, renaming)).ErrorContext(ctx, "payment failed")
	e := onlyCaptured(t, client, server)
	if e.DistinctID != "u_9" {
		t.Errorf("the exception is of %s, want u_9", e.DistinctID)
	}
	requireLogged(t, e, map[string]any{"$session_id": "s_1"})
}

// A client that embeds one of the library has its rules. One that embeds none,
// or is nil itself, has the defaults, and nothing panics.
func TestRulesOfAnEmbeddedClient(t *testing.T) {
	t.Parallel()
	log := new(logLines)
	client, server := open(t, posthog.Config{Logger: log, ErrorTracking: posthog.ErrorTrackingConfig{
		MaxFrames: 1, LogCaptured: true, TypeName: func(error) string { return "Named" }, RateLimit: posthog.ExceptionRateLimit{Burst: 1, Every: time.Hour},
	}})
	logger := slog.New(posthog.NewSlogCaptureHandler(nil, embedding{client}))
	logger.Error("payment failed", "err", &chargeError{17})
	logger.Error("payment failed", "err", &chargeError{18})
	e := onlyCaptured(t, client, server).Exceptions()[0]
	if e.Type != "Named" || len(e.Frames) != 1 || e.Frames[0].Function != "github.com/hedgerow/posthog_test.TestRulesOfAnEmbeddedClient" {
		t.Errorf("the exception is %+v, want one that is Named, with the line that logged alone", e)
	}
	log.requireLine(t, "captured Named: charge 17 failed")
	log.requireLine(t, "too many exceptions")
	var none *embedding
	for name, other := range map[string]posthog.EnqueueClient{
		"an inert client": embedding{new(posthog.ServerClient)}, "no client": embedding{}, "nil": none,
	} {
		if err := posthog.NewSlogCaptureHandler(nil, other).Handle(t.Context(), slog.NewRecord(time.Now(), slog.LevelError, "payment failed", 0)); err != nil {
			t.Errorf("%s: Handle returns %v, want nil", name, err)
		}
	}
}

// Native frames of an embedded client have the image that they refer to.
func TestImagesOfAnEmbeddedClient(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{NativeFrames: true}})
	slog.New(posthog.NewSlogCaptureHandler(nil, embedding{client})).Error("payment failed")
	e := onlyCaptured(t, client, server)
	images, _ := e.Properties["$debug_images"].([]any)
	native := e.Exceptions()[0].Frames[0].Platform == "native"
	if native != (len(images) == 1) || runtime.GOOS == "linux" && !native {
		t.Errorf("native frames: %v, images: %v, want an image with them, and both on Linux", native, images)
	}
}

// A client that is closed refuses, and has captured nothing, whatever stands
// before it.
func TestOtherClientsOfAClosedClient(t *testing.T) {
	t.Parallel()
	log := new(logLines)
	client, _ := open(t, posthog.Config{Logger: log, ErrorTracking: posthog.ErrorTrackingConfig{LogCaptured: true}})
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	for name, other := range wrappers(client) {
		if err := posthog.CaptureException(t.Context(), other, &chargeError{17}); !errors.Is(err, posthog.ErrClosed) {
			t.Errorf("%s: CaptureException is %v, want ErrClosed", name, err)
		}
	}
	if lines := log.having("captured"); len(lines) > 0 {
		t.Errorf("the log is %q, want nothing captured", lines)
	}
}

// An exception that an application made is not limited, and neither is one that
// it made of what was captured.
func TestWhatApplicationsMakeIsNotLimited(t *testing.T) {
	t.Parallel()
	inWorld(t, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{RateLimit: posthog.ExceptionRateLimit{Burst: 1, Manual: true}}}, func(w *world) {
		captured := 0
		client := clientFunc(func(msg posthog.Message) error {
			captured++
			e := msg.(posthog.Exception)
			return w.client.Enqueue(posthog.Exception{ExceptionList: e.ExceptionList})
		})
		for range 5 {
			slog.New(posthog.NewSlogCaptureHandler(nil, client)).Error("payment failed", "err", fault("card declined"))
			enqueue(w.T, w.client, posthog.NewException(fault("card declined")))
		}
		if all := exceptions(w.T, w.client, w.server); len(all) != 10 || captured != 5 {
			w.Errorf("%d exceptions arrived, and %d were captured, want 10 and 5", len(all), captured)
		}
	})
}
