package match_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/flags/internal/match"
)

// parse reads a property from JSON, so that numbers keep their literal.
func parse(tb testing.TB, document string) match.Value {
	tb.Helper()
	value, ok := match.ParseValue([]byte(document))
	if !ok {
		tb.Fatalf("ParseValue(%s) cannot read it", document)
	}
	return value
}

func compile(operator, operand string, options match.Options) (match.Test, match.Cause) {
	if options.Zone == nil {
		options.Zone = time.UTC
	}
	if operand == "" {
		return match.Compile(operator, nil, options)
	}
	return match.Compile(operator, json.RawMessage(operand), options)
}

// compiled is compile for a filter that can be asked.
func compiled(tb testing.TB, operator, operand string) match.Test {
	tb.Helper()
	test, cause := compile(operator, operand, match.Options{})
	if cause != match.NoCause {
		tb.Fatalf("Compile(%s, %s): cause %d", operator, operand, cause)
	}
	return test
}

// tests are one or more for each way of comparing texts.
func tests(tb testing.TB) map[string]match.Test {
	tb.Helper()
	members := make([]string, 100)
	members[0] = "\"" + strings.Repeat("long ", 100) + "\""
	for i := 1; i < len(members); i++ {
		members[i] = fmt.Sprintf("\"member-%d\"", i)
	}
	return map[string]match.Test{
		"exact":            compiled(tb, "exact", `"professional"`),
		"exact_true":       compiled(tb, "exact", `true`),
		"exact_few":        compiled(tb, "exact", `["free","basic","Professional"]`),
		"exact_many":       compiled(tb, "exact", "["+strings.Join(members, ",")+"]"),
		"is_not":           compiled(tb, "is_not", `"free"`),
		"icontains":        compiled(tb, "icontains", `"@example.org"`),
		"icontains_multi":  compiled(tb, "icontains_multi", `["@example.com","@example.org"]`),
		"starts_with":      compiled(tb, "starts_with", `"prof"`),
		"regex":            compiled(tb, "regex", `"^[a-z]+@example\\.(com|org)$"`),
		"regex_of_numbers": compiled(tb, "not_regex", `"^\\d+$"`),
		"is_set":           compiled(tb, "is_set", ``),
	}
}
