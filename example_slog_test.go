package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// showExceptions prints the exceptions that arrived, and some of their
// properties.
func showExceptions(server *posthogtest.Server, properties ...string) {
	for _, e := range server.Events() {
		first := e.Exceptions()[0]
		fmt.Printf("%s: %s", first.Type, first.Value)
		for _, name := range properties {
			fmt.Printf(", %s=%v", name, e.Properties[name])
		}
		fmt.Println()
	}
}

// The handler captures what is logged as an error, with all that the logger
// knows. The program's own handler stays what it was, behind it.
func ExampleNewSlogCaptureHandler() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	logger := slog.New(posthog.NewSlogCaptureHandler(slog.DiscardHandler, client))
	request := logger.With("tenant", "acme").WithGroup("http")

	request.Info("order paid", "status", 200)
	request.Error("payment failed", "status", 502, "err", fmt.Errorf("open the journal: %w", &fs.PathError{Op: "open", Path: "/data", Err: fs.ErrNotExist}))
	request.Error("disk full")

	check(client.Close())
	showExceptions(server, "tenant", "http.status", "log.message")
	// Output:
	// fs.PathError: open the journal: open /data: file does not exist, tenant=acme, http.status=502, log.message=payment failed
	// slog.Record: disk full, tenant=acme, http.status=<nil>, log.message=<nil>
}

// A handler beside others captures what they write.
func ExampleSlogCaptureHandler() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	var handler slog.Handler = posthog.NewSlogCaptureHandler(nil, client)
	handler = slog.NewMultiHandler(slog.DiscardHandler, handler)
	slog.New(handler).Error("payment failed", "err", errors.New("card declined"))

	check(client.Close())
	showExceptions(server)
	// Output:
	// errors.errorString: card declined
}

// Handlers can be called by other packages for logs.
func ExampleSlogCaptureHandler_Handle() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	handler := posthog.NewSlogCaptureHandler(nil, client)
	inner := handler.WithAttrs([]slog.Attr{slog.String("tenant", "acme")}).WithGroup("order")
	record := slog.NewRecord(time.Now(), slog.LevelError, "payment failed", 0)
	record.AddAttrs(slog.Int("id", 17))
	if ctx := context.Background(); inner.Enabled(ctx, record.Level) {
		check(inner.Handle(ctx, record))
	}

	check(client.Close())
	showExceptions(server, "tenant", "order.id")
	// Output:
	// slog.Record: payment failed, tenant=acme, order.id=17
}

// Warnings can be exceptions as well.
func ExampleWithMinCaptureLevel() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	logger := slog.New(posthog.NewSlogCaptureHandler(nil, client, posthog.WithMinCaptureLevel(slog.LevelWarn)))
	logger.Warn("payment slow")

	check(client.Close())
	showExceptions(server, "$exception_level")
	// Output:
	// slog.Record: payment slow, $exception_level=warning
}

// What is fatal is the program's to say. This one has a level of its own for
// what somebody has to look at, and nothing is fatal below 16.
func ExampleWithFatalLevel() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	const levelAlert = slog.LevelError + 4
	logger := slog.New(posthog.NewSlogCaptureHandler(nil, client, posthog.WithFatalLevel(16)))
	logger.Log(context.Background(), levelAlert, "stock is low")

	check(client.Close())
	showExceptions(server, "$exception_level")
	// Output:
	// slog.Record: stock is low, $exception_level=error
}

// Records without an error can be left to the log.
func ExampleWithRequireError() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	logger := slog.New(posthog.NewSlogCaptureHandler(nil, client, posthog.WithRequireError()))
	logger.Error("disk full")
	logger.Error("payment failed", "err", errors.New("card declined"))

	check(client.Close())
	showExceptions(server)
	// Output:
	// errors.errorString: card declined
}

// Where requests have no context, an attribute may say who is concerned.
func ExampleWithDistinctIDFn() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	logger := slog.New(posthog.NewSlogCaptureHandler(nil, client, posthog.WithDistinctIDFn(func(_ context.Context, r slog.Record) (user string) {
		r.Attrs(func(a slog.Attr) bool {
			if a.Key == "user" {
				user = a.Value.String()
			}
			return user == ""
		})
		return user
	})))
	logger.With("user", "u_42").Error("payment failed")

	check(client.Close())
	fmt.Println(server.Events()[0].DistinctID)
	// Output:
	// u_42
}

// A fingerprint makes one issue of what PostHog would take for several.
func ExampleWithFingerprintFn() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	logger := slog.New(posthog.NewSlogCaptureHandler(nil, client, posthog.WithFingerprintFn(func(_ context.Context, r slog.Record) *string {
		return posthog.Ptr("log: " + r.Message)
	})))
	for _, err := range []error{errors.New("card declined"), fs.ErrPermission} {
		logger.Error("payment failed", "err", err)
	}

	check(client.Close())
	for _, issue := range server.Issues() {
		fmt.Println(len(issue.Events), issue.Fingerprint)
	}
	// Output:
	// 2 log: payment failed
}

// What attributes must not leave the house can be told by their keys.
func ExampleWithAttrFilter() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	logger := slog.New(posthog.NewSlogCaptureHandler(nil, client, posthog.WithAttrFilter(func(_ []string, a slog.Attr) bool {
		return !strings.Contains(a.Key, "token")
	})))
	logger.Error("payment failed", "token", "s3cr3t", "order", 17)

	check(client.Close())
	showExceptions(server, "token", "order")
	// Output:
	// slog.Record: payment failed, token=<nil>, order=17
}

// Attributes can stay in the log altogether.
func ExampleWithoutAttrs() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	logger := slog.New(posthog.NewSlogCaptureHandler(nil, client, posthog.WithoutAttrs()))
	logger.Error("payment failed", "order", 17)

	check(client.Close())
	showExceptions(server, "order")
	// Output:
	// slog.Record: payment failed, order=<nil>
}

// A function can make all properties.
func ExampleWithPropertiesFn() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	logger := slog.New(posthog.NewSlogCaptureHandler(nil, client, posthog.WithPropertiesFn(func(ctx context.Context, r slog.Record) posthog.Properties {
		return posthog.SlogAttrsAsProperties(ctx, r).Set("logger", "billing")
	})))
	logger.Error("payment failed", "order", 17)

	check(client.Close())
	showExceptions(server, "order", "logger")
	// Output:
	// slog.Record: payment failed, order=17, logger=billing
}

// An option is a function, so a program may set several fields at once.
func ExampleSlogOption() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	quiet := posthog.SlogOption(func(o *posthog.SlogOptions) { o.RequireError, o.NoAttrs = true, true })
	logger := slog.New(posthog.NewSlogCaptureHandler(nil, client, quiet))
	logger.Error("payment failed", "err", errors.New("card declined"), "order", 17)

	check(client.Close())
	showExceptions(server, "order")
	// Output:
	// errors.errorString: card declined, order=<nil>
}

// The text of the exception can be another than that of the error.
func ExampleErrorExtractor() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	var extractor posthog.DescriptionExtractor = posthog.ErrorExtractor{ErrorKeys: []string{"root"}, Fallback: "no root cause"}
	logger := slog.New(posthog.NewSlogCaptureHandler(nil, client, posthog.WithDescriptionExtractor(extractor)))
	logger.Error("payment failed", "err", errors.New("charge 9 failed"), "root", errors.New("card declined"))
	logger.Error("payment failed")

	check(client.Close())
	showExceptions(server)
	// Output:
	// errors.errorString: card declined
	// slog.Record: no root cause
}

// orderTexts is an extractor of the application's own: texts say which order it
// was, and records without one are left to the log.
type orderTexts struct{ errors posthog.ErrorExtractor }

func (x orderTexts) ExtractDescription(r slog.Record) (text string) {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "order" {
			text = "order " + a.Value.String() + ": " + x.errors.ExtractDescription(r)
		}
		return text == ""
	})
	return text
}

// A description can be made of the whole record. An empty one leaves it out.
func ExampleWithDescriptionExtractor() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	extractor := orderTexts{posthog.ErrorExtractor{ErrorKeys: []string{"err"}, Fallback: "failed"}}
	logger := slog.New(posthog.NewSlogCaptureHandler(nil, client, posthog.WithDescriptionExtractor(extractor)))
	logger.Error("payment failed", "order", 17, "err", errors.New("card declined"))
	logger.Error("disk full")

	check(client.Close())
	showExceptions(server)
	// Output:
	// errors.errorString: order 17: card declined
}
