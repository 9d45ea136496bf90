package posthog_test

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
)

// secretText shows another value than it is.
type secretText string

func (secretText) LogValue() slog.Value { return slog.StringValue("***") }

// deepValue is a LogValuer whose value is another one.
type deepValue struct{ levels int }

func (d deepValue) LogValue() slog.Value {
	if d.levels == 0 {
		return slog.GroupValue(slog.Int("bottom", 1), slog.Any("key", secretText("s3cr3t")))
	}
	return slog.AnyValue(deepValue{d.levels - 1})
}

// endless is a group of itself.
type endless struct{}

func (e endless) LogValue() slog.Value { return slog.GroupValue(slog.Any("a", e), slog.Any("b", e)) }

// circular is its own value.
type circular struct{}

func (c circular) LogValue() slog.Value { return slog.AnyValue(c) }

// mined panics whatever is asked of it.
type mined struct{}

func (mined) LogValue() slog.Value { panic("LogValue") }

type minedError struct{}

func (minedError) Error() string { panic("Error") }

type minedJSON struct{}

func (minedJSON) MarshalJSON() ([]byte, error) { panic("MarshalJSON") }

// Attributes become properties whose values PostHog can read. What cannot be one
// says so, and costs nothing else.
func TestAttributesBecomeProperties(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 600, time.FixedZone("", 3600))
	long := strings.Repeat("ä", 1000)
	var noError *cardDeclined
	for name, c := range map[string]struct {
		attr slog.Attr
		want map[string]any
	}{
		"a text":                       {slog.String("a", "x"), map[string]any{"a": "x"}},
		"a long text":                  {slog.String("a", long), map[string]any{"a": long[:1024]}},
		"numbers":                      {slog.Group("", slog.Int("i", -1), slog.Uint64("u", math.MaxUint64), slog.Float64("f", 1.5)), map[string]any{"i": -1, "u": uint64(math.MaxUint64), "f": 1.5}},
		"no number":                    {slog.Float64("a", math.NaN()), map[string]any{"a": nil}},
		"a truth":                      {slog.Bool("a", true), map[string]any{"a": true}},
		"a time":                       {slog.Time("a", at), map[string]any{"a": "2026-01-02T03:04:05.0000006+01:00"}},
		"a duration":                   {slog.Duration("a", 1500*time.Millisecond), map[string]any{"a": "1.5s"}},
		"nil":                          {slog.Any("a", nil), map[string]any{"a": nil}},
		"a struct":                     {slog.Any("a", struct{ N int }{1}), map[string]any{"a": map[string]any{"N": 1}}},
		"a map":                        {slog.Any("a", map[string]any{"b": []int{1, 2}}), map[string]any{"a": map[string]any{"b": []int{1, 2}}}},
		"a value with a text form":     {slog.Any("a", netip.MustParseAddr("192.0.2.1")), map[string]any{"a": "192.0.2.1"}},
		"a value too large for a text": {slog.Any("a", []string{long}), map[string]any{"a": `["` + long[:1022]}},
		"a long value of text":         {slog.Any("a", namedText(long)), map[string]any{"a": long[:1024]}},
		"a value without a form":       {slog.Any("a", make(chan int)), map[string]any{"a": "(chan int)"}},
		"a value that panics":          {slog.Any("a", minedJSON{}), map[string]any{"a": "(posthog_test.minedJSON)"}},
		"a LogValuer":                  {slog.Any("a", secretText("s3cr3t")), map[string]any{"a": "***"}},
		"a LogValuer of a group":       {slog.Any("a", deepValue{5}), map[string]any{"a.bottom": 1, "a.key": "***", "a": absent}},
		"a LogValuer that panics":      {slog.Any("a", mined{}), map[string]any{"a": "<panic in LogValue(): posthog_test.mined>"}},
		"a LogValuer of itself":        {slog.Any("a", circular{}), map[string]any{"a": "<LogValue has no end>"}},
		"a LogValuer without end":      {slog.Any("x", endless{}), map[string]any{"x": absent}},
		"an error":                     {slog.Any("a", errors.New("no paper")), map[string]any{"a": "no paper"}},
		"an error that panics":         {slog.Any("a", minedError{}), map[string]any{"a": "<panic in Error(): posthog_test.minedError>"}},
		"no error, with a type":        {slog.Any("a", noError), map[string]any{"$exception_type": "slog.Record"}},
		"a group":                      {slog.Group("g", slog.Int("a", 1), slog.Group("h", slog.Int("b", 2))), map[string]any{"g.a": 1, "g.h.b": 2, "g": absent}},
		"a group without a name":       {slog.Group("", slog.Int("a", 1)), map[string]any{"a": 1}},
		"an empty group":               {slog.Group("g"), map[string]any{"g": absent}},
		"an attribute without a name":  {slog.Int("", 1), map[string]any{"": absent}},
		"a forged list":                {slog.Int("$exception_list", 1), map[string]any{"$exception_type": "slog.Record"}},
		"a forged fingerprint":         {slog.String("$exception_fingerprint", "mine"), map[string]any{"$exception_fingerprint": absent}},
		"a level of its own":           {slog.String("$exception_level", "debug"), map[string]any{"$exception_level": "error"}},
		"a name without measure":       {slog.Int(long, 1), map[string]any{long: absent}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logger, client, server := logTo(t, posthog.Config{})
			logger.Error("payment failed", c.attr, slog.Int("after", 1))
			logger.With(c.attr).Error("payment failed", slog.Int("after", 1))
			for i, e := range capturedLogs(t, client, server) {
				requireLogged(t, e, c.want)
				requireLogged(t, e, map[string]any{"after": 1})
				if t.Failed() {
					t.Fatalf("with the attribute in %s", []string{"the record", "With"}[i])
				}
			}
		})
	}
}

// namedText is a text of a type that slog does not know.
type namedText string

// Proves EXC-40: what a logger was given with With and WithGroup is on the
// exception, and the record's own wins.
func TestAttributesOfTheLogger(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		log  func(*slog.Logger)
		want map[string]any
	}{
		"With":                          {func(l *slog.Logger) { l.With("tenant", "acme").Error("x") }, map[string]any{"tenant": "acme"}},
		"an error of With":              {func(l *slog.Logger) { l.With("err", &cardDeclined{1}).Error("x") }, map[string]any{"$exception_type": "posthog_test.cardDeclined", "log.message": "x"}},
		"a group of With":               {func(l *slog.Logger) { l.With(slog.Group("g", "a", 1)).Error("x", "b", 2) }, map[string]any{"g.a": 1, "b": 2}},
		"WithGroup":                     {func(l *slog.Logger) { l.WithGroup("g").With("a", 1).WithGroup("h").Error("x", "b", 2) }, map[string]any{"g.a": 1, "g.h.b": 2}},
		"an error within a group":       {func(l *slog.Logger) { l.WithGroup("g").Error("x", "err", &cardDeclined{1}) }, map[string]any{"$exception_type": "posthog_test.cardDeclined", "g.err": "card declined"}},
		"an error within With's groups": {func(l *slog.Logger) { l.WithGroup("g").With(slog.Group("h", "err", &cardDeclined{1})).Error("x") }, map[string]any{"$exception_type": "posthog_test.cardDeclined", "g.h.err": "card declined"}},
		"WithGroup without attributes":  {func(l *slog.Logger) { l.WithGroup("g").Error("x") }, map[string]any{"g": absent}},
		"no group":                      {func(l *slog.Logger) { l.WithGroup("").With().Error("x", "a", 1) }, map[string]any{"a": 1}},
		"the record's own value":        {func(l *slog.Logger) { l.With("a", 1).With("a", 2).Error("x", "a", 3) }, map[string]any{"a": 3}},
		"the latest of With":            {func(l *slog.Logger) { l.With("a", 1).With("a", 2).Error("x") }, map[string]any{"a": 2}},
		"siblings":                      {siblingLoggers, map[string]any{"a": 1, "b": absent, "c": 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logger, client, server := logTo(t, posthog.Config{})
			c.log(logger)
			requireLogged(t, onlyCaptured(t, client, server), c.want)
		})
	}
}

// siblingLoggers makes two loggers of one, and uses the second.
func siblingLoggers(l *slog.Logger) {
	parent := l.With("a", 1)
	_ = parent.With("b", 2)
	parent.With("c", 3).Error("x")
}

// The error of a record is the one that is called so, and the one that is
// nearest.
func TestTheErrorAmongAttributes(t *testing.T) {
	t.Parallel()
	first, second := errors.New("first"), errors.New("second")
	for name, c := range map[string]struct {
		log  func(*slog.Logger)
		want string
	}{
		"the first of any name":           {func(l *slog.Logger) { l.Error("x", "a", first, "b", second) }, "first"},
		"one called err":                  {func(l *slog.Logger) { l.Error("x", "a", first, "err", second) }, "second"},
		"one called Error":                {func(l *slog.Logger) { l.Error("x", "a", first, "Error", second) }, "second"},
		"one called EXCEPTION":            {func(l *slog.Logger) { l.Error("x", "a", first, "EXCEPTION", second) }, "second"},
		"one called cause":                {func(l *slog.Logger) { l.Error("x", "a", first, "cause", second) }, "second"},
		"the first of those":              {func(l *slog.Logger) { l.Error("x", "cause", first, "err", second) }, "first"},
		"one called so in a group":        {func(l *slog.Logger) { l.Error("x", "a", first, slog.Group("g", "err", second)) }, "second"},
		"depth first":                     {func(l *slog.Logger) { l.Error("x", slog.Group("g", "a", first), "b", second) }, "first"},
		"the record's before With's":      {func(l *slog.Logger) { l.With("err", second).Error("x", "err", first) }, "first"},
		"With's name before the record's": {func(l *slog.Logger) { l.With("err", first).Error("x", "a", second) }, "first"},
		"the latest of With":              {func(l *slog.Logger) { l.With("err", second).With("err", first).Error("x") }, "first"},
		"one that is a LogValuer":         {func(l *slog.Logger) { l.Error("x", "a", loggedError{}) }, "an error with a value"},
		"the value of a LogValuer":        {func(l *slog.Logger) { l.Error("x", "a", valueOf{first}) }, "first"},
		"what a value wraps":              {func(l *slog.Logger) { l.Error("x", "a", wrapping{first}) }, "first"},
		"what a value wraps with a panic": {func(l *slog.Logger) { l.Error("x", "a", wrapping{}, "b", first) }, "first"},
		"none whose pointer is nil":       {func(l *slog.Logger) { l.Error("x", "err", (*cardDeclined)(nil), "b", first) }, "first"},
		"none that panics in LogValue":    {func(l *slog.Logger) { l.Error("x", "a", mined{}) }, "x"},
		"one after many attributes":       {func(l *slog.Logger) { l.Error("x", manyAttrs(2000, "err", first)...) }, "first"},
		"one after endless attributes":    {func(l *slog.Logger) { l.Error("x", "a", endless{}, "err", first) }, "first"},
		"none deep in a group":            {func(l *slog.Logger) { l.Error("x", slog.Group("g", manyAttrs(1000, "err", first)...)) }, "x"},
		"none in a group of 17 groups":    {func(l *slog.Logger) { l.Error("x", nestedAttr(17, slog.Any("err", first))) }, "x"},
		"one in a group of 16 groups":     {func(l *slog.Logger) { l.Error("x", nestedAttr(16, slog.Any("err", first))) }, "first"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logger, client, server := logTo(t, posthog.Config{})
			c.log(logger)
			requireLogged(t, onlyCaptured(t, client, server), map[string]any{"$exception_message": c.want})
		})
	}
}

// loggedError is an error with a value for logs.
type loggedError struct{}

func (loggedError) Error() string        { return "an error with a value" }
func (loggedError) LogValue() slog.Value { return slog.GroupValue(slog.Int("code", 7)) }

type valueOf struct{ err error }

func (v valueOf) LogValue() slog.Value { return slog.AnyValue(v.err) }

// wrapping is no error, but wraps one.
type wrapping struct{ err error }

func (w wrapping) Unwrap() error {
	if w.err == nil {
		panic("Unwrap")
	}
	return w.err
}

// nestedAttr returns an attribute in so many groups.
func nestedAttr(groups int, a slog.Attr) slog.Attr {
	for range groups {
		a = slog.Attr{Key: "g", Value: slog.GroupValue(a)}
	}
	return a
}

// manyAttrs returns n attributes, and then more.
func manyAttrs(n int, then ...any) []any {
	attrs := make([]any, 0, n+len(then))
	for i := range n {
		attrs = append(attrs, slog.Int(fmt.Sprintf("a%04d", i), i))
	}
	return append(attrs, then...)
}

// There are 64 properties of attributes, the last ones.
func TestAttributesAreBounded(t *testing.T) {
	t.Parallel()
	logger, client, server := logTo(t, posthog.Config{})
	logger.With(manyAttrs(100)...).With("tenant", "acme").Error("x", manyAttrs(62)...)
	logger.With(manyAttrs(500)...).Error("x", "b", 1)
	for i, want := range []map[string]any{
		{"a0000": 0, "a0061": 61, "tenant": "acme", "a0099": 99, "a0098": absent, "a0062": absent},
		{"b": 1, "a0499": 499, "a0437": 437, "a0436": absent},
	} {
		e := capturedLogs(t, client, server)[i]
		requireLogged(t, e, want)
		n := 0
		for name := range e.Properties {
			if !strings.HasPrefix(name, "$") {
				n++
			}
		}
		if n != 64 {
			t.Errorf("exception %d has %d properties, want 64", i, n)
		}
	}
}

// What With was given is what it was then: a logger may be used while others
// change the value.
func TestAttributesOfTheLoggerAreThoseOfThen(t *testing.T) {
	t.Parallel()
	logger, client, server := logTo(t, posthog.Config{})
	basket := map[string]int{"apples": 1}
	logger = logger.With("basket", basket)
	basket["apples"] = 2
	logger.Error("x")
	requireLogged(t, onlyCaptured(t, client, server), map[string]any{"basket": map[string]any{"apples": 1}})
}

// Whatever attributes hold, a record is one exception that PostHog can read, and
// its properties are bounded.
func FuzzAttributes(f *testing.F) {
	f.Add("tenant", "acme", "g", int64(1), uint8(3))
	f.Add("err", "no paper", "", int64(-1), uint8(0))
	f.Add("$exception_list", "\xff\x00", "$exception_", int64(1<<62), uint8(1))
	f.Add("a.b", strings.Repeat("ß", 600), "a", int64(0), uint8(255))
	f.Add("distinct_id", "u", "$set", int64(0), uint8(7))
	f.Fuzz(func(t *testing.T, key, text, group string, number int64, shape uint8) {
		logger, client, server := logTo(t, posthog.Config{})
		values := []any{text, number, []string{text}, errors.New(text), secretText(text), []byte(text), map[string]any{key: text}, valueOf{errors.New(text)}}
		value := slog.AnyValue(values[int(shape)%len(values)])
		if shape&8 != 0 {
			value = slog.GroupValue(slog.Any(key, value), slog.String(text, key))
		}
		attr := slog.Attr{Key: key, Value: value}
		if shape&16 != 0 {
			logger = logger.With(attr)
		}
		if shape&32 != 0 {
			logger = logger.WithGroup(group)
		}
		logger.LogAttrs(t.Context(), slog.LevelError, text, attr, slog.Group(group, attr, slog.Int64(key, number)))
		e := onlyCaptured(t, client, server)
		for name, property := range e.Properties {
			if text, ok := property.(string); ok && !strings.HasPrefix(name, "$") && len(text) > 3*1024 { // invalid bytes become three
				t.Errorf("property %q has %d bytes, want 1,024 characters at most", name, len(text))
			}
		}
	})
}
