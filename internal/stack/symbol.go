package stack

import (
	"strconv"
	"strings"
)

// library is the module that this package belongs to.
const library = "github.com/hedgerow/posthog"

// packageOf returns the import path of the package that a function belongs to, as in "gopkg.in/yaml.v3" of
// "gopkg.in/yaml%2ev3.(*Decoder).Decode".
func packageOf(function string) string {
	path := function
	if i := strings.IndexByte(path, '['); i >= 0 {
		path = path[:i] // type arguments have dots and slashes of their own
	}
	if i := strings.IndexByte(path, '('); i >= 0 {
		path = path[:i]
	}
	last := strings.LastIndexByte(path, '/') + 1
	dot := strings.IndexByte(path[last:], '.')
	if dot < 0 {
		return ""
	}
	return unescape(path[:last+dot])
}

// unescape undoes what the compiler does to import paths in the names of symbols: it writes the dots of the last
// element, and characters that are not plain, as a percent sign and two hexadecimal digits.
func unescape(symbol string) string {
	if strings.IndexByte(symbol, '%') < 0 {
		return symbol
	}
	plain := make([]byte, 0, len(symbol))
	for i := 0; i < len(symbol); i++ {
		if symbol[i] == '%' && i+2 < len(symbol) {
			if b, err := strconv.ParseUint(symbol[i+1:i+3], 16, 8); err == nil {
				plain = append(plain, byte(b))
				i += 2
				continue
			}
		}
		plain = append(plain, symbol[i])
	}
	return string(plain)
}

// within says whether the package is the one at root or lies below it. Both "example.com/shop/cart" and the tests of
// "example.com/shop" lie within "example.com/shop", and "example.com/shopping" does not.
func within(pkg, root string) bool {
	if root == "" {
		return false
	}
	rest, found := strings.CutPrefix(pkg, root)
	return found && (rest == "" || rest[0] == '/' || rest == "_test")
}

// ofLibrary says whether a package is part of the library: of what runs in a service, not of tests and examples.
func ofLibrary(pkg string) bool {
	rest, found := strings.CutPrefix(pkg, library)
	switch {
	case !found || strings.HasSuffix(rest, "_test"):
		return false
	case rest == "":
		return true
	}
	for _, part := range [...]string{"/internal/", "/contrib/", "/ai", "/flags"} {
		if strings.HasPrefix(rest, part) {
			return true
		}
	}
	return false
}

// ofRuntime says whether a function is the runtime's.
func ofRuntime(function string) bool {
	return strings.HasPrefix(function, "runtime.") || strings.HasPrefix(function, "internal/runtime/")
}

// plugin is how the path of the main package of a plugin begins that was built from files, without a path of its own.
const plugin = "plugin/unnamed-"

// standard says whether a package looks like one of the standard library: the first element of everybody else's
// paths has a dot.
func standard(pkg string) bool {
	first, _, _ := strings.Cut(pkg, "/")
	return pkg != "main" && first != "" && strings.IndexByte(first, '.') < 0 && !strings.HasPrefix(pkg, plugin)
}
