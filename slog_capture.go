package posthog

import (
	"context"
	"hash/crc32"
	"log/slog"
	"maps"
	"reflect"
	"strconv"

	"github.com/hedgerow/posthog/internal/stack"
)

// propertyLogMessage is the property with the message of a record, where the
// text of the exception is another.
const propertyLogMessage = "log.message"

// logCapture is a record on its way to becoming an exception.
type logCapture struct {
	*SlogCaptureHandler

	record      slog.Record
	err         error // nil if there is none
	description string
	described   bool // description takes the place of the error's text
	trace       stack.Trace
	stack       *ExceptionStacktrace // takes the place of trace, unless it is nil
}

// begin returns the capture of r, or nil if r is not to be captured. It must be
// called by Handle.
func (h *SlogCaptureHandler) begin(ctx context.Context, r slog.Record) *logCapture {
	c := &logCapture{SlogCaptureHandler: h, record: r}
	c.trace.Capture(1, stack.Depth) // however few calls are sent, what logs may be far below a capture
	if c.trace.Within(h.own) {
		return nil
	}
	c.err = h.scope.read(r)
	if c.err == nil && h.options.RequireError {
		return nil
	}
	if extractor := h.options.DescriptionExtractor; extractor != nil {
		c.description, c.described = guarded(func() string { return extractor.ExtractDescription(h.scope.around(r).Clone()) })
		if c.described && c.description == "" {
			return nil
		}
	}
	c.trace.Drop(h.options.Skip - max(defaultSkip, c.trace.From(r.PC)+skipToHandle))
	c.trace.Keep(describing(h.client).frames)
	return c
}

// finish captures the record. It must be deferred itself.
func (c *logCapture) finish(ctx context.Context) {
	_ = recover()                    // of the StackTraceExtractor
	defer func() { _ = recover() }() // of a client of somebody else
	if ctx == nil {
		ctx = context.Background()
	}
	if _, ours := c.client.(*ServerClient); !ours { // it may wait for as long as the context lasts
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithValue(context.WithoutCancel(ctx), reportKey{}, true), DefaultBatchSubmitTimeout)
		defer cancel()
	}
	at := inLog
	at.level, at.pc = levelOf(c.record.Level, c.options.FatalLevel), c.line()
	err := c.err
	if err == nil {
		err = recordError(c.record.Message)
		at.apart = strconv.FormatUint(uint64(at.pc), 16) // one line must not hold back the others
	}
	_ = captureAt(ctx, c.client, err, &c.trace, &at, []ExceptionOption{func(o *ExceptionOptions) { // counted and logged
		o.Timestamp = c.record.Time
		if c.err == nil {
			o.Synthetic = new(true)
		}
		o.complete = func(o *ExceptionOptions, list []stack.Exception) { c.complete(ctx, o, &list[0]) }
	}})
}

// line tells the line that logged from others. Bridges from other packages for
// logs do not know it: there the message stands for it.
func (c *logCapture) line() uintptr {
	if c.record.PC != 0 {
		return c.record.PC
	}
	return uintptr(crc32.ChecksumIEEE([]byte(shortened(c.record.Message, maxLogText))))
}

// recordError is the error that a record without one stands for.
type recordError string

// ErrorType is the title of the issue. It is the same for all records, so that
// the wording of a message does not decide what is one issue.
func (recordError) ErrorType() string { return "slog.Record" }

// Error is the message.
func (e recordError) Error() string { return string(e) }

// complete adds to an exception what it needs only if it is sent.
func (c *logCapture) complete(ctx context.Context, o *ExceptionOptions, first *stack.Exception) {
	if c.options.readsRecords() {
		c.ask(ctx, o, c.scope.around(c.record))
	}
	if c.options.wantsAttrs() {
		o.Properties = c.scope.properties(c.record, c.options)
	}
	if c.err == nil {
		first.Module = "log/slog"
	}
	if c.err != nil || c.described {
		o.Properties = withMessage(o.Properties, c.record.Message)
	}
	if c.described {
		first.Value = shortened(c.description, maxExceptionValue)
	}
	if c.stack != nil && first.Mechanism.Synthetic != nil && *first.Mechanism.Synthetic { // it is ours that is there
		given := completedStack(c.stack)
		first.Stack = given.described()
		if provider, ok := c.options.StackTraceExtractor.(DebugImageProvider); ok {
			images, _ := guarded(provider.GetDebugImages)
			o.images = usableImages(images, []ExceptionItem{{Stacktrace: given}})
		}
	}
}

// ask asks the application's functions about a record, of which each gets its own.
func (c *logCapture) ask(ctx context.Context, o *ExceptionOptions, r slog.Record) {
	if id := c.options.DistinctID; id != nil {
		o.DistinctId, _ = guarded(func() string { return id(ctx, r.Clone()) })
	}
	if fingerprint := c.options.Fingerprint; fingerprint != nil {
		if text, _ := guarded(func() *string { return fingerprint(ctx, r.Clone()) }); text != nil {
			o.Fingerprint = *text
		}
	}
	if properties := c.options.Properties; properties != nil {
		own, _ := guarded(func() Properties { return properties(ctx, r.Clone()) })
		o.Properties = maps.Clone(own)
	}
}

// withMessage adds the message of a record to properties, which may be nil.
func withMessage(p Properties, message string) Properties {
	if p == nil {
		p = make(Properties, 1)
	}
	if _, own := p[propertyLogMessage]; !own {
		p[propertyLogMessage] = brief(message)
	}
	return p
}

// ownCode is where the functions begin that call code of the application which
// may log: what a capture asks, and the client's logger. What is logged below
// them would be captured again and again.
func ownCode() []uintptr {
	var entries []uintptr
	for _, function := range [...]any{(*SlogCaptureHandler).begin, (*logCapture).finish, tell} {
		entries = append(entries, reflect.ValueOf(function).Pointer())
	}
	return entries
}
