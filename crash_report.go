package posthog

import (
	"bytes"
	"cmp"
	"encoding/json"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/hedgerow/posthog/internal/crash"
	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/crash/issue"
	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/stack"
	"github.com/hedgerow/posthog/internal/stack/image"
	"github.com/hedgerow/posthog/internal/uuid7"
	"github.com/hedgerow/posthog/internal/wire"
)

// crashEvent is an event that a dead process left: a record, which is an event
// as that process encoded it, or the report of its end.
type crashEvent struct {
	record []byte
	uuid   uuid7.UUID // of the record
	report *report
}

// crashEvents returns the events of a crash file: its records, and then the end
// of the process, unless a record says that already.
func (c *ServerClient) crashEvents(left *file.Left) []crashEvent {
	var events []crashEvent
	for _, record := range left.Records {
		if id, ok := recordID(record); ok {
			events = append(events, crashEvent{record: record, uuid: id})
		}
	}
	if left.Delivered(left.Header.UUID) {
		return events
	}
	r := crash.Parse(left.Text)
	end := seenEnd(left)
	silent, recorded := r.Kind == crash.Nothing, len(events)+len(left.Confirmed) > 0
	switch {
	case silent && end != nil && (end.Always || !recorded):
	case silent && (recorded || !c.config.Crash.ReportAbruptExit || closed(left)):
		return events
	case silent:
	case told(&r, left.Time, left.Records), told(&r, left.Time, left.Confirmed):
		return events
	default:
		r.Complete(binaryOf(&left.Header))
	}
	return append(events, crashEvent{report: c.crashReport(left, &r, end)})
}

// recordID returns the uuid of a record, if it is an event.
func recordID(record []byte) (id uuid7.UUID, ok bool) {
	var e struct {
		Event      string `json:"event"`
		DistinctID string `json:"distinct_id"`
		UUID       string `json:"uuid"`
	}
	if json.Unmarshal(record, &e) != nil || event.Blank(e.Event) || event.Blank(e.DistinctID) {
		return id, false
	}
	return uuid7.Parse(e.UUID)
}

// crashReport returns the exception of the process that left wrote, whose end r
// tells, or else whoever saw it.
func (c *ServerClient) crashReport(left *file.Left, r *crash.Report, end *processEnd) *report {
	h := &left.Header
	report := &report{elsewhere: true, most: c.main.maxEvent / listShare, buffer: new([]byte)}
	report.DistinctId, report.Timestamp = h.DistinctID, left.Time
	report.Level, report.Source = LevelFatal, issue.Source
	report.Properties = crashProperties(h, r)
	if _, ok := uuid7.Parse(h.UUID); ok { // otherwise somebody made it up, and gets another one
		report.Uuid = h.UUID
	}
	if event.Blank(report.DistinctId) {
		report.DistinctId = report.Uuid
		report.Properties["$process_person_profile"] = false
	}
	if r.Kind == crash.Nothing {
		if end == nil {
			end = unseenEnd()
		}
		end.describe(report.Properties)
		report.Level = cmp.Or(end.Level.known(), LevelError)
		report.list = []stack.Exception{end.exception()}
		report.Timestamp = lastSign(left)
	} else {
		m, _ := image.Recall(h.Image) // nil without native frames
		report.list = issue.Exceptions(r, c.crashRules(h), m)
		report.DebugImages = debugImages(stack.Images(report.list, m))
	}
	report.steps = left.Steps
	return report
}

// lastSign is when a process that ended without a word is known to have lived.
func lastSign(left *file.Left) time.Time {
	last := left.Time
	if n := len(left.Steps); n > 0 {
		var step struct {
			Time time.Time `json:"$timestamp"`
		}
		if json.Unmarshal(left.Steps[n-1], &step) == nil && step.Time.After(last) {
			last = step.Time
		}
	}
	return last
}

// crashProperties are the properties of a crash: those of every event of the
// process, and what is known of its end.
func crashProperties(h *file.Header, r *crash.Report) Properties {
	properties := Properties{}
	decoder := json.NewDecoder(bytes.NewReader(h.Props))
	decoder.UseNumber()
	if len(h.Props) > 0 && decoder.Decode(&properties) != nil || properties == nil {
		properties = Properties{}
	}
	for key, value := range issue.Properties(r) {
		properties[key] = value
	}
	for key, value := range map[string]string{
		"$release_id": h.ReleaseID, "crash_host": h.Host, "crash_started": h.Start, "crash_revision": h.VCS,
	} {
		if value != "" {
			properties[key] = value
		}
	}
	if h.PID != 0 {
		properties["crash_pid"] = h.PID
	}
	return properties
}

// crashRules returns the rules by which frames of the process with that header
// are described: those of this one, unless another program crashed.
func (c *ServerClient) crashRules(h *file.Header) *stack.Rules {
	if info := buildInfo(); h.Main == "" || info != nil && info.Main.Path == h.Main {
		return c.tracking().rules
	}
	tracking := &c.config.ErrorTracking
	return stack.NewRules(&debug.BuildInfo{Main: debug.Module{Path: h.Main}}, stack.Options{
		MaxFrames: tracking.MaxFrames, ProjectRoot: c.config.ProjectRoot, AbsolutePaths: tracking.AbsolutePaths,
		Include: tracking.InAppInclude, Exclude: tracking.InAppExclude, InApp: tracking.InApp,
		StableGrouping: !tracking.GroupByMessages,
	})
}

// binaryOf returns a function that reads what the binary of the process with
// that header holds at an address of its memory, or nothing, if that binary is
// not there any more.
func binaryOf(h *file.Header) func(p []byte, addr uint64) int {
	return func(p []byte, addr uint64) int {
		slide, err := strconv.ParseUint(h.Slide, 0, 64)
		if h.BuildID == "" || err != nil {
			return 0
		}
		for _, path := range []string{"", h.Exe} {
			binary, end := openBinary(path)
			if binary == nil {
				continue
			}
			n := 0
			if identity(binary) == h.BuildID {
				n = binary.At(p, addr-slide)
			}
			end()
			if n > 0 {
				return n
			}
		}
		return 0
	}
}

// stepsProperty is the property with what a process, or a request, did before an
// exception.
const stepsProperty = "$exception_steps"

// ownSteps gives d steps, each an object of JSON that the library encoded or
// checked.
func ownSteps(d *event.Draft, steps [][]byte) {
	if _, given := d.Properties[stepsProperty]; given || len(steps) == 0 {
		return
	}
	array := append([]byte{'['}, bytes.Join(steps, []byte{','})...)
	d.Own(stepsProperty, wire.Verbatim(append(array, ']')))
}
