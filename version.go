package posthog

// SDKName is the name under which this library reports itself to PostHog, in
// the $lib property and the User-Agent header.
const SDKName = "hedgerow"

// Version is the version of this library.
const Version = "0.1.0"
