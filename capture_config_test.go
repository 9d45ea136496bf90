package posthog_test

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

//go:embed capture_config_test.go
var ownSource embed.FS

// Lines of source code come from the file system that the program has, in the
// order of the file, for the application's frames alone. Proves EXC-7.
func TestSourceContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // where no file takes too long
		e := captureOne(t, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{SourceContext: true, SourceFS: ownSource}}, recaptured())
		lines, found := 0, false
		for _, f := range e.Exceptions()[0].Frames {
			if len(f.PreContext) > 0 {
				lines++
			}
			if strings.HasSuffix(f.Function, ".recaptured") {
				found = f.ContextLine == "\treturn trace(\"here\") // between" && len(f.PreContext) == 5 && len(f.PostContext) == 5 &&
					f.PreContext[4] == "func recaptured() error {" && f.PreContext[3] == "// recaptured returns an error with a stack." && f.PostContext[0] == "}" &&
					f.Platform == "custom" && f.Lang == "go" && f.Resolved
			}
		}
		if !found || lines != 2 { // the test, and recaptured; the other files are not there
			t.Errorf("%d frames have lines of code, want 2, and those of recaptured right: %s", lines, canonical(t, e.Properties["$exception_list"]))
		}
		e = captureOne(t, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{
			SourceContext: true, SourceFS: ownSource, NearestLinesFirst: true,
		}}, recaptured())
		found = false
		for _, f := range e.Exceptions()[0].Frames {
			if strings.HasSuffix(f.Function, ".recaptured") {
				found = len(f.PreContext) == 5 && f.PreContext[0] == "func recaptured() error {" &&
					f.PreContext[1] == "// recaptured returns an error with a stack." && f.PostContext[0] == "}"
			}
		}
		if !found {
			t.Errorf("with NearestLinesFirst, the lines before are not the other way round: %s", canonical(t, e.Properties["$exception_list"]))
		}
		e = captureOne(t, posthog.Config{}, recaptured())
		for _, f := range e.Exceptions()[0].Frames {
			if f.Platform != "go" || f.ContextLine != "" || f.PreContext != nil || f.PostContext != nil {
				t.Errorf("without SourceContext, a frame is %+v, want no lines", f)
			}
		}
	})
}

// This comment and the one after the function are lines around the one that
// matters: five on each side of it.

// recaptured returns an error with a stack.
func recaptured() error {
	return trace("here") // between
}

// These are lines after it.

// hanging is a file system that never comes back until it is told to.
type hanging struct{ release chan struct{} }

func (h hanging) Open(string) (fs.File, error) {
	<-h.release
	return nil, fs.ErrNotExist
}

// Sources that are not there, or are not files, lose no exception, and those
// that are slow hold it up for a moment only.
func TestSourcesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]fs.FS{
		"none":      fstest.MapFS{},
		"a folder":  fstest.MapFS{"capture_config_test.go": {Mode: fs.ModeDir}},
		"too short": fstest.MapFS{"capture_config_test.go": {Data: []byte("package posthog_test\n")}},
		"panics":    panickyFS{},
	} {
		e := captureOne(t, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{SourceContext: true, SourceFS: files}}, recaptured())
		for _, f := range e.Exceptions()[0].Frames {
			if f.ContextLine != "" || f.Platform != "go" {
				t.Errorf("%s: a frame is %+v, want no lines", name, f)
			}
		}
	}
	synctest.Test(t, func(t *testing.T) {
		files := hanging{make(chan struct{})}
		client, server := open(t, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{SourceContext: true, SourceFS: files}})
		if err := client.CaptureException(t.Context(), recaptured()); err != nil {
			t.Fatal(err)
		}
		onlyException(t, client, server)
		if err := client.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		close(files.release)
	})
}

type panickyFS struct{}

func (panickyFS) Open(string) (fs.File, error) { panic("Open") }

// Native frames take a binary that can be identified, as every one is that Go
// builds on Linux; without one the log says so when the client is made, and
// frames are as ever. Proves EXC-25.
func TestNativeFrames(t *testing.T) {
	t.Parallel()
	log := new(logLines)
	client, server := open(t, posthog.Config{Logger: log, ErrorTracking: posthog.ErrorTrackingConfig{NativeFrames: true}})
	warned := len(log.having("-ldflags=-B=gobuildid")) == 1
	if err := client.CaptureException(t.Context(), errors.New("e")); err != nil {
		t.Fatal(err)
	}
	e := onlyException(t, client, server)
	images, _ := e.Properties["$debug_images"].([]any)
	native := 0
	for _, f := range e.Exceptions()[0].Frames {
		if f.Platform != "native" {
			continue
		}
		native++
		if len(images) == 1 && f.ImageAddr != images[0].(map[string]any)["image_addr"] || f.InstructionAddr == "" {
			t.Errorf("a native frame is %+v, want one in the image %v", f, images)
		}
	}
	if warned && runtime.GOOS == "linux" {
		t.Errorf("the log is %q, want no warning, because this binary has a build id", log.all())
	}
	if without := native == 0 && len(images) == 0; warned != without || !without && len(images) != 1 {
		t.Errorf("warned: %v, native frames: %d, images: %d; want either a warning, or native frames with one image", warned, native, len(images))
	}
	_, err := posthog.NewPool(posthog.PoolConfig{Config: posthog.Config{Logger: log, ErrorTracking: posthog.ErrorTrackingConfig{NativeFrames: true}}})
	if again := len(log.having("-ldflags=-B=gobuildid")) == 2; err != nil || again != warned {
		t.Errorf("a pool warns: %v, %v, want %v", again, err, warned)
	}
}

// The ids of the active span are sent if they are ids, and the application's own
// win.
func TestActiveSpan(t *testing.T) {
	t.Parallel()
	const traceID, spanID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	for name, c := range map[string]struct {
		span       func(context.Context) (string, string)
		properties posthog.Properties
		trace      any
		id         any
	}{
		"a span":            {func(context.Context) (string, string) { return strings.ToUpper(traceID), spanID }, nil, traceID, spanID},
		"none":              {func(context.Context) (string, string) { return "", "" }, nil, absent, absent},
		"zeros":             {func(context.Context) (string, string) { return strings.Repeat("0", 32), spanID }, nil, absent, absent},
		"too short":         {func(context.Context) (string, string) { return traceID[:31], spanID }, nil, absent, absent},
		"no hexadecimal":    {func(context.Context) (string, string) { return traceID, "00f067aa0ba902bx" }, nil, absent, absent},
		"one that panics":   {func(context.Context) (string, string) { panic("span") }, nil, absent, absent},
		"the application's": {func(context.Context) (string, string) { return traceID, spanID }, posthog.Properties{"$trace_id": "mine"}, "mine", absent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := captureOne(t, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{ActiveSpan: c.span}}, errors.New("e"), posthog.WithProperties(c.properties))
			requireStored(t, e, map[string]any{"$trace_id": c.trace, "$span_id": c.id})
		})
	}
}

// spanKey has the id of a span in a context.
type spanKey struct{}

// The span is that of the context in which something failed, whatever tells of
// it.
func TestTheSpanOfAFailure(t *testing.T) {
	t.Parallel()
	const traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
	client, server := open(t, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{ActiveSpan: func(ctx context.Context) (string, string) {
		id, _ := ctx.Value(spanKey{}).(string)
		return traceID, id
	}}})
	within := func(span string) context.Context { return context.WithValue(t.Context(), spanKey{}, span) }
	if err := client.CaptureException(within("00000000000000c0"), errors.New("e")); err != nil {
		t.Fatal(err)
	}
	slog.New(posthog.NewSlogCaptureHandler(nil, client)).ErrorContext(within("00000000000000c1"), "failed")
	posthog.NewRequestContextMiddleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
	}), posthog.WithCaptureServerErrors(client)).ServeHTTP(&sink{header: http.Header{}}, visit(t).WithContext(within("00000000000000c2")))
	if err := client.CaptureRecovered(within("00000000000000c3"), "panic"); err != nil {
		t.Fatal(err)
	}
	for i, e := range exceptions(t, client, server) {
		requireStored(t, e, map[string]any{"$trace_id": traceID, "$span_id": "00000000000000c" + strconv.Itoa(i)})
	}
	server.Recorder(t).Count("$exception", 4)
}

// The release is told where it is known, on exceptions and nothing else. Proves
// EXC-27.
func TestReleaseID(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{ReleaseID: "r_7"}})
	enqueue(t, client, capture("event"), posthog.NewException(errors.New("message")))
	if err := client.CaptureException(t.Context(), errors.New("e"), posthog.WithProperties(posthog.Properties{"$release_id": "r_8"})); err != nil {
		t.Fatal(err)
	}
	all := exceptions(t, client, server)
	requireStored(t, all[0], map[string]any{"$release_id": "r_7"})
	requireStored(t, all[1], map[string]any{"$release_id": "r_8"})
	server.Recorder(t).Event("event").NoProperty("$release_id")
}

// Proves EXC-27.
func TestReleaseIDFromTheEnvironment(t *testing.T) {
	for name, c := range map[string]struct{ configured, want string }{
		"from the environment": {"", "r_env"}, "from the program": {"r_7", "r_7"},
	} {
		t.Setenv(posthog.EnvAPIKey, testKey)
		t.Setenv(posthog.EnvReleaseID, "r_env")
		server := posthogtest.NewServer(t, nil)
		client, err := posthog.FromEnv(connected(server, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{ReleaseID: c.configured}}))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		if err := client.CaptureException(t.Context(), errors.New("e")); err != nil {
			t.Fatal(err)
		}
		if got := onlyException(t, client, server).Properties["$release_id"]; got != c.want {
			t.Errorf("%s: the release is %v, want %s", name, got, c.want)
		}
	}
}

// Proves PY-24: one line for each exception that is captured, and none for what
// is not.
func TestLogCaptured(t *testing.T) {
	t.Parallel()
	for _, wanted := range []bool{true, false} {
		log := new(logLines)
		client, _ := open(t, posthog.Config{Logger: log, ErrorTracking: posthog.ErrorTrackingConfig{LogCaptured: wanted}})
		err, ctx := &chargeError{17}, posthog.WithFreshRequestContext(t.Context(), posthog.RequestContext{})
		for range 2 {
			if err := client.CaptureException(ctx, err); err != nil {
				t.Fatal(err)
			}
		}
		if err := client.CaptureException(ctx, err); err != nil { // another place, so a duplicate
			t.Fatal(err)
		}
		want := 0
		if wanted {
			want = 2
		}
		if lines := log.having("ERROR: posthog: captured posthog_test.chargeError: charge 17 failed"); len(lines) != want {
			t.Errorf("LogCaptured %v: the log is %q, want %d lines", wanted, log.all(), want)
		}
	}
}

// The application names errors, and decides what is its own; where it panics,
// the rules name the error, and the frame is not its own.
func TestFunctionsOfTheApplication(t *testing.T) {
	t.Parallel()
	all := func(runtime.Frame) bool { return true }
	for name, c := range map[string]struct {
		config posthog.ErrorTrackingConfig
		title  string
		own    string // functions that are the application's own, in order
	}{
		"none":    {posthog.ErrorTrackingConfig{}, "posthog_test.chargeError", "func captureOne"},
		"a name":  {posthog.ErrorTrackingConfig{TypeName: func(error) string { return "Charge" }}, "Charge", "func captureOne"},
		"no name": {posthog.ErrorTrackingConfig{TypeName: func(error) string { return "" }}, "posthog_test.chargeError", "func captureOne"},
		"a name that panics": {posthog.ErrorTrackingConfig{TypeName: func(error) string { panic("name") }},
			"posthog_test.chargeError", "func captureOne"},
		"everything is own":     {posthog.ErrorTrackingConfig{InApp: all}, "posthog_test.chargeError", "tRunner func captureOne"},
		"a decider that panics": {posthog.ErrorTrackingConfig{InApp: func(runtime.Frame) bool { panic("own") }}, "posthog_test.chargeError", ""},
		"a package is own":      {posthog.ErrorTrackingConfig{InAppInclude: []string{"testing"}}, "posthog_test.chargeError", "tRunner func captureOne"},
		"a package is not own": {posthog.ErrorTrackingConfig{InAppExclude: []string{"github.com/hedgerow"}, InAppInclude: []string{"github.com/hedgerow"}},
			"posthog_test.chargeError", ""},
		"few frames": {posthog.ErrorTrackingConfig{MaxFrames: 1}, "posthog_test.chargeError", "captureOne"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := captureOne(t, posthog.Config{ErrorTracking: c.config}, &chargeError{17}).Exceptions()[0]
			var own []string
			for _, f := range first.Frames {
				if f.InApp {
					own = append(own, closures.ReplaceAllString(f.Function[strings.LastIndexByte(f.Function, '.')+1:], "func"))
				}
			}
			if got := strings.Join(own, " "); first.Type != c.title || got != c.own {
				t.Errorf("got %q, with the frames %q, want %q with %q", first.Type, got, c.title, c.own)
			}
		})
	}
}

// Files are named relative to the project, which is that of the module unless
// the application says another, and as the compiler knew them on demand. Proves
// PY-25.
func TestNamesOfFiles(t *testing.T) {
	t.Parallel()
	_, here, _, _ := runtime.Caller(0)
	here = filepath.ToSlash(here)
	folder := filepath.ToSlash(filepath.Dir(filepath.Dir(here)))
	for name, c := range map[string]struct {
		config posthog.Config
		want   string
	}{
		"of the module":      {posthog.Config{}, "capture_support_test.go"},
		"of the project":     {posthog.Config{ProjectRoot: folder + "/"}, strings.TrimPrefix(filepath.ToSlash(filepath.Dir(here)), folder+"/") + "/capture_support_test.go"},
		"as the compiler is": {posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{AbsolutePaths: true}}, filepath.ToSlash(filepath.Dir(here)) + "/capture_support_test.go"},
	} {
		frames := captureOne(t, c.config, errors.New("e")).Exceptions()[0].Frames
		if f := frames[len(frames)-1]; f.Filename != c.want || !f.InApp {
			t.Errorf("%s: the file is %q, in_app %v, want %q, and the application's own", name, f.Filename, f.InApp, c.want)
		}
		if f := frames[0]; f.InApp {
			t.Errorf("%s: %s counts as the application's own", name, f.Function)
		}
	}
}

// AlwaysCaptureSite adds where an error was captured that brought a stack along.
func TestAlwaysCaptureSite(t *testing.T) {
	t.Parallel()
	for _, always := range []bool{true, false} {
		err := &shell{"audit", readLedger()}
		first := captureOne(t, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{AlwaysCaptureSite: always}}, err).Exceptions()[0]
		if got := len(first.Frames) > 0; got != always {
			t.Errorf("AlwaysCaptureSite %v: the first exception has a stack: %v", always, got)
		}
	}
}

// Proves the limits of ErrorTrackingConfig.
func TestErrorTrackingConfigIsChecked(t *testing.T) {
	t.Parallel()
	for field, config := range map[string]posthog.ErrorTrackingConfig{
		"ErrorTracking.MaxFrames":            {MaxFrames: 257},
		"ErrorTracking.RateLimit.Every":      {RateLimit: posthog.ExceptionRateLimit{Every: -1}},
		"ErrorTracking.RateLimit.TotalEvery": {RateLimit: posthog.ExceptionRateLimit{TotalEvery: -1}},
		"ErrorTracking.InAppInclude[1]":      {InAppInclude: []string{"a", " "}},
		"ErrorTracking.InAppExclude[0]":      {InAppExclude: []string{""}},
	} {
		_, err := posthog.NewWithConfig(testKey, posthog.Config{ErrorTracking: config})
		if invalid, ok := errors.AsType[posthog.ConfigError](err); !ok || invalid.Field != field {
			t.Errorf("%s: got %v, want a ConfigError about it", field, err)
		}
	}
	if _, err := posthog.NewWithConfig(testKey, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{MaxFrames: -1}}); err == nil {
		t.Error("a negative MaxFrames is accepted")
	}
}

// countedFS has no files, and counts who asks for one.
type countedFS struct{ opened atomic.Int32 }

func (f *countedFS) Open(string) (fs.File, error) {
	f.opened.Add(1)
	return nil, fs.ErrNotExist
}

// A capture that Close overtakes reads no file any more, as nobody would wait
// for it.
func TestNoSourcesAreReadAfterClose(t *testing.T) {
	t.Parallel()
	files := [2]countedFS{}
	config := func(i int) posthog.Config {
		return posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{SourceContext: true, SourceFS: &files[i]}}
	}
	client, _ := open(t, config(0))
	pool, _ := openPool(t, posthog.PoolConfig{Config: config(1)})
	_ = client.CaptureException(t.Context(), errors.New("x"), func(*posthog.ExceptionOptions) { closeNow(t, client) })
	_ = clientOf(t, pool, 1).CaptureException(t.Context(), errors.New("x"), func(*posthog.ExceptionOptions) {
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
	for i := range files {
		if n := files[i].opened.Load(); n != 0 {
			t.Errorf("%d files were opened by client %d after Close, want 0", n, i)
		}
	}
}
