package posthogtest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/hedgerow/posthog/flags"
)

// The runtimes that a flag can be for.
const (
	runtimeAll    = "all"
	runtimeServer = "server"
	runtimeClient = "client"
)

// considered reports whether a flag is among those that a request is answered
// about. Those that are not can still decide about others that depend on them.
func considered(f *flags.Flag, q *FlagRequest, runtime string) bool {
	switch {
	case !f.Active || f.Deleted:
		return false
	case q.surveysOnly() && !isSurvey(f.Key):
		return false
	case f.EvaluationRuntime != "" && f.EvaluationRuntime != runtimeAll && f.EvaluationRuntime != runtime:
		return false
	case len(q.EvaluationContexts) == 0 || len(f.EvaluationContexts) == 0:
		return true
	}
	return slices.ContainsFunc(f.EvaluationContexts, func(context string) bool {
		return slices.Contains(q.EvaluationContexts, context)
	})
}

func (q *FlagRequest) surveysOnly() bool {
	return truthy(q.Query, "only_evaluate_survey_feature_flags")
}

// serverAgents and clientAgents are what the User-Agent of a runtime contains,
// in lower case.
var (
	serverAgents = []string{
		"posthog-go/", "posthog-python/", "posthog-node/", "posthog-ruby/", "posthog-php/", "posthog-java/",
		"posthog-dotnet/", "posthog-elixir/", "posthog-rs/", "python-requests/", "curl/", "go-http-client/",
		"node-fetch/", "axios/", "okhttp/",
	}
	clientAgents = []string{
		"mozilla/", "posthog-js/", "posthog-android/", "posthog-ios/", "posthog-react-native/", "posthog-flutter/",
	}
	browserHeaders = []string{"Origin", "Referer", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-Dest"}
)

// runtime is where a request comes from: what it says, or else a guess, ""
// where there is no telling.
func (q *FlagRequest) runtime() string {
	switch q.EvaluationRuntime {
	case runtimeServer, runtimeClient, runtimeAll:
		return q.EvaluationRuntime
	}
	agent := strings.ToLower(q.Header.Get("User-Agent"))
	within := func(part string) bool { return strings.Contains(agent, part) }
	switch {
	case slices.ContainsFunc(serverAgents, within):
		return runtimeServer
	case slices.ContainsFunc(clientAgents, within):
		return runtimeClient
	case slices.ContainsFunc(browserHeaders, func(name string) bool { return len(q.Header[http.CanonicalHeaderKey(name)]) > 0 }):
		return runtimeClient
	}
	return ""
}
