package posthog

import (
	"context"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hedgerow/posthog/internal/flood"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/stack"
	"github.com/hedgerow/posthog/internal/stack/image"
)

// exceptions is what turns errors into messages, and decides which of them are
// sent. It is immutable but for what it remembers, and safe for concurrent use.
type exceptions struct {
	*describer

	limit  *flood.Limiter
	manual bool                      // it holds for what the application captures, too
	seen   *flood.Seen[*requestMark] // nil if duplicates are welcome
	began  time.Time                 // when it was made, by its clock
}

// now is what time it is. It is half the price of time.Now, which reads two clocks.
func (x *exceptions) now() time.Time { return x.began.Add(time.Since(x.began)) }

// describer turns errors into lists of exceptions. All clients of a pool share
// one.
type describer struct {
	rules   *stack.Rules
	sources *stack.Sources // of lines of code; nil without them
	image   *image.Image   // that native frames are in; nil for others
	name    func(error) string
	frames  int
	buffers sync.Pool // of *[]byte, for lists as JSON
}

// buffer returns memory for a list, for recycle to take back.
func (x *describer) buffer() *[]byte {
	if b, ok := x.buffers.Get().(*[]byte); ok {
		return b
	}
	return new([]byte)
}

// recycle keeps the memory of a list that was sent for another one.
func (x *describer) recycle(b *[]byte) {
	if cap(*b) <= maxScratch {
		x.buffers.Put(b)
	}
}

// tracking returns what the client needs to report errors, which is made for
// the first of them.
func (c *ServerClient) tracking() *exceptions {
	if x := c.exceptions.made.Load(); x != nil {
		return x
	}
	c.exceptions.making.Do(func() {
		config := &c.config.ErrorTracking
		rate := config.RateLimit.withDefaults()
		x := &exceptions{describer: c.describer(), manual: rate.Manual, began: time.Now()}
		x.limit = flood.NewLimiter(
			flood.Rate{Burst: rate.Burst, Every: rate.Every},
			flood.Rate{Burst: rate.TotalBurst, Every: rate.TotalEvery},
		)
		if !config.KeepDuplicates {
			x.seen = flood.NewSeen[*requestMark](rememberedErrors, duplicateWindow)
		}
		c.exceptions.made.Store(x)
		if c.closing.Load() { // and Close may have come too early to find it
			c.closeTracking(context.Background())
		}
	})
	return c.exceptions.made.Load()
}

// sourceGrace is how long Close waits for source files that are being read,
// which it does last.
const sourceGrace = 10 * time.Millisecond

// closeTracking ends what describes errors of this client alone.
func (c *ServerClient) closeTracking(ctx context.Context) {
	if x := c.exceptions.made.Load(); x != nil && c.tenant == nil {
		x.close(ctx)
	}
}

// lazyExceptions are made when they are needed. Their options are there before,
// because an option may close the client.
type lazyExceptions struct {
	making  sync.Once
	made    atomic.Pointer[exceptions] // stored within making
	options sync.Pool                  // of *ExceptionOptions, all of them empty
	none    ExceptionOptions           // of captures without options; nobody changes it
}

// read returns what opts say, for release to take back. Options are functions,
// which the compiler has to suspect of keeping what they are given: in memory of
// its own, each of their captures, duplicates included, would cost an allocation.
func (e *lazyExceptions) read(opts []ExceptionOption) *ExceptionOptions {
	if len(opts) == 0 {
		return &e.none
	}
	o, ok := e.options.Get().(*ExceptionOptions)
	if !ok {
		o = new(ExceptionOptions)
	}
	o.read(opts)
	return o
}

// release keeps the memory of options for another capture, and nothing of what
// they say.
func (e *lazyExceptions) release(o *ExceptionOptions) {
	if o != &e.none {
		*o = ExceptionOptions{}
		e.options.Put(o)
	}
}

// How many errors are remembered, and how long, in order to know one that is
// captured twice.
const (
	rememberedErrors = 4096
	duplicateWindow  = 10 * time.Second
)

// describer returns the client's, or that of its pool.
func (c *ServerClient) describer() *describer {
	if c.tenant == nil {
		return newDescriber(&c.config, c.notices)
	}
	return c.tenant.describer()
}

// newDescriber returns a describer for a valid configuration.
func newDescriber(config *Config, notices *notice.Board) *describer {
	tracking := &config.ErrorTracking
	x := &describer{name: tracking.TypeName, frames: tracking.MaxFrames}
	options := stack.Options{
		MaxFrames:         tracking.MaxFrames,
		ProjectRoot:       config.ProjectRoot,
		Include:           tracking.InAppInclude,
		Exclude:           tracking.InAppExclude,
		InApp:             tracking.InApp,
		AbsolutePaths:     tracking.AbsolutePaths,
		AlwaysCaptureSite: tracking.AlwaysCaptureSite,
		StableGrouping:    !tracking.GroupByMessages,
	}
	if tracking.SourceContext {
		x.sources = stack.NewSources(tracking.SourceFS, builtAt())
		x.sources.NearestFirst = tracking.NearestLinesFirst
		options.Sources = x.sources
	}
	if tracking.NativeFrames {
		var err error
		if x.image, err = image.Running(); err != nil {
			notices.Report(notice.Warn, "no native frames",
				"posthog: ErrorTracking.NativeFrames has no effect, because the binary cannot be identified: %v; on Linux, build it with -ldflags=-B=gobuildid", err)
		}
		options.Image = x.image
	}
	x.rules = stack.NewRules(buildInfo(), options)
	return x
}

// close waits for source files that are being read, but not for one that a file
// system does not come back with.
func (x *describer) close(ctx context.Context) {
	if x == nil || x.sources == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sourceGrace)
	defer cancel()
	_ = x.sources.Close(ctx) // what goes on harms nobody
}

// plain describes errors for what has no client of this library: it has the
// defaults, and holds nothing back.
var plain = sync.OnceValue(func() *describer { return newDescriber(new(Config), nil) })

// buildInfo is how the program was built, nil if it does not say. It is read
// once, because the runtime parses it anew each time.
var buildInfo = sync.OnceValue(func() *debug.BuildInfo {
	info, _ := debug.ReadBuildInfo()
	return info
})

// again reports whether err was captured a moment ago by another place. At the
// end of a request that is also so if what it wraps was.
func (x *exceptions) again(ctx context.Context, value any, p *place) bool {
	err, ok := value.(error)
	if !ok || x.seen == nil {
		return false
	}
	request, now := requestOf(ctx), x.now()
	if x.seen.Again(err, request, p.where(), now) {
		return true
	}
	if p != &inServerError || request == nil {
		return false
	}
	return (&coverage{left: mostCovered, captured: func(err error) bool { return x.seen.Knows(err, request, now) }}).of(err)
}

// forget takes back that value was captured at p, of which nothing came.
func (x *exceptions) forget(ctx context.Context, value any, p *place) {
	if err, ok := value.(error); ok {
		x.seen.Forget(err, requestOf(ctx), p.where())
	}
}

// requestOf returns the mark of the request of ctx, or nil if there is none.
func requestOf(ctx context.Context) *requestMark {
	if carried := requestContext(ctx); carried != nil {
		return carried.mark()
	}
	return nil
}

// limits reports whether an exception of that title is one too many, and, if
// it is not, how many were since the last one that was not.
func (x *exceptions) limits(title string, p *place, level Level) (held uint64, limited bool) {
	if level == LevelFatal || p.boundary == atCode && !x.manual {
		return 0, false
	}
	ok, held := x.limit.Allow(title+p.apart, x.now())
	return held, !ok
}

// untold takes back that held exceptions of that title would be told of.
func (x *exceptions) untold(title string, p *place, held uint64) {
	if held > 0 {
		x.limit.Untold(title+p.apart, held, x.now())
	}
}

// describe returns the list of an exception: what was read of an error, and
// what the place of the capture and the application say of it. The options are
// complete after it.
func (x *describer) describe(tree stack.Tree, trace *stack.Trace, p *place, o *ExceptionOptions) []stack.Exception {
	b := stack.Boundary{Mechanism: p.mechanism, Handled: p.handled, Synthetic: o.Synthetic, Goroutine: p.goroutine}
	if o.Mechanism != "" {
		b.Mechanism = o.Mechanism
	}
	if o.Handled != nil {
		b.Handled = o.Handled
	}
	list := x.rules.Exceptions(tree, trace, b)
	if o.complete != nil {
		o.complete(o, list)
	}
	return list
}
