package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
)

// Proves EXC-39, EXC-18: without a single option, an error that is logged is an
// exception of nobody, with the error's tree, the stack of the line, and the
// message beside it.
func TestAnErrorThatIsLoggedIsCaptured(t *testing.T) {
	t.Parallel()
	logger, client, server := logTo(t, posthog.Config{})
	_, file, line, _ := runtime.Caller(0)
	logger.Error("payment failed", "err", fmt.Errorf("charge 9: %w", &cardDeclined{7}), "order", 17)
	e := onlyCaptured(t, client, server)
	requireLogged(t, e, map[string]any{
		"$exception_level": "error", "$exception_source": "go.slog", "$process_person_profile": false,
		"$exception_type": "posthog_test.cardDeclined", "$exception_message": "charge 9: card declined",
		"log.message": "payment failed", "order": 17, "err": "charge 9: card declined",
		"$exception_fingerprint": absent,
	})
	list := e.Exceptions()
	if len(list) != 2 || list[1].Type != "posthog_test.cardDeclined" || list[1].Mechanism.Type != "chained" {
		t.Fatalf("the exceptions are %+v, want the wrapper and what it wraps", list)
	}
	m := list[0].Mechanism
	if m.Type != "logger" || m.Handled == nil || !*m.Handled || m.Synthetic == nil || !*m.Synthetic {
		t.Errorf("the mechanism is %+v, want a logger's, handled and with a stack made for the report", m)
	}
	last := list[0].Frames[len(list[0].Frames)-1]
	if !strings.HasSuffix(last.Function, "TestAnErrorThatIsLoggedIsCaptured") || last.Line != line+1 || !strings.HasSuffix(file, last.Filename) {
		t.Errorf("the stack ends with %+v, want line %d of this test in %s", last, line+1, file)
	}
}

// A record without an error has the same title whatever it says, so that issues
// are those of lines.
func TestARecordWithoutAnError(t *testing.T) {
	t.Parallel()
	logger, client, server := logTo(t, posthog.Config{})
	for _, volume := range []string{"/data", "/home"} {
		logger.Error("disk full: "+volume, "volume", volume)
	}
	events := capturedLogs(t, client, server)
	if issues := server.Issues(); len(events) != 2 || len(issues) != 1 {
		t.Fatalf("got %d exceptions of %d issues, want 2 of one: %v", len(events), len(issues), issues)
	}
	e := events[0].Exceptions()[0]
	if e.Type != "slog.Record" || e.Module != "log/slog" || e.Value != "disk full: /data" || e.Mechanism.Synthetic == nil || !*e.Mechanism.Synthetic || len(e.Frames) == 0 {
		t.Errorf("the exception is %+v, want a synthetic slog.Record with the message and a stack", e)
	}
	requireLogged(t, events[0], map[string]any{"volume": "/data", "log.message": absent})
}

// Proves EXC-17, EXC-28: the level is that of the record in PostHog's words, and
// a record is handled, however fatal.
func TestLevelsOfRecords(t *testing.T) {
	t.Parallel()
	for level, want := range map[slog.Level]string{
		slog.LevelDebug - 4: "debug", slog.LevelDebug: "debug", slog.LevelInfo: "info", slog.LevelInfo + 1: "info",
		slog.LevelWarn: "warning", slog.LevelError: "error", slog.LevelError + 3: "error",
		slog.LevelError + 4: "fatal", 100: "fatal",
	} {
		logger, client, server := logTo(t, posthog.Config{}, posthog.WithMinCaptureLevel(-100))
		logger.Log(t.Context(), level, "so it is", "err", errors.New("no paper"))
		e := onlyCaptured(t, client, server)
		requireLogged(t, e, map[string]any{"$exception_level": want})
		if m := e.Exceptions()[0].Mechanism; m.Handled == nil || !*m.Handled {
			t.Errorf("level %v: the mechanism is %+v, want it handled", level, m)
		}
	}
}

// From which level on a record is fatal is the program's to say: no limit holds
// those back, and it does the others.
func TestFatalLevelsOfRecords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts  []posthog.SlogOption
		level slog.Level
		want  string
		count int // of 3, at once, with room for one
	}{
		"12 by default":                      {nil, 12, "fatal", 3},
		"11 by default":                      {nil, 11, "error", 1},
		"another":                            {[]posthog.SlogOption{posthog.WithFatalLevel(16)}, 15, "error", 1},
		"another, from there on":             {[]posthog.SlogOption{posthog.WithFatalLevel(16)}, 16, "fatal", 3},
		"lower than errors":                  {[]posthog.SlogOption{posthog.WithFatalLevel(9)}, 9, "fatal", 3},
		"none":                               {[]posthog.SlogOption{posthog.WithFatalLevel(math.MaxInt)}, 100, "error", 1},
		"the default, spelled as zero":       {[]posthog.SlogOption{posthog.WithFatalLevel(0)}, 11, "error", 1},
		"options that were replaced whole":   {[]posthog.SlogOption{func(o *posthog.SlogOptions) { *o = posthog.SlogOptions{} }}, 8, "error", 1},
		"options that were replaced, and 12": {[]posthog.SlogOption{func(o *posthog.SlogOptions) { *o = posthog.SlogOptions{} }}, 12, "fatal", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logger, client, server := logTo(t, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{
				RateLimit: posthog.ExceptionRateLimit{Burst: 1, Every: time.Hour},
			}}, c.opts...)
			for range 3 {
				logger.Log(t.Context(), c.level, "so it is", "err", errors.New("no paper"))
			}
			events := capturedLogs(t, client, server)
			if len(events) != c.count {
				t.Fatalf("got %d exceptions of 3 records, want %d", len(events), c.count)
			}
			requireLogged(t, events[0], map[string]any{"$exception_level": c.want})
		})
	}
}

// Which levels are captured is told by Enabled, so that a logger whose next
// handler wants less makes the records all the same.
func TestWhichRecordsAreCaptured(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	var lines lineHandler
	for name, c := range map[string]struct {
		handler *posthog.SlogCaptureHandler
		level   slog.Level
		want    bool
	}{
		"errors by default":                         {posthog.NewSlogCaptureHandler(nil, client), slog.LevelError, true},
		"no warnings by default":                    {posthog.NewSlogCaptureHandler(nil, client), slog.LevelError - 1, false},
		"warnings, if they are asked for":           {posthog.NewSlogCaptureHandler(nil, client, posthog.WithMinCaptureLevel(slog.LevelWarn)), slog.LevelWarn, true},
		"nothing without a client":                  {posthog.NewSlogCaptureHandler(nil, nil), slog.LevelError, false},
		"what the next handler wants":               {posthog.NewSlogCaptureHandler(&lines, nil), slog.LevelInfo, true},
		"what the next handler wants, with options": {posthog.NewSlogCaptureHandler(&lines, client, nil), slog.LevelInfo, true},
	} {
		if got := c.handler.Enabled(t.Context(), c.level); got != c.want {
			t.Errorf("%s: Enabled is %v, want %v", name, got, c.want)
		}
	}
	slog.New(posthog.NewSlogCaptureHandler(nil, client)).Warn("mind the gap", "err", errors.New("gap"))
	flush(t, client)
	if events := server.Events(); len(events) != 0 {
		t.Errorf("a warning was captured: %v", events)
	}
	slog.New(posthog.NewSlogCaptureHandler(&lines, client, posthog.WithMinCaptureLevel(slog.LevelDebug))).Debug("mind the gap")
	if kept := lines.all(); len(kept) != 0 {
		t.Errorf("the next handler got %q, which it did not want", kept)
	}
	onlyCaptured(t, client, server)
}

// lineHandler keeps the messages of records from level info on.
type lineHandler struct {
	logLines
	err error
}

func (h *lineHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelInfo
}
func (h *lineHandler) Handle(_ context.Context, r slog.Record) error {
	h.add(r.Level.String(), "%s", []any{r.Message})
	return h.err
}
func (h *lineHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h *lineHandler) WithGroup(string) slog.Handler      { return h }

// Records go to the next handler first, and its error comes back, whatever
// becomes of the capture.
func TestTheNextHandlerComesFirst(t *testing.T) {
	t.Parallel()
	next := &lineHandler{err: errors.New("pipe broken")}
	lines := 0
	client := clientFunc(func(posthog.Message) error {
		lines = len(next.all())
		panic("no paper")
	})
	handler := posthog.NewSlogCaptureHandler(next, client)
	record := slog.NewRecord(time.Now(), slog.LevelError, "payment failed", 0)
	if err := handler.Handle(t.Context(), record); !errors.Is(err, next.err) {
		t.Errorf("Handle returns %v, want the next handler's error", err)
	}
	if lines != 1 {
		t.Errorf("the next handler had %d records when the capture began, want 1", lines)
	}
	next.err = nil
	if err := handler.Handle(t.Context(), record); err != nil {
		t.Errorf("Handle returns %v, want nil, for the client's errors are its own", err)
	}
}

// clientFunc is a client of somebody else.
type clientFunc func(posthog.Message) error

func (f clientFunc) Enqueue(msg posthog.Message) error { return f(msg) }

// A client of somebody else gets the same as a message.
func TestAClientOfSomebodyElseGetsRecords(t *testing.T) {
	t.Parallel()
	var got []posthog.Exception
	logger := slog.New(posthog.NewSlogCaptureHandler(nil, clientFunc(func(msg posthog.Message) error {
		got = append(got, msg.(posthog.Exception))
		return errors.New("full")
	})))
	logger.Error("payment failed", "err", &cardDeclined{7}, "order", 17)
	if len(got) != 1 {
		t.Fatalf("got %d messages, want 1", len(got))
	}
	msg := got[0]
	item := msg.ExceptionList[0]
	if msg.Level != posthog.LevelError || msg.Source != "go.slog" || msg.Timestamp.IsZero() || item.Type != "posthog_test.cardDeclined" ||
		item.Mechanism.Type != "logger" || msg.Properties["log.message"] != "payment failed" || msg.Properties["order"] != int64(17) {
		t.Errorf("the message is %+v, with %+v, want that of the record", msg, item)
	}
	if frames := item.Stacktrace.Frames; !strings.HasSuffix(frames[len(frames)-1].Function, "TestAClientOfSomebodyElseGetsRecords") {
		t.Errorf("the stack ends with %+v, want this test", frames[len(frames)-1])
	}
}

// patientClient is a client of somebody else that knows contexts.
type patientClient struct {
	asked func(context.Context, posthog.Message)
}

func (patientClient) Enqueue(posthog.Message) error { return errors.New("without a context") }
func (c patientClient) EnqueueWithContext(ctx context.Context, msg posthog.Message) error {
	c.asked(ctx, msg)
	return nil
}

// A client of somebody else may wait as long as a context lasts. The request's
// may be over already, and another might have no end.
func TestAClientOfSomebodyElseHasAMoment(t *testing.T) {
	t.Parallel()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for name, ctx := range map[string]context.Context{"no context": nil, "one that is over": over, "one without end": context.Background()} {
		asked := false
		handler := posthog.NewSlogCaptureHandler(nil, patientClient{func(ctx context.Context, _ posthog.Message) {
			asked = true
			if _, ends := ctx.Deadline(); !ends || ctx.Err() != nil {
				t.Errorf("%s: the client's context ends %v, and is %v, want one that ends soon", name, ends, ctx.Err())
			}
		}})
		if err := handler.Handle(ctx, slog.NewRecord(time.Now(), slog.LevelError, "payment failed", 0)); err != nil || !asked {
			t.Errorf("%s: Handle returns %v, and asked the client: %v", name, err, asked)
		}
	}
}

// The time is the record's, and who is concerned, and the properties of the
// request, are those of the context.
func TestARecordOfARequest(t *testing.T) {
	t.Parallel()
	_, client, server := logTo(t, posthog.Config{})
	handler := posthog.NewSlogCaptureHandler(nil, client)
	ctx, cancel := context.WithCancel(posthog.WithRequestContext(t.Context(), posthog.RequestContext{
		DistinctId: "u_7", SessionId: "s_1", Properties: posthog.Properties{"$request_path": "/pay", "order": 1},
	}))
	cancel() // the request is over, and its errors are not
	at := time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC)
	record := slog.NewRecord(at, slog.LevelError, "payment failed", 0)
	record.AddAttrs(slog.Int("order", 17))
	if err := handler.Handle(ctx, record); err != nil {
		t.Fatal(err)
	}
	e := onlyCaptured(t, client, server)
	if e.DistinctID != "u_7" || e.SentTimestamp != "2026-01-02T03:04:05.0000006Z" {
		t.Errorf("the exception is of %s at %s, want u_7 at %v", e.DistinctID, e.SentTimestamp, at)
	}
	requireLogged(t, e, map[string]any{"$session_id": "s_1", "$request_path": "/pay", "order": 17, "$process_person_profile": absent})
}

// Proves EXC-42: what code captured and then logs is one event, and so is what
// two lines log of one error.
func TestAnErrorThatIsCapturedAndLoggedIsOneEvent(t *testing.T) {
	t.Parallel()
	logger, client, server := logTo(t, posthog.Config{})
	err := fmt.Errorf("charge 9: %w", &cardDeclined{7})
	if err := client.CaptureException(t.Context(), err); err != nil {
		t.Fatal(err)
	}
	logger.Error("payment failed", "err", err)
	logger.With("err", err).Error("order failed")
	e := onlyCaptured(t, client, server)
	requireLogged(t, e, map[string]any{"$exception_source": absent})
	if s := requireLedger(t, client); s.DroppedBy[posthog.OutcomeDuplicate] != 2 {
		t.Errorf("dropped %v, want 2 duplicates", s.DroppedBy)
	}
	for range 3 {
		logger.Error("again", "err", err) // one line, each time another occurrence
	}
	if n := len(capturedLogs(t, client, server)); n != 3 {
		t.Errorf("got %d exceptions, want that of the call, and 2 of 3 passes through a line after it", n)
	}
}

// Clients that capture nothing cost nothing but the count.
func TestLoggersOfClientsThatCaptureNothing(t *testing.T) {
	t.Parallel()
	var none *posthog.ServerClient
	keyless, err := posthog.NewWithConfig("", posthog.Config{Logger: silent{}})
	if err != nil {
		t.Fatal(err)
	}
	for name, client := range map[string]posthog.EnqueueClient{
		"nil": nil, "a nil client": none, "without a key": keyless, "the zero client": new(posthog.ServerClient),
	} {
		next := new(lineHandler)
		logger := slog.New(posthog.NewSlogCaptureHandler(next, client, nil, posthog.WithMinCaptureLevel(slog.LevelInfo)))
		logger.With("a", 1).WithGroup("g").Error("payment failed", "err", errors.New("no paper"))
		if lines := next.all(); len(lines) != 1 {
			t.Errorf("%s: the next handler got %q, want 1 record", name, lines)
		}
	}
	logger, client, server := logTo(t, posthog.Config{})
	client.OptOut()
	logger.Error("payment failed", "err", errors.New("no paper"))
	flush(t, client)
	if s := requireLedger(t, client); s.DroppedBy[posthog.OutcomeOptedOut] != 1 || len(server.Events()) != 0 {
		t.Errorf("dropped %v and sent %d, want one that was opted out", s.DroppedBy, len(server.Events()))
	}
}
