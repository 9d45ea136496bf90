package posthogtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// serveIngestion answers one request to a capture path: read, decode, log,
// meet the faults, then refuse or store.
func (s *Server) serveIngestion(w http.ResponseWriter, r *http.Request, at endpoint) {
	allowOrigin(w, r)
	v := arrive(r, at)
	entry := v.entry
	switch r.Method {
	case http.MethodGet, http.MethodPost:
	case http.MethodOptions:
		entry.Time = s.config.Now()
		s.record.arrived(entry)
		s.answer(w, v, http.StatusOK)
		return
	default:
		notAllowed(w, "GET, POST, OPTIONS")
		return
	}

	raw, refused := s.readBody(r, at)
	entry.RawBody, entry.Time = raw, s.config.Now()
	if refused == nil {
		refused = s.open(v, at)
	}
	s.record.arrived(entry)

	if fault, ok := s.script.take(at.route, true); ok && s.overrule(w, r, fault, v) {
		return
	}
	if refused == nil {
		refused = s.store(v)
	}
	if refused != nil {
		s.refuse(w, v, refused)
		return
	}
	if entry.Query.Get("beacon") == "1" {
		s.record.answered(entry, http.StatusNoContent, "")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	s.answer(w, v, http.StatusOK)
}

// readBody reads the body up to the path's limit.
func (s *Server) readBody(r *http.Request, at endpoint) ([]byte, *refusal) {
	limit := s.config.Limits.EventBody
	switch {
	case at.batch:
		limit = s.config.Limits.BatchBody
	case at.analytics:
		limit = s.config.Limits.AnalyticsBody
	}
	raw, err := readLimited(r.Body, limit, r.ContentLength)
	switch {
	case errors.Is(err, errOverLimit):
		return raw, tooLarge("the request body is larger than %d bytes", limit)
	case err != nil:
		return raw, reject(http.StatusRequestTimeout, "", "the request body ended early")
	}
	return raw, nil
}

// errOverLimit reports more input than allowed.
var errOverLimit = errors.New("more bytes than the limit")

// maxReserve bounds what is reserved on a client's word, for a length may be
// announced that never comes.
const maxReserve = 1 << 20

// readLimited reads everything, or the first limit bytes and errOverLimit. The
// limit is at most maxLimit. The expected size saves growing; negative means
// unknown.
func readLimited(r io.Reader, limit, expected int64) ([]byte, error) {
	var buf bytes.Buffer
	buf.Grow(int(max(0, min(expected, limit, maxReserve))) + bytes.MinRead)
	_, err := io.Copy(&buf, io.LimitReader(r, limit+1))
	if err == nil && int64(buf.Len()) > limit {
		buf.Truncate(int(limit))
		err = errOverLimit
	}
	return buf.Bytes(), err
}

// open decodes a request into its events.
func (s *Server) open(v *visit, at endpoint) *refusal {
	entry := v.entry
	text, encoding, refused := decode(entry.Query, entry.Header, entry.RawBody, at.legacy, s.config.Limits.Decompressed)
	entry.Encoding = encoding
	if refused != nil {
		return refused
	}
	entry.Body = text
	wrapper, refused := parse(text, at.engage)
	if refused != nil {
		return refused
	}
	if len(wrapper.events) == 0 {
		return malformed("the batch is empty")
	}
	drafts, refused := draftAll(wrapper, at.engage)
	if refused != nil {
		return refused
	}
	token, refused := chooseToken(wrapper, drafts)
	if refused != nil {
		return refused
	}
	clock, skew := s.clock(entry, wrapper)
	from := origin{route: at.route, token: token, historical: wrapper.historical, clock: clock}
	items := make([]item, 0, len(drafts))
	for i, d := range drafts {
		it, refused := d.accept(from)
		if refused == nil && at.ai {
			refused = s.checkAI(&it.event)
		}
		if refused != nil {
			return refused.inEvent(i, len(drafts))
		}
		items = append(items, it)
	}
	items[0].warnings = append(items[0].warnings, skew...)
	v.items = items
	entry.Events = make([]Event, len(items))
	for i, it := range items {
		entry.Events[i] = it.event
	}
	return nil
}

// store keeps the events in order and stops at the first that is too large:
// by then the earlier ones are stored, as in production. Those of the AI route
// were measured before.
func (s *Server) store(v *visit) *refusal {
	limit := s.config.Limits.Event
	if v.entry.Route == RouteAIBatch {
		limit = s.config.Limits.AIEvent
	}
	for _, it := range v.items {
		if size := int64(len(it.event.Raw)); size > limit {
			refused := tooLarge("maximum event size exceeded: %d bytes, the limit is %d", size, limit)
			refused.kind = EventTooLarge
			return refused
		}
		s.keep(v, it)
	}
	return nil
}

// keep stores one event, unless the service would only pretend to.
func (s *Server) keep(v *visit, it item) {
	if it.event.Name == "$performance_event" {
		return
	}
	s.record.accept(v.entry, it)
}

func (s *Server) answer(w http.ResponseWriter, v *visit, status int) {
	s.record.answered(v.entry, status, "")
	w.Header().Set("Content-Type", contentType(status))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, success)
}

func (s *Server) refuse(w http.ResponseWriter, v *visit, refused *refusal) {
	s.note(v, refused)
	w.Header().Set("Content-Type", contentType(refused.status))
	w.WriteHeader(refused.status)
	_, _ = io.WriteString(w, refused.text)
}

// note records a refusal about to be sent.
func (s *Server) note(v *visit, refused *refusal) {
	s.record.warn(Warning{
		Kind:   refused.kind,
		Detail: fmt.Sprintf("%s answered %d: %s", v.entry.Path, refused.status, refused.text),
		Route:  v.entry.Route,
		Time:   v.entry.Time,
	})
	s.record.answered(v.entry, refused.status, refused.text)
}

// clock finds the client's clock error in the wrapper's sent_at or, failing
// that, in the query.
func (s *Server) clock(entry *Request, w envelope) (clock, []Warning) {
	c := clock{now: entry.Time.UTC()}
	if w.sentAt != "" {
		if at, ok := readTime(w.sentAt); ok {
			c.sentAt = at
			return c, nil
		}
	}
	for _, name := range []string{"_", "sent_at"} {
		if at, ok := readClientClock(entry.Query.Get(name)); ok {
			c.sentAt = at
			return c, nil
		}
	}
	if w.sentAt == "" {
		return c, nil
	}
	return c, []Warning{{
		Kind:   SentAtUnreadable,
		Detail: fmt.Sprintf("sent_at %q is not a time: timestamps are stored uncorrected", w.sentAt),
		Route:  entry.Route,
		Time:   entry.Time,
	}}
}
