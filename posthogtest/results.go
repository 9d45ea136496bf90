package posthogtest

import (
	"bytes"
	"cmp"
	"net/http"
	"strings"
)

// errorURI is where an error of [RouteAnalytics] says it is explained.
const errorURI = "https://posthog.com/docs/api/capture"

// answerResults answers 200 with a result for each event, and asks to come
// back soon where one is to be sent again.
func answerResults(w http.ResponseWriter, v *visit) {
	h := w.Header()
	if _, set := h["Retry-After"]; !set {
		for _, j := range v.judged {
			if j.verdict.Result == ResultRetry {
				h.Set("Retry-After", "1")
				break
			}
		}
	}
	if _, set := h["Content-Type"]; !set {
		h.Set("Content-Type", "application/json")
	}
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(resultsBody(v.judged))
}

// resultsBody lists the results in the order of the batch.
func resultsBody(all []judged) []byte {
	var b bytes.Buffer
	b.WriteString(`{"results":{`)
	comma := ""
	for _, j := range all {
		if j.verdict.Result == "" {
			continue
		}
		b.WriteString(comma + `"` + j.verdict.UUID + `":`)
		b.WriteString(compact(struct {
			Result  Result `json:"result"`
			Details string `json:"details,omitempty"`
		}{j.verdict.Result, j.verdict.Details}))
		comma = ","
	}
	b.WriteString("}}")
	return b.Bytes()
}

// answerError answers with a refusal.
func answerError(w http.ResponseWriter, refused *refusal) {
	setError(w.Header(), refused.status)
	w.WriteHeader(refused.status)
	_, _ = w.Write(errorBody(refused.status, refused.word, refused.text))
}

// setError sets what goes with an error, but for what the script has set.
func setError(h http.Header, status int) {
	if _, set := h["Retry-After"]; !set && briefly[status] {
		h.Set("Retry-After", "1")
	}
	if _, set := h["Content-Type"]; !set {
		h.Set("Content-Type", "application/json")
	}
}

// errorBody explains a status. An empty word means the status's own.
func errorBody(status int, word, text string) []byte {
	if word == "" {
		word = errorWord(status)
	}
	text = cmp.Or(text, "no description")
	return []byte(compact(struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
		URI         string `json:"error_uri"`
	}{word, text, errorURI}))
}

// briefly are the statuses that ask to come back after a second.
var briefly = map[int]bool{
	http.StatusRequestTimeout:      true,
	http.StatusInternalServerError: true,
	http.StatusServiceUnavailable:  true,
	http.StatusGatewayTimeout:      true,
}

// errorWords are the words whose statuses have another name.
var errorWords = map[int]string{
	http.StatusBadRequest:            "request_parsing_error",
	http.StatusUnauthorized:          "missing_authorization",
	http.StatusPaymentRequired:       "billing_limit_exceeded",
	http.StatusRequestTimeout:        "body_read_timeout",
	http.StatusRequestEntityTooLarge: "payload_too_large",
	http.StatusUnsupportedMediaType:  "unsupported_content_type",
	http.StatusTooManyRequests:       "rate_limited",
	http.StatusInternalServerError:   "internal_error",
}

// errorWord is the word that goes with a status.
func errorWord(status int) string {
	if word, ok := errorWords[status]; ok {
		return word
	}
	text := cmp.Or(http.StatusText(status), "unknown error")
	return strings.ReplaceAll(strings.ToLower(text), " ", "_")
}

// approve makes a fault's success on [RouteAnalytics], which finds every event
// in order, stored or not.
func (s *Server) approve(v *visit) (body []byte) {
	verdicts := make([]Verdict, len(v.judged))
	for i := range v.judged {
		verdict := &v.judged[i].verdict
		verdict.Result, verdict.Details = ResultOK, ""
		verdicts[i] = *verdict
	}
	s.record.ruled(v.entry, verdicts)
	return resultsBody(v.judged)
}

// errs reports a status that [RouteAnalytics] explains; a server that lacks the
// route cannot.
func errs(status int) bool {
	return status >= 400 && status != http.StatusNotFound && status != http.StatusMethodNotAllowed
}
