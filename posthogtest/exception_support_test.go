package posthogtest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

// raised is an $exception of somebody with these properties, given as JSON.
func raised(distinctID, properties string) string {
	return fmt.Sprintf(`{"event":"$exception","distinct_id":%q,"timestamp":"1999-11-20T10:00:00Z","properties":%s}`, distinctID, properties)
}

// listed are properties with an exception list and more members.
func listed(list string, more ...string) string {
	return "{" + strings.Join(append([]string{`"$exception_list":[` + list + "]"}, more...), ",") + "}"
}

// stacked is an entry of an exception list with frames.
func stacked(title, value string, frames ...string) string {
	return fmt.Sprintf(`{"type":%q,"value":%q,"stacktrace":{"type":"raw","frames":[%s]}}`, title, value, strings.Join(frames, ","))
}

// goFrame is a frame of the application, or of somebody else.
func goFrame(function string, line int, own bool) string {
	return fmt.Sprintf(`{"platform":"go","filename":"f.go","function":%q,"lineno":%d,"in_app":%t}`, function, line, own)
}

// raise sends exceptions to a server of their own.
func raise(t *testing.T, events ...string) *posthogtest.Server {
	t.Helper()
	s := posthogtest.NewServer(t, nil)
	post(t, s, batch(events...), 200)
	return s
}
