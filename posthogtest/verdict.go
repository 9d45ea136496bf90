package posthogtest

import "fmt"

// Result is the word [RouteAnalytics] answers about one event. There are
// others than those below, and clients must expect more; a script may use any,
// such as "limited", which says that a billing limit is reached.
type Result string

// The words a client acts on.
const (
	// ResultOK: the event is stored.
	ResultOK Result = "ok"
	// ResultWarning: the event is stored, with a remark.
	ResultWarning Result = "warning"
	// ResultDrop: the event is lost for good and must not come again.
	ResultDrop Result = "drop"
	// ResultRetry: the event is not stored and should come again.
	ResultRetry Result = "retry"
)

// stores reports a result that promises the event is kept.
func (r Result) stores() bool { return r == ResultOK || r == ResultWarning }

// Verdict is what [RouteAnalytics] answered about one event of a request.
type Verdict struct {
	// Event and DistinctID are the event's, the id without the spaces around it,
	// and "" where it had none.
	Event, DistinctID string
	// UUID is the event's, lower case with hyphens, as in the answer.
	UUID string
	// Result is the word answered, "" where an [EventFault] left the uuid out.
	Result Result
	// Details is the reason given, mostly "".
	Details string
}

// String is the verdict on one line.
func (v Verdict) String() string {
	return fmt.Sprintf("%s of %s: %s", quote(v.Event), quote(v.DistinctID), v.outcome())
}

// outcome is the result and its reason.
func (v Verdict) outcome() string {
	switch {
	case v.Result == "":
		return "left out"
	case v.Details == "":
		return string(v.Result)
	default:
		return string(v.Result) + " (" + v.Details + ")"
	}
}

// judged is one event of a request to [RouteAnalytics] and its verdict.
type judged struct {
	verdict Verdict
	// item is nil where the event cannot be stored.
	item *item
	// scripted marks a verdict that is not the server's own.
	scripted bool
	// persist stores the item although the verdict does not say so.
	persist bool
}
