package posthogtest

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	// maxExceptionType and maxExceptionValue are where the texts of an exception
	// are cut, in bytes.
	maxExceptionType  = 255
	maxExceptionValue = 10_000
	// maxExceptions is how many exceptions of a chain are of use.
	maxExceptions = 50
)

// serverOwned are the properties that PostHog finds by itself.
var serverOwned = []string{
	"$cymbal_errors",
	"$exception_fingerprint_record",
	"$exception_fingerprint_version",
	"$exception_functions",
	"$exception_handled",
	"$exception_issue_id",
	"$exception_proposed_fingerprint",
	"$exception_release",
	"$exception_releases",
	"$exception_sources",
	"$exception_types",
	"$exception_values",
}

// exceptionLevels are those that PostHog knows.
var exceptionLevels = map[string]bool{
	"fatal": true, "error": true, "warning": true, "log": true, "info": true, "debug": true,
}

// inspectException makes an event what error tracking stores of it, or loses it.
func inspectException(it *item) {
	e := &it.event
	if e.Properties["$set"] != nil || e.Properties["$set_once"] != nil {
		it.warn(SetOnException, "$set on an exception is ignored")
	}
	disown(it)
	in, flaw := readIncident(e.Properties)
	if flaw != nil {
		it.warn(MalformedException, flaw.String()+": the whole event is lost")
		e.lost = true
		return
	}
	if level := e.Properties["$exception_level"]; level != nil && !exceptionLevels[text(level)] {
		it.warn(UnknownExceptionLevel, "$exception_level is "+excerpt([]byte(compact(level)))+
			", want fatal, error, warning, log, info or debug")
	}
	it.shorten(in.list)
	for _, doubt := range in.doubts() {
		it.warn(ImplausibleException, doubt)
	}
	if fingerprint, ok := e.Properties["$exception_fingerprint"]; ok && fingerprint == "" {
		it.warn(ImplausibleException, "$exception_fingerprint is empty, which counts as none: leave it out")
	}
}

// disown removes the properties that are not the client's to send.
func disown(it *item) {
	properties := it.event.Properties
	var removed []string
	for _, name := range serverOwned {
		if _, there := properties[name]; there {
			delete(properties, name)
			removed = append(removed, name)
		}
	}
	if len(removed) > 0 {
		it.warn(ServerOwnedProperty, strings.Join(removed, ", ")+": PostHog finds this by itself and removes what is sent")
	}
}

// shorten cuts the texts of the list in the stored properties, from which it was
// read without a flaw.
func (it *item) shorten(list []Exception) {
	entries, _ := it.event.Properties["$exception_list"].([]any)
	for i := range list {
		entry, _ := entries[i].(map[string]any)
		for _, member := range []struct {
			name, value, end string
			most             int
		}{
			{"type", list[i].Type, "...", maxExceptionType},
			{"value", list[i].Value, "", maxExceptionValue},
		} {
			if len(member.value) > member.most {
				entry[member.name] = cutBytes(member.value, member.most, member.end)
				it.warn(ExceptionCut, fmt.Sprintf("%s.%s has %d bytes and is cut at %d", entryPath(i), member.name, len(member.value), member.most))
			}
		}
	}
}

// cutBytes cuts a text that is too long, between two characters, so that it has
// its end and no more bytes than allowed.
func cutBytes(s string, most int, end string) string {
	if len(s) <= most {
		return s
	}
	n := most - len(end)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + end
}

// doubts are what PostHog takes and a client did not mean, at most one of each
// kind.
func (in *incident) doubts() []string {
	var doubts []string
	if n := len(in.list); n > maxExceptions {
		doubts = append(doubts, fmt.Sprintf("$exception_list has %d entries, want %d at most", n, maxExceptions))
	}
	for _, doubt := range []string{in.orphan(), in.twin(), in.stray()} {
		if doubt != "" {
			doubts = append(doubts, doubt)
		}
	}
	return doubts
}

// orphan finds an exception that hangs on none before it.
func (in *incident) orphan() string {
	earlier := make(map[int]bool, len(in.list))
	for i := range in.list {
		m := &in.list[i].Mechanism
		if m.ParentID != nil && !earlier[*m.ParentID] {
			return fmt.Sprintf("%s.mechanism.parent_id is %d, want the exception_id of an earlier entry", entryPath(i), *m.ParentID)
		}
		if m.ID != nil {
			earlier[*m.ID] = true
		}
	}
	return ""
}

// twin finds an exception whose id another one has.
func (in *incident) twin() string {
	owner := make(map[int]int, len(in.list))
	for i := range in.list {
		id := in.list[i].Mechanism.ID
		if id == nil {
			continue
		}
		if first, again := owner[*id]; again {
			return fmt.Sprintf("%s.mechanism.exception_id is %d, which is entry %d's as well", entryPath(i), *id, first)
		}
		owner[*id] = i
	}
	return ""
}

// stray finds an image that no frame is in.
func (in *incident) stray() string {
	used := make(map[uint64]bool)
	for i := range in.list {
		for j := range in.list[i].Frames {
			if at, ok := readAddress(in.list[i].Frames[j].ImageAddr); ok {
				used[at] = true
			}
		}
	}
	for i, image := range in.images {
		if at, _ := readAddress(image.addr); !used[at] {
			return fmt.Sprintf("$debug_images[%d] is loaded at %s, where no native frame is: leave it out", i, image.addr)
		}
	}
	return ""
}
