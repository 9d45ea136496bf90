module github.com/hedgerow/posthog/contrib/brotli

go 1.26

require (
	github.com/andybalholm/brotli v1.2.7
	github.com/hedgerow/posthog v0.0.0
)

require github.com/klauspost/compress v1.20.3 // indirect

replace github.com/hedgerow/posthog => ../..
