package posthogtest

import "net/http"

// flagProblem is an error as the routes about flags answer it.
type flagProblem struct {
	status int
	body   any
}

// problemBody explains an error.
type problemBody struct {
	Type   string  `json:"type"`
	Code   string  `json:"code"`
	Detail string  `json:"detail"`
	Attr   *string `json:"attr"`
}

// newProblem is an error with a body of the usual shape.
func newProblem(status int, kind, code, detail string) *flagProblem {
	return &flagProblem{status, problemBody{Type: kind, Code: code, Detail: detail}}
}

// flagProblems are the errors of the definitions by their status.
var flagProblems = map[int]*flagProblem{
	http.StatusUnauthorized: newProblem(http.StatusUnauthorized, "authentication_error", "authentication_failed", "The key in the Authorization header is invalid."),
	http.StatusPaymentRequired: {http.StatusPaymentRequired, struct {
		Type   string `json:"type"`
		Detail string `json:"detail"`
		Code   string `json:"code"`
	}{"quota_limited", "The project has used up its feature flag requests.", "payment_required"}},
	http.StatusForbidden:           newProblem(http.StatusForbidden, "authentication_error", "permission_denied", "The key may not read the feature flags of this project."),
	http.StatusTooManyRequests:     newProblem(http.StatusTooManyRequests, "throttled_error", "throttled", "The request was throttled."),
	http.StatusInternalServerError: newProblem(http.StatusInternalServerError, "server_error", "unexpected_error", "An unexpected error occurred."),
	http.StatusServiceUnavailable:  newProblem(http.StatusServiceUnavailable, "server_error", "service_unavailable", "The feature flag definitions are not available yet."),
}

var (
	notAuthenticated = newProblem(http.StatusUnauthorized, "authentication_error", "not_authenticated", "The request has no key in its Authorization header.")
	missingToken     = &flagProblem{http.StatusBadRequest, problemBody{Type: "validation_error", Code: "required", Detail: "The project key is missing.", Attr: &tokenParameter}}
	flagsThrottled   = newProblem(http.StatusTooManyRequests, "validation_error", "rate_limit_exceeded", "The rate limit is exceeded.")

	tokenParameter = "token"
)

func (p *flagProblem) answer(w http.ResponseWriter) { answerJSON(w, p.status, p.body) }

// faultBody is what a route about flags says with a status that a fault has, ""
// where it is what others say.
func (q *FlagRequest) faultBody(status int) string {
	switch {
	case q.kind == forDefinitions && flagProblems[status] != nil:
		return compact(flagProblems[status].body)
	case q.kind == forValues && status == flagsThrottled.status:
		return compact(flagsThrottled.body)
	}
	return ""
}
