package stack_test

import (
	"bytes"
	"math"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hedgerow/posthog/internal/stack"
)

// Proves EXC-37.
func TestFrame(t *testing.T) {
	t.Parallel()
	bare := &debug.BuildInfo{Path: "command-line-arguments"}
	files := &debug.BuildInfo{Path: "command-line-arguments", Deps: []*debug.Module{
		{Path: "example.com/shop", Version: "(devel)"}, nil, {Path: "example.net/lib", Version: "v1.2.3"},
		{Path: "example.net/beside", Version: "(devel)", Replace: &debug.Module{Path: "../beside", Version: "(devel)"}},
	}}
	for name, tc := range map[string]struct {
		info           *debug.BuildInfo
		options        stack.Options
		function, file string
		want           string // package, file, and whether it is the application's own
	}{
		"the main package": {
			info: shop, function: "main.main", file: "/home/ci/shop/cmd/shop/main.go",
			want: "main cmd/shop/main.go own",
		},
		"a closure of the main module": {
			info: shop, function: "example.com/shop/billing.(*Svc).Charge.func1", file: "/home/ci/shop/billing/charge.go",
			want: "example.com/shop/billing billing/charge.go own",
		},
		"the main module, built with -trimpath": {
			info: shop, function: "example.com/shop/billing.Charge", file: "example.com/shop/billing/charge.go",
			want: "example.com/shop/billing billing/charge.go own",
		},
		"the root package of the main module": {
			info: shop, function: "example.com/shop.Run", file: "/home/ci/shop/run.go",
			want: "example.com/shop run.go own",
		},
		"external tests of the main module": {
			info: shop, function: "example.com/shop/cart_test.TestAdd", file: "/home/ci/shop/cart/add_test.go",
			want: "example.com/shop/cart_test cart/add_test.go own",
		},
		"a module with a name that begins alike": {
			info: shop, function: "example.com/shopping.Run", file: "/home/ci/go/pkg/mod/example.com/shopping@v1.0.0/run.go",
			want: "example.com/shopping example.com/shopping@v1.0.0/run.go foreign",
		},
		"generic code": {
			info: shop, function: "example.com/shop/cart.(*List[...]).Add", file: "/home/ci/shop/cart/list.go",
			want: "example.com/shop/cart cart/list.go own",
		},
		"generic code with its arguments": {
			info: shop, function: "example.com/shop/cart.Map[go.shape.int,example.net/lib.T]", file: "/home/ci/shop/cart/list.go",
			want: "example.com/shop/cart cart/list.go own",
		},
		"a method value": {
			info: shop, function: "example.com/shop/cart.(*List).Add-fm", file: "/home/ci/shop/cart/list.go",
			want: "example.com/shop/cart cart/list.go own",
		},
		"the standard library": {
			info: shop, function: "net/http.(*conn).serve", file: "/usr/local/go/src/net/http/server.go",
			want: "net/http net/http/server.go foreign",
		},
		"the standard library, built with -trimpath": {
			info: shop, function: "net/http.(*conn).serve", file: "net/http/server.go",
			want: "net/http net/http/server.go foreign",
		},
		"the standard library's own dependencies": {
			info: shop, function: "vendor/golang.org/x/net/http2/hpack.(*Decoder).Write", file: "/usr/local/go/src/vendor/golang.org/x/net/http2/hpack/hpack.go",
			want: "vendor/golang.org/x/net/http2/hpack vendor/golang.org/x/net/http2/hpack/hpack.go foreign",
		},
		"a dependency": {
			info: shop, function: "example.net/lib/sub.Do", file: "/home/ci/go/pkg/mod/example.net/lib@v1.2.3/sub/do.go",
			want: "example.net/lib/sub example.net/lib@v1.2.3/sub/do.go foreign",
		},
		"a dependency, built with -trimpath": {
			info: shop, function: "example.net/lib/sub.Do", file: "example.net/lib@v1.2.3/sub/do.go",
			want: "example.net/lib/sub example.net/lib@v1.2.3/sub/do.go foreign",
		},
		"a dependency in the vendor folder": {
			info: shop, function: "example.net/lib/sub.Do", file: "/home/ci/shop/vendor/example.net/lib/sub/do.go",
			want: "example.net/lib/sub example.net/lib@v1.2.3/sub/do.go foreign",
		},
		"a module inside of another one": {
			info: shop, function: "example.net/lib/deeper/sub.Do", file: "/m/example.net/lib/deeper@v0.1.0/sub/do.go",
			want: "example.net/lib/deeper/sub example.net/lib/deeper@v0.1.0/sub/do.go foreign",
		},
		"a module inside of the main one": {
			info: shop, function: "example.com/shop/tools.Do", file: "/m/example.com/shop/tools@v0.2.0/do.go",
			want: "example.com/shop/tools example.com/shop/tools@v0.2.0/do.go foreign",
		},
		"a module replaced by a folder": {
			info: shop, function: "example.net/beside.Do", file: "/home/ci/beside/do.go",
			want: "example.net/beside example.net/beside/do.go own",
		},
		"a module replaced by another one": {
			info: shop, function: "example.net/forked.Do", file: "/m/example.org/fork@v1.0.1/do.go",
			want: "example.net/forked example.net/forked@v1.0.1/do.go foreign",
		},
		"a module of the workspace": {
			info: shop, function: "example.com/workspace.Do", file: "/home/ci/workspace/do.go",
			want: "example.com/workspace example.com/workspace/do.go own",
		},
		"a package with a dot at its end": {
			info: shop, function: "gopkg.in/yaml%2ev3.(*Decoder).Decode", file: "/m/gopkg.in/yaml.v3@v3.0.1/yaml.go",
			want: "gopkg.in/yaml.v3 gopkg.in/yaml.v3@v3.0.1/yaml.go foreign",
		},
		"this library": {
			info:     &debug.BuildInfo{Path: "github.com/hedgerow/posthog/examples/demo", Main: debug.Module{Path: "github.com/hedgerow/posthog"}},
			function: "github.com/hedgerow/posthog.(*ServerClient).CaptureException", file: "/x/capture.go",
			want: "github.com/hedgerow/posthog capture.go foreign",
		},
		"cgo": {
			info: shop, function: "example.com/shop/native._Cfunc_run", file: "_cgo_gotypes.go",
			want: "example.com/shop/native native/_cgo_gotypes.go own",
		},
		"generated code": {
			info: shop, function: "example.com/shop/cart.(*List).Add", file: "<autogenerated>",
			want: "example.com/shop/cart <autogenerated> own",
		},
		"an assembly function without a package": {
			info: shop, function: "callbackasm1", file: "/x/y/sys.s", want: " sys.s foreign",
		},
		"nothing at all": {info: shop, want: " unknown foreign"},
		"a plugin": {
			info: shop, function: "example.com/shop/plugins/tax.Rate", file: "/home/ci/shop/plugins/tax/rate.go",
			want: "example.com/shop/plugins/tax plugins/tax/rate.go own",
		},
		"a plugin that was built from files": {
			info: shop, function: "plugin/unnamed-0a1b2c.Rate", file: "/home/ci/tax/rate.go",
			want: "plugin/unnamed-0a1b2c rate.go own",
		},
		"the main module, built on Windows": {
			info: shop, function: "example.com/shop/billing.Charge", file: "C:/src/shop/billing/charge.go",
			want: "example.com/shop/billing billing/charge.go own",
		},
		"the main module, installed from the module cache": {
			info: shop, function: "main.main", file: "/home/ci/go/pkg/mod/example.com/shop@v1.0.0/cmd/shop/main.go",
			want: "main cmd/shop/main.go own",
		},
		"a folder that looks like one of the module cache": {
			info: shop, function: "main.main", file: "/home/ci@corp/shop@v1.2.3/cmd/shop/main.go",
			want: "main cmd/shop/main.go own",
		},
		"a folder named like a dependency": {
			info: shop, function: "main.main", file: "/home/ci/example.net/lib@v2.0.0/cmd/shop/main.go",
			want: "main cmd/shop/main.go own",
		},
		"a project in a folder named vendor": {
			info: shop, function: "main.main", file: "/home/vendor/shop/cmd/shop/main.go",
			want: "main cmd/shop/main.go own",
		},

		"a closure of a dependency that was inlined": {
			info: shop, function: "main.main.Do.func3", file: "/home/ci/go/pkg/mod/example.net/lib@v1.2.3/sub/do.go",
			want: "example.net/lib/sub example.net/lib@v1.2.3/sub/do.go foreign",
		},
		"an inlined closure, built with -trimpath": {
			info: shop, function: "main.main.Do.func3", file: "example.net/lib@v1.2.3/sub/do.go",
			want: "example.net/lib/sub example.net/lib@v1.2.3/sub/do.go foreign",
		},
		"an inlined closure in the vendor folder": {
			info: shop, function: "main.main.Do.func3", file: "/home/ci/shop/vendor/example.net/lib/sub/do.go",
			want: "example.net/lib/sub example.net/lib@v1.2.3/sub/do.go foreign",
		},
		"an inlined closure of the root of a module": {
			info: shop, function: "example.com/shop/billing.(*Svc).Charge.Do.func1", file: "/m/example.net/lib@v1.2.3/do.go",
			want: "example.net/lib example.net/lib@v1.2.3/do.go foreign",
		},
		"an inlined closure of a module with capitals": {
			info: shop, function: "main.main.Do.func3", file: "D:/go/pkg/mod/github.com/!azure/sdk@v1.0.0-!r!c.1/blob/get.go",
			want: "github.com/Azure/sdk/blob github.com/Azure/sdk@v1.0.0-RC.1/blob/get.go foreign",
		},
		"an inlined closure of a module replaced by another one": {
			info: shop, function: "main.main.Do.func3", file: "/m/example.org/fork@v1.0.1/do.go",
			want: "example.net/forked example.net/forked@v1.0.1/do.go foreign",
		},
		"an inlined closure of a dependency that is included": {
			info: shop, options: stack.Options{Include: []string{"example.net/lib"}},
			function: "main.main.Do.func3", file: "/m/example.net/lib@v1.2.3/sub/do.go",
			want: "example.net/lib/sub example.net/lib@v1.2.3/sub/do.go own",
		},
		"a dependency that is included by a pattern": {
			info: shop, options: stack.Options{Include: []string{"example.net/lib/sub/..."}},
			function: "example.net/lib/sub.Do", file: "/m/example.net/lib@v1.2.3/sub/do.go",
			want: "example.net/lib/sub example.net/lib@v1.2.3/sub/do.go own",
		},
		"a folder that is excluded by its name": {
			info: shop, options: stack.Options{Exclude: []string{"example.com/shop/billing/"}},
			function: "example.com/shop/billing.Charge", file: "/home/ci/checkout/billing/charge.go",
			want: "example.com/shop/billing billing/charge.go foreign",
		},
		"an inlined closure of this library": {
			info: shop, function: "main.main.Middleware.func3", file: "/m/github.com/hedgerow/posthog@v1.0.0/contrib/gin/recover.go",
			want: "github.com/hedgerow/posthog/contrib/gin github.com/hedgerow/posthog@v1.0.0/contrib/gin/recover.go foreign",
		},

		"a folder of the project's": {
			info: shop, options: stack.Options{ProjectRoot: "/home/ci/mono/"},
			function: "example.net/odd.Do", file: "/home/ci/mono/odd/do.go",
			want: "example.net/odd odd/do.go own",
		},
		"a vendor folder below that of the project": {
			info: shop, options: stack.Options{ProjectRoot: "/home/ci/mono"},
			function: "example.net/lib.Do", file: "/home/ci/mono/vendor/example.net/lib/do.go",
			want: "example.net/lib vendor/example.net/lib/do.go foreign",
		},
		"a folder whose name begins like the project's": {
			info: shop, options: stack.Options{ProjectRoot: "/home/ci/mono"},
			function: "example.net/odd.Do", file: "/home/ci/monolith/odd/do.go",
			want: "example.net/odd odd/do.go foreign",
		},
		"absolute paths on demand": {
			info: shop, options: stack.Options{AbsolutePaths: true},
			function: "main.main", file: "/home/ci/shop/cmd/shop/main.go",
			want: "main /home/ci/shop/cmd/shop/main.go own",
		},
		"a dependency that is included": {
			info: shop, options: stack.Options{Include: []string{"example.net/lib"}},
			function: "example.net/lib/sub.Do", file: "/m/example.net/lib@v1.2.3/sub/do.go",
			want: "example.net/lib/sub example.net/lib@v1.2.3/sub/do.go own",
		},
		"a package that is excluded, which wins": {
			info: shop, options: stack.Options{Include: []string{"example.com/shop"}, Exclude: []string{"example.com/shop/gen"}},
			function: "example.com/shop/gen.Do", file: "/home/ci/shop/gen/do.go",
			want: "example.com/shop/gen gen/do.go foreign",
		},
		"a decision of the application's": {
			info: shop, options: stack.Options{InApp: func(f runtime.Frame) bool { return strings.HasPrefix(f.Function, "net/") }},
			function: "net/http.Get", file: "/usr/local/go/src/net/http/client.go",
			want: "net/http net/http/client.go own",
		},
		"a decision that panics": {
			info: shop, options: stack.Options{InApp: func(runtime.Frame) bool { panic("no") }},
			function: "main.main", file: "/home/ci/shop/cmd/shop/main.go",
			want: "main cmd/shop/main.go foreign",
		},

		"the main package of a program that was built from files": {
			info: files, function: "main.main", file: "/home/ci/shop/cmd/shop/main.go", want: "main main.go own",
		},
		"its main package, built with -trimpath": {
			info: files, function: "main.main", file: "./main.go", want: "main main.go own",
		},
		"another package of its module": {
			info: files, function: "example.com/shop/billing.Charge", file: "/home/ci/checkout/billing/charge.go",
			want: "example.com/shop/billing billing/charge.go own",
		},
		"its module, of several in a workspace": {
			info:     &debug.BuildInfo{Deps: []*debug.Module{files.Deps[0], {Path: "example.com/beside", Version: "(devel)"}}},
			function: "example.com/shop/billing.Charge", file: "/home/ci/checkout/billing/charge.go",
			want: "example.com/shop/billing example.com/shop/billing/charge.go own",
		},
		"another module of it, in a folder named vendor": {
			info:     &debug.BuildInfo{Deps: []*debug.Module{files.Deps[0], {Path: "example.com/beside", Version: "(devel)"}}},
			function: "example.com/beside.Do", file: "/home/vendor/beside/do.go",
			want: "example.com/beside example.com/beside/do.go own",
		},
		"its other dependencies": {
			info: files, function: "main.main.Do.func1", file: "/m/example.net/lib@v1.2.3/sub/do.go",
			want: "example.net/lib/sub example.net/lib@v1.2.3/sub/do.go foreign",
		},

		"a program without build information": {
			info: bare, function: "example.com/shop/billing.Charge", file: "/home/ci/src/shop/billing/charge.go",
			want: "example.com/shop/billing shop/billing/charge.go own",
		},
		"its main package": {
			function: "main.main", file: "/home/ci/src/main.go", want: "main main.go own",
		},
		"what its standard library has of C": {
			function: "net._C2func_getaddrinfo", file: "_cgo_gotypes.go", want: "net _cgo_gotypes.go foreign",
		},
		"closures of its dependencies that were inlined": {
			function: "main.main.Get.func1", file: "/home/ci/go/pkg/mod/github.com/!azure/sdk@v1.0.0/blob/get.go",
			want: "github.com/Azure/sdk/blob github.com/Azure/sdk@v1.0.0/blob/get.go foreign",
		},
		"closures of its vendor folder that were inlined": {
			function: "main.main.Do.func1", file: "/home/ci/shop/vendor/example.net/lib/do.go",
			want: "example.net/lib example.net/lib/do.go foreign",
		},
		"its dependencies": {
			function: "github.com/Azure/sdk/blob.Get", file: "/home/ci/go/pkg/mod/github.com/!azure/sdk@v1.0.0/blob/get.go",
			want: "github.com/Azure/sdk/blob github.com/Azure/sdk@v1.0.0/blob/get.go foreign",
		},
		"its dependencies, built with -trimpath": {
			function: "github.com/Azure/sdk/blob.Get", file: "github.com/Azure/sdk@v1.0.0/blob/get.go",
			want: "github.com/Azure/sdk/blob github.com/Azure/sdk@v1.0.0/blob/get.go foreign",
		},
		"its vendor folder": {
			function: "example.net/lib.Do", file: "/home/ci/shop/vendor/example.net/lib/do.go",
			want: "example.net/lib example.net/lib/do.go foreign",
		},
		"its standard library": {
			function: "net/http.Get", file: runtime.GOROOT() + "/src/net/http/client.go", //nolint:staticcheck // the folder of this very build
			want: "net/http net/http/client.go foreign",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := stack.NewRules(tc.info, tc.options).Frame(tc.function, tc.file, 7)
			own := " foreign"
			if f.InApp {
				own = " own"
			}
			if got := f.Package + " " + f.Filename + own; got != tc.want {
				t.Errorf("%s in %s\n got %s\nwant %s", tc.function, tc.file, got, tc.want)
			}
		})
	}
}

// Proves EXC-44.
func TestFramesHaveWhatPostHogRequires(t *testing.T) {
	t.Parallel()
	rules := stack.NewRules(shop, stack.Options{})
	for name, tc := range map[string]struct {
		function, file string
		line           int
		want           stack.Frame
	}{
		"nothing is known": {"", "", 3, stack.Frame{Function: "unknown", Filename: "unknown"}},
		"a negative line":  {"main.f", "/x.go", -1, stack.Frame{Function: "main.f", Filename: "cmd/shop/x.go", InApp: true}},
		"an escaped name":  {"gopkg.in/yaml%2ev3.F", "y.go", 1, stack.Frame{Function: "gopkg.in/yaml.v3.F", Filename: "gopkg.in/yaml.v3@v3.0.1/y.go", Line: 1}},
		"a broken escape":  {"main.f%2", "x.go", 1, stack.Frame{Function: "main.f%2", Filename: "cmd/shop/x.go", Line: 1, InApp: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := rules.Frame(tc.function, tc.file, tc.line)
			tc.want.Platform, tc.want.Package, tc.want.Path = "go", got.Package, tc.file
			if !bytes.Equal(indented(t, got), indented(t, tc.want)) {
				t.Errorf("got %+v, want %+v", got, tc.want)
			}
		})
	}
}

func FuzzFrame(f *testing.F) {
	f.Add("main.main", "/home/ci/shop/main.go", 3)
	f.Add("gopkg.in/yaml%2ev3.(*T[...]).F.func1", "gopkg.in/yaml.v3@v3.0.1/x.go", 0)
	f.Add("a/b%.c", "!a@/pkg/mod/@v", -1)
	f.Add("\xff[", "C:/x/vendor/y.go", math.MaxInt)
	f.Add("", "/home/", 3)
	known, unknown := stack.NewRules(shop, stack.Options{ProjectRoot: "/home"}), stack.NewRules(nil, stack.Options{})
	f.Fuzz(func(t *testing.T, function, file string, line int) {
		for _, rules := range []*stack.Rules{known, unknown} {
			got := rules.Frame(function, file, line)
			if got.Function == "" || got.Filename == "" || got.Line < 0 || !utf8.ValidString(got.Function+got.Filename) {
				t.Errorf("Frame(%q, %q, %d): got %+v", function, file, line, got)
			}
		}
	})
}
