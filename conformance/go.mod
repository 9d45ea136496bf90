module github.com/hedgerow/posthog/conformance

go 1.26

require (
	github.com/hedgerow/posthog v0.0.0
	pgregory.net/rapid v1.3.0
)

require github.com/klauspost/compress v1.20.3 // indirect

replace github.com/hedgerow/posthog => ../
