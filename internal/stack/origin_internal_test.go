package stack

import (
	"runtime/debug"
	"testing"
)

// The standard library is known by its folder, and by the names of folders alone after a build with -trimpath, which names
// files by packages. Proves EXC-37.
func TestFilesOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	const goroot = "/usr/local/go"
	modular := &debug.BuildInfo{Path: "example.com/shop/cmd/shop", Main: debug.Module{Path: "example.com/shop"}}
	short := &debug.BuildInfo{
		Path: "shop/cmd/shop", Main: debug.Module{Path: "shop"},
		Deps: []*debug.Module{{Path: "beside", Version: "v0.0.0", Replace: &debug.Module{Path: "../beside", Version: "(devel)"}}},
	}
	files := &debug.BuildInfo{Path: "command-line-arguments", Deps: []*debug.Module{{Path: "example.com/shop", Version: "(devel)"}}}
	for name, tc := range map[string]struct {
		goroot         string // "" after a build that hid it
		info           *debug.BuildInfo
		function, file string
		want           string // package, file, and whether it is the application's own
	}{
		"an inlined closure":                            {goroot, modular, "main.main.StripPrefix.func3", goroot + "/src/net/http/server.go", "net/http net/http/server.go foreign"},
		"a name of another package":                     {goroot, modular, "sync.runtime_Semacquire", goroot + "/src/runtime/sema.go", "runtime runtime/sema.go foreign"},
		"a folder beside it":                            {goroot, nil, "shop/billing.Charge", "/home/ci/src/shop/billing/charge.go", "shop/billing shop/billing/charge.go own"},
		"a closure, and nobody knows anything else":     {goroot, nil, "main.main.OnceFunc.func1", goroot + "/src/sync/oncefunc.go", "sync sync/oncefunc.go foreign"},
		"an inlined closure of a hidden build":          {"", modular, "main.main.Values[...].func9", "slices/iter.go", "slices slices/iter.go foreign"},
		"one of a program whose module has no dot":      {"", short, "main.main.StripPrefix.func1", "net/http/server.go", "net/http net/http/server.go foreign"},
		"one of a program that was built from files":    {"", files, "main.main.OnceFunc.func1", "sync/oncefunc.go", "sync sync/oncefunc.go foreign"},
		"the main package":                              {"", modular, "main.main", "example.com/shop/cmd/shop/main.go", "main cmd/shop/main.go own"},
		"the main package of a module without a dot":    {"", short, "main.main", "shop/cmd/shop/main.go", "main cmd/shop/main.go own"},
		"a package of a module without a dot":           {"", short, "shop/billing.Charge", "shop/billing/charge.go", "shop/billing billing/charge.go own"},
		"a module without a dot in a folder":            {"", short, "beside.Do", "beside/do.go", "beside beside/do.go own"},
		"the main package that was built from files":    {"", files, "main.main", "./main.go", "main main.go own"},
		"the same, named by what stands for its path":   {"", files, "main.main", "command-line-arguments/main.go", "main main.go own"},
		"what cgo made":                                 {"", modular, "main._Cfunc_run", "_cgo_gotypes.go", "main cmd/shop/_cgo_gotypes.go own"},
		"a file of Windows, whose root is not hidden":   {"", modular, "main.main", "C:/src/shop/cmd/shop/main.go", "main cmd/shop/main.go own"},
		"a package of a program of which nobody knows":  {"", nil, "main.main", "shop/main.go", "main shop/main.go own"},
		"the standard library of such a program":        {"", nil, "net/http.Get", "net/http/client.go", "net/http net/http/client.go foreign"},
		"a package without a dot of such a program":     {"", nil, "shop/billing.Charge", "shop/billing/charge.go", "shop/billing shop/billing/charge.go foreign"},
		"a file that a comment names":                   {"", modular, "example.com/shop/web.Show", "pages/show.qtpl", "example.com/shop/web web/show.qtpl own"},
		"an inlined closure of a folder":                {"", short, "main.main.Do.func1", "beside@v0.0.0/sub/do.go", "beside/sub beside/sub/do.go own"},
		"what Bazel fetched":                            {"", nil, "example.net/lib.Do", "external/net_example_lib/do.go", "example.net/lib external/net_example_lib/do.go foreign"},
		"what Bazel found in its vendor folder":         {"", nil, "example.net/lib.Do", "vendor/example.net/lib/do.go", "example.net/lib vendor/example.net/lib/do.go foreign"},
		"what Bazel built":                              {"", nil, "example.com/shop/billing.Charge", "billing/charge.go", "example.com/shop/billing billing/charge.go own"},
		"an inlined closure of one of its dependencies": {"", nil, "main.main.Do.func1", "example.net/lib@v1.2.3/sub/do.go", "example.net/lib/sub example.net/lib@v1.2.3/sub/do.go foreign"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := NewRules(tc.info, Options{})
			r.goroot = tc.goroot
			f := r.Frame(tc.function, tc.file, 7)
			got := f.Package + " " + f.Filename + " foreign"
			if f.InApp {
				got = f.Package + " " + f.Filename + " own"
			}
			if got != tc.want {
				t.Errorf("%s in %s\n got %s\nwant %s", tc.function, tc.file, got, tc.want)
			}
		})
	}
}
