package posthog_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hedgerow/posthog"
)

// The application's functions decide what they are asked for.
func TestFunctionsOfTheApplicationDecide(t *testing.T) {
	t.Parallel()
	logger, client, server := logTo(t, posthog.Config{},
		posthog.WithDistinctIDFn(func(_ context.Context, r slog.Record) string { return attrOf(r, "user") }),
		posthog.WithFingerprintFn(func(_ context.Context, r slog.Record) *string { return posthog.Ptr(r.Message) }),
		posthog.WithPropertiesFn(func(_ context.Context, r slog.Record) posthog.Properties {
			return posthog.Properties{"users": attrOf(r, "user"), "g": attrOf(r, "g")}
		}),
		posthog.WithDescriptionExtractor(descriptionFunc(func(r slog.Record) string { return attrOf(r, "user") + " saw " + r.Message })),
	)
	logger.With("user", "u_7").WithGroup("g").With("a", 1).ErrorContext(
		posthog.WithRequestContext(t.Context(), posthog.RequestContext{DistinctId: "u_1"}), "it", "err", &cardDeclined{1})
	e := onlyCaptured(t, client, server)
	if e.DistinctID != "u_7" {
		t.Errorf("the exception is of %s, want u_7", e.DistinctID)
	}
	requireLogged(t, e, map[string]any{
		"$exception_fingerprint": "it", "$exception_message": "u_7 saw it", "$exception_type": "posthog_test.cardDeclined",
		"users": "u_7", "g": "[a=1 err=card declined]", "user": absent, "g.a": absent, "log.message": "it",
	})
}

// attrOf returns the attribute of a record as a text.
func attrOf(r slog.Record, key string) (text string) {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == key {
			text = a.Value.String()
		}
		return true
	})
	return text
}

type descriptionFunc func(slog.Record) string

func (f descriptionFunc) ExtractDescription(r slog.Record) string { return f(r) }

// The application's functions may return nothing, and panic. Neither costs the
// exception, nor makes them see another's record.
func TestFunctionsOfTheApplicationThatReturnNothing(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]posthog.SlogOption{
		"nil": {
			posthog.WithDistinctIDFn(nil), posthog.WithFingerprintFn(nil), posthog.WithPropertiesFn(nil), posthog.WithAttrFilter(nil),
			posthog.WithDescriptionExtractor(nil), posthog.WithStackTraceExtractor(nil), posthog.WithSkip(-1), nil,
		},
		"nothing": {
			posthog.WithDistinctIDFn(func(context.Context, slog.Record) string { return "" }),
			posthog.WithFingerprintFn(func(context.Context, slog.Record) *string { return nil }),
			posthog.WithPropertiesFn(func(context.Context, slog.Record) posthog.Properties { return nil }),
			posthog.WithStackTraceExtractor(extractorFunc(func(int) *posthog.ExceptionStacktrace { return nil })),
		},
		"blanks": {
			posthog.WithDistinctIDFn(func(context.Context, slog.Record) string { return " " }),
			posthog.WithFingerprintFn(func(context.Context, slog.Record) *string { return posthog.Ptr(" ") }),
			posthog.WithAttrFilter(func([]string, slog.Attr) bool { return false }),
		},
		"panics": {
			posthog.WithDistinctIDFn(func(context.Context, slog.Record) string { panic("DistinctID") }),
			posthog.WithFingerprintFn(func(context.Context, slog.Record) *string { panic("Fingerprint") }),
			posthog.WithPropertiesFn(func(context.Context, slog.Record) posthog.Properties { panic("Properties") }),
			posthog.WithDescriptionExtractor(descriptionFunc(func(slog.Record) string { panic("ExtractDescription") })),
			posthog.WithStackTraceExtractor(extractorFunc(func(int) *posthog.ExceptionStacktrace { panic("GetStackTrace") })),
		},
		"panics of a filter": {posthog.WithAttrFilter(func([]string, slog.Attr) bool { panic("AttrFilter") })},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logger, client, server := logTo(t, posthog.Config{}, opts...)
			logger.With("tenant", "acme").Error("payment failed", "err", &cardDeclined{1})
			e := onlyCaptured(t, client, server)
			want := map[string]any{
				"$exception_type": "posthog_test.cardDeclined", "$exception_message": "card declined", "log.message": "payment failed",
				"$exception_fingerprint": absent, "$process_person_profile": false, "tenant": absent,
			}
			if name == "nil" {
				want["tenant"] = "acme"
			}
			requireLogged(t, e, want)
			frames := e.Exceptions()[0].Frames
			if len(frames) == 0 || !strings.Contains(frames[len(frames)-1].Function, "TestFunctionsOfTheApplicationThatReturnNothing") {
				t.Errorf("the stack is %+v, want one that ends with this test", frames)
			}
		})
	}
}

type extractorFunc func(skip int) *posthog.ExceptionStacktrace

func (f extractorFunc) GetStackTrace(skip int) *posthog.ExceptionStacktrace { return f(skip) }

// A description that is empty leaves the record out, as programs for posthog-go
// know it.
func TestAnEmptyDescriptionCapturesNothing(t *testing.T) {
	t.Parallel()
	logger, client, server := logTo(t, posthog.Config{}, posthog.WithDescriptionExtractor(posthog.ErrorExtractor{ErrorKeys: []string{"Err"}}))
	logger.Error("payment failed", "error", errors.New("no paper"))
	logger.Error("payment failed")
	logger.With("err", errors.New("card declined")).Error("payment failed", "error", errors.New("no paper"))
	requireLogged(t, onlyCaptured(t, client, server), map[string]any{"$exception_message": "card declined"})
}

// With RequireError, messages are for the log alone.
func TestRequireError(t *testing.T) {
	t.Parallel()
	logger, client, server := logTo(t, posthog.Config{}, posthog.WithRequireError())
	logger.Error("disk full", "volume", "/data")
	logger.Error("payment failed", "reason", errors.New("card declined"))
	requireLogged(t, onlyCaptured(t, client, server), map[string]any{"$exception_message": "card declined"})
}

// A filter sees each attribute once where it becomes a property, with its groups
// and its value resolved; the error is found in what it leaves out.
func TestAttrFilter(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	logger, client, server := logTo(t, posthog.Config{}, posthog.WithAttrFilter(func(groups []string, a slog.Attr) bool {
		seen[strings.Join(append(groups, a.Key), "/")] = a.Value.String()
		return a.Key == "tenant"
	}))
	logger = logger.With("tenant", "acme", "token", "s3cr3t").WithGroup("g").With("a", 1)
	if len(seen) != 3 {
		t.Errorf("the filter has seen %v when With returned, want what With was given", seen)
	}
	logger.Error("payment failed", slog.Group("h", "tenant", secretText("x"), "err", &cardDeclined{1}))
	want := map[string]string{"tenant": "acme", "token": "s3cr3t", "g/a": "1", "g/h/tenant": "***", "g/h/err": "card declined"}
	if !maps.Equal(seen, want) {
		t.Errorf("the filter has seen %v, want %v", seen, want)
	}
	requireLogged(t, onlyCaptured(t, client, server), map[string]any{
		"tenant": "acme", "g.h.tenant": "***", "token": absent, "g.a": absent, "g.h.err": absent, "$exception_type": "posthog_test.cardDeclined",
	})
}

// Without attributes, there are those of the error alone.
func TestWithoutAttrs(t *testing.T) {
	t.Parallel()
	logger, client, server := logTo(t, posthog.Config{}, posthog.WithoutAttrs())
	logger.With("tenant", "acme").Error("payment failed", "err", &cardDeclined{1}, "order", 17)
	requireLogged(t, onlyCaptured(t, client, server), map[string]any{
		"tenant": absent, "order": absent, "err": absent, "$exception_type": "posthog_test.cardDeclined", "log.message": "payment failed",
	})
}

// What the properties function returns stays the application's: the message
// beside it is in a copy.
func TestPropertiesStayTheApplications(t *testing.T) {
	t.Parallel()
	own := posthog.Properties{"plan": "pro"}
	spoken := posthog.Properties{"log.message": "mine"}
	logger, client, server := logTo(t, posthog.Config{}, posthog.WithPropertiesFn(func(context.Context, slog.Record) posthog.Properties { return own }))
	logger.Error("payment failed", "err", errors.New("card declined"))
	requireLogged(t, onlyCaptured(t, client, server), map[string]any{"plan": "pro", "log.message": "payment failed"})
	if len(own) != 1 {
		t.Errorf("the application's properties are now %v, want them as they were", own)
	}
	logger, client, server = logTo(t, posthog.Config{}, posthog.WithPropertiesFn(func(context.Context, slog.Record) posthog.Properties { return spoken }))
	logger.Error("payment failed", "err", errors.New("card declined"))
	requireLogged(t, onlyCaptured(t, client, server), map[string]any{"log.message": "mine"})
}

// Every attribute is a property as it is, those of groups with dots.
func TestSlogAttrsAsProperties(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 2000)
	logger, client, server := logTo(t, posthog.Config{}, posthog.WithPropertiesFn(posthog.SlogAttrsAsProperties))
	logger.With("tenant", "acme").WithGroup("g").Error("x", "long", long, "took", 1500, slog.Group("h", "key", secretText("s3cr3t")), "endless", endless{})
	requireLogged(t, onlyCaptured(t, client, server), map[string]any{"tenant": "acme", "g.long": long, "g.took": 1500, "g.h.key": "***"})
}

// The extractor finds errors under its keys, in groups as well.
func TestErrorExtractor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		attrs []any
		want  string
	}{
		"none":                        {nil, "no error"},
		"one":                         {[]any{"cause", errors.New("a")}, "a"},
		"in upper case":               {[]any{"CAUSE", errors.New("a")}, "a"},
		"the first":                   {[]any{"err", errors.New("a"), "cause", errors.New("b")}, "a"},
		"one of another key":          {[]any{"reason", errors.New("a")}, "no error"},
		"a text":                      {[]any{"err", "a"}, "no error"},
		"nil":                         {[]any{"err", nil}, "no error"},
		"one in a group of that key":  {[]any{slog.Group("err", "a", 1, "b", errors.New("a"))}, "a"},
		"one in another group":        {[]any{slog.Group("g", "err", errors.New("a"))}, "no error"},
		"one that a LogValuer has":    {[]any{"err", valueOf{errors.New("a")}}, "a"},
		"one that a value wraps":      {[]any{"err", wrapping{errors.New("a")}}, "a"},
		"one that panics":             {[]any{"err", minedError{}}, "<panic in Error(): posthog_test.minedError>"},
		"the next if one is no error": {[]any{"err", 1, "cause", errors.New("b")}, "b"},
	} {
		var r slog.Record
		r.Add(c.attrs...)
		e := posthog.ErrorExtractor{ErrorKeys: []string{"err", "Cause"}, Fallback: "no error"}
		if got := e.ExtractDescription(r); got != c.want {
			t.Errorf("%s: the description is %q, want %q", name, got, c.want)
		}
	}
}

// A record that a function keeps, or adds to, is nobody else's.
func TestFunctionsGetRecordsOfTheirOwn(t *testing.T) {
	t.Parallel()
	for name, logger := range map[string]func(*slog.Logger) *slog.Logger{
		"of the logger": func(l *slog.Logger) *slog.Logger { return l },
		"with more":     func(l *slog.Logger) *slog.Logger { return l.With(slog.Int("with", 1)) },
		"in a group":    func(l *slog.Logger) *slog.Logger { return l.With(manyAttrs(6)...).WithGroup("g") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var keys []string
			add := func(r slog.Record) {
				r.AddAttrs(slog.Int("added", 1))
				keys = keys[:0]
				r.Attrs(func(a slog.Attr) bool {
					keys = append(keys, a.Key)
					return true
				})
			}
			own, client, server := logTo(t, posthog.Config{},
				posthog.WithDescriptionExtractor(descriptionFunc(func(r slog.Record) string { add(r); return "x" })),
				posthog.WithDistinctIDFn(func(_ context.Context, r slog.Record) string { add(r); return "u_7" }),
				posthog.WithFingerprintFn(func(_ context.Context, r slog.Record) *string { add(r); return nil }),
				posthog.WithPropertiesFn(func(_ context.Context, r slog.Record) posthog.Properties { add(r); return nil }))
			logger(own).Error("x", manyAttrs(7)...)
			onlyCaptured(t, client, server)
			if slices.Contains(keys, "!BUG") || slices.Index(keys, "added") != len(keys)-1 {
				t.Errorf("the last function has %q after it added one, want the record's own and that", keys)
			}
		})
	}
}

// The record that functions get is the one that a handler would have: loggers
// that come of one share nothing, and groups without attributes are not there.
func TestFunctionsGetWholeRecords(t *testing.T) {
	t.Parallel()
	var got []string
	logger, client, server := logTo(t, posthog.Config{}, posthog.WithPropertiesFn(func(_ context.Context, r slog.Record) posthog.Properties {
		text := ""
		r.Attrs(func(a slog.Attr) bool {
			text += a.String() + ";"
			return true
		})
		got = append(got, text)
		return nil
	}))
	logger.WithGroup("g").WithGroup("h").Error("x")
	parent := logger.With("a", 1).With("b", 2).WithGroup("g")
	first, second := parent.With("c", 3), parent.With("c", 4)
	first.Error("x")
	second.WithGroup("h").Error("x", "d", 5)
	if n := len(capturedLogs(t, client, server)); n != 3 {
		t.Fatalf("got %d exceptions, want 3", n)
	}
	if want := []string{"", "a=1;b=2;g=[c=3];", "a=1;b=2;g=[c=4 h=[d=5]];"}; !slices.Equal(got, want) {
		t.Errorf("the functions got %q, want %q", got, want)
	}
}
