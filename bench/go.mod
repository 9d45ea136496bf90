module github.com/hedgerow/posthog/bench

go 1.26

require (
	github.com/getsentry/sentry-go v0.50.0
	github.com/hedgerow/posthog v0.0.0
	github.com/klauspost/compress v1.20.3
	github.com/posthog/posthog-go v1.27.0
)

require (
	github.com/andybalholm/brotli v1.1.1 // indirect
	github.com/goccy/go-json v0.10.6 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	golang.org/x/sys v0.47.0 // indirect
	golang.org/x/text v0.41.0 // indirect
)

replace github.com/hedgerow/posthog => ../
