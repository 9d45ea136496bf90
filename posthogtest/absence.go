package posthogtest

import "fmt"

// arrivals lists the events the recorder saw or, where there are none, says
// what the server knows about that.
func (r *Recorder) arrivals(events []Event) string {
	if len(events) > 0 {
		return list(events)
	}
	if rows := r.server.Rows(); r.scope() != "" && len(rows) > 0 {
		return fmt.Sprintf("  nothing%s arrived (%s of others did)\n", r.scope(), count(len(rows), "event"))
	}
	return "  nothing arrived" + r.server.record.absence() + "\n"
}

// absence explains an empty record: whether anything came at all and, if so,
// how the last refused request was answered, or else the last.
func (r *record) absence() string {
	total, last := r.telling()
	switch {
	case total == 0:
		return ", and no ingestion request came: flush or close the client first, or check its endpoint and transport"
	case total == 1:
		return ": 1 request came, " + last.outcome()
	case last.refused():
		return fmt.Sprintf(": %d requests came, the last refused one %s", total, last.outcome())
	default:
		return fmt.Sprintf(": %d requests came, the last one %s", total, last.outcome())
	}
}

// refused reports a request that was turned away, by the server or a fault.
func (r *Request) refused() bool { return r.Status >= 400 }

// outcome says how the request ended.
func (r *Request) outcome() string {
	if r.Status == 0 {
		return "not answered yet or cut off"
	}
	text := fmt.Sprintf("answered %d", r.Status)
	if success := r.Status < 300; success && r.Stored == 0 {
		text += " but kept none of its events"
	} else if success {
		text += "; Server.Warnings tells what became of its events"
	}
	if r.reason != "" {
		text += ": " + r.reason
	}
	return text
}
