module github.com/hedgerow/posthog/contrib/regexp2

go 1.26

require (
	github.com/dlclark/regexp2/v2 v2.12.0
	github.com/hedgerow/posthog v0.0.0
)

replace github.com/hedgerow/posthog => ../..
