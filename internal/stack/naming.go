package stack

import (
	"reflect"
	"runtime"
	"strings"
)

// opaqueTypes carry somebody's text, or somebody's error, and are named for neither.
var opaqueTypes = map[typeName]bool{
	{"errors", "errorString"}:                      true,
	{"errors", "joinError"}:                        true,
	{"fmt", "wrapError"}:                           true,
	{"fmt", "wrapErrors"}:                          true,
	{"github.com/hedgerow/posthog", "PanicError"}:  true,
	{"github.com/pkg/errors", "fundamental"}:       true,
	{"github.com/pkg/errors", "withMessage"}:       true,
	{"github.com/pkg/errors", "withStack"}:         true,
	{"golang.org/x/xerrors", "errorString"}:        true,
	{"golang.org/x/xerrors", "wrapError"}:          true,
	{"golang.org/x/xerrors", "noWrapError"}:        true,
	{"github.com/go-errors/errors", "Error"}:       true,
	{"github.com/cockroachdb/errors", "withStack"}: true,
	{"github.com/gin-gonic/gin", "Error"}:          true,
	{"github.com/labstack/echo/v5", "HTTPError"}:   true,
}

// A typeName is the name of a type and the package that declares it.
type typeName struct{ pkg, name string }

// name returns the title of an error, the import path of its type if that says more than the title, and whether the
// title says nothing.
func (w *walker) name(err error) (title, module string, opaque bool) {
	t := reflect.TypeOf(err)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	module = t.PkgPath()
	if title = w.asked(err); title == "" {
		title = ownName(err)
	}
	switch {
	case title != "":
	case raised(err, module):
		title, module = "runtime.Error", ""
	default:
		title = clip(t.String(), maxType)
		opaque = opaqueTypes[typeName{module, t.Name()}]
	}
	if pkg, _, _ := strings.Cut(title, "."); pkg == module {
		module = ""
	}
	return title, clip(module, maxName), opaque
}

// asked returns the name that the application gives to an error.
func (w *walker) asked(err error) (title string) {
	if w.namer == nil {
		return ""
	}
	defer func() {
		if recover() != nil {
			title = ""
		}
	}()
	return titled(w.namer(err))
}

// ownName returns the name that an error gives to itself.
func ownName(err error) (title string) {
	defer func() {
		if recover() != nil {
			title = ""
		}
	}()
	named, ok := err.(interface{ ErrorType() string })
	if !ok {
		return ""
	}
	return titled(named.ErrorType())
}

// titled returns a title that somebody gave, or nothing of one that nobody would see.
func titled(text string) string {
	if text = clip(text, maxType); strings.TrimSpace(text) == "" {
		return ""
	}
	return text
}

// raised says whether an error is one of the runtime's own, such as that of a nil pointer.
func raised(err error, module string) bool {
	_, ok := err.(runtime.Error) //nolint:errorlint // of this error, not of one that it wraps
	return ok && (module == "runtime" || strings.HasPrefix(module, "internal/runtime/"))
}

// private says whether the name of a type is not exported.
func private(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := t.Name()
	return name != "" && (name[0] >= 'a' && name[0] <= 'z' || name[0] == '_')
}
