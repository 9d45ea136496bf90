module github.com/hedgerow/posthog/conformance

go 1.26

require (
	github.com/andybalholm/brotli v1.2.7
	github.com/hedgerow/posthog v0.0.0
	github.com/hedgerow/posthog/contrib/brotli v0.0.0
	github.com/klauspost/compress v1.20.3
	pgregory.net/rapid v1.3.0
)

replace (
	github.com/hedgerow/posthog => ../
	github.com/hedgerow/posthog/contrib/brotli => ../contrib/brotli
)
