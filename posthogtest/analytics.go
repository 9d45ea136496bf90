package posthogtest

import "net/http"

// serveAnalytics answers one request to [RouteAnalytics]: read, decode, log,
// meet the faults, then refuse, or judge each event by itself.
func (s *Server) serveAnalytics(w http.ResponseWriter, r *http.Request, at endpoint) {
	if r.Method != http.MethodPost {
		notAllowed(w, http.MethodPost)
		return
	}
	v := arrive(r, at)
	entry := v.entry
	preamble, refused := readPreamble(entry.Header)
	raw, unread := s.readBody(r, at)
	entry.RawBody, entry.Time = raw, s.config.Now()
	if refused == nil {
		refused = unread
	}
	if refused == nil {
		refused = s.openAnalytics(v, &preamble)
	}
	s.record.arrived(entry)

	h := w.Header()
	h.Set("Date", entry.Time.UTC().Format(http.TimeFormat))
	if _, ok := normalUUID(entry.RequestID); ok {
		h.Set(headerRequestID, entry.RequestID)
	}
	if fault, ok := s.script.take(at.route, true); ok && s.overrule(w, r, fault, v) {
		return
	}
	if refused != nil {
		s.note(v, refused)
		answerError(w, refused)
		return
	}
	s.rule(v)
	s.conclude(v)
	answerResults(w, v)
}

// openAnalytics decodes a request into its judged events.
func (s *Server) openAnalytics(v *visit, p *preamble) *refusal {
	entry := v.entry
	if len(entry.RawBody) == 0 {
		return reject(http.StatusBadRequest, "empty_body", "the request has no body")
	}
	text, refused := s.inflate(p.coding, entry.RawBody)
	if refused != nil {
		return refused
	}
	entry.Encoding, entry.Body = p.coding, text
	sheet, refused := readSheet(text)
	if refused != nil {
		return refused
	}
	from := origin{
		route: entry.Route, token: p.token, historical: sheet.historical,
		clock: clock{now: entry.Time.UTC(), sentAt: p.sentAt},
	}
	v.token = p.token
	v.judged = make([]judged, len(sheet.lines))
	for i := range sheet.lines {
		it, verdict := sheet.lines[i].judge(from, p, s.config.Limits.Event)
		v.judged[i] = judged{verdict: verdict, item: it}
		if it != nil {
			v.items = append(v.items, *it)
			entry.Events = append(entry.Events, it.event)
		}
	}
	return nil
}

// rule lets the script have its say about each event.
func (s *Server) rule(v *visit) {
	for i := range v.judged {
		j := &v.judged[i]
		fault, ok := s.script.takeEvent(&j.verdict, i+1)
		if !ok {
			continue
		}
		j.scripted, j.persist = true, fault.Persist
		j.verdict.Result, j.verdict.Details = fault.Result, fault.Details
	}
}

// conclude stores what is to be stored and records the answer about to be
// sent.
func (s *Server) conclude(v *visit) {
	reason := ""
	verdicts := make([]Verdict, len(v.judged))
	for i, j := range v.judged {
		verdicts[i] = j.verdict
		if !j.verdict.Result.stores() && reason == "" {
			reason = "the result for " + j.verdict.String()
		}
		switch {
		case j.item != nil && (j.verdict.Result.stores() || j.persist):
			s.record.accept(v.entry, *j.item)
		case j.verdict.Result == ResultDrop && !j.scripted:
			s.record.warn(Warning{
				Kind: EventDropped, Detail: "the answer was " + j.verdict.outcome(),
				Event: j.verdict.Event, DistinctID: j.verdict.DistinctID, UUID: j.verdict.UUID,
				Token: v.token, Route: v.entry.Route, Time: v.entry.Time,
			})
		}
	}
	s.record.ruled(v.entry, verdicts)
	s.record.answered(v.entry, http.StatusOK, reason)
}
