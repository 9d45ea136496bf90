module github.com/hedgerow/posthog/contrib/echo

go 1.26

require (
	github.com/hedgerow/posthog v0.0.0
	github.com/labstack/echo/v5 v5.3.1
)

require (
	github.com/klauspost/compress v1.20.3 // indirect
	golang.org/x/time v0.15.0 // indirect
)

replace github.com/hedgerow/posthog => ../..
