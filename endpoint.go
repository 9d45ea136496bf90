package posthog

import (
	"net/url"
	"strings"

	"github.com/hedgerow/posthog/internal/protocol"
)

// ingestionHosts are the hosts to send to instead of those of PostHog's web
// application.
var ingestionHosts = map[string]string{
	"app.posthog.com": "us.i.posthog.com",
	"us.posthog.com":  "us.i.posthog.com",
	"eu.posthog.com":  "eu.i.posthog.com",
}

// endpoint returns the base address to send to for a configured one, without
// a slash at its end, and the host that it replaced, if it did.
func endpoint(configured string) (base, replaced string, err error) {
	text := strings.TrimRight(strings.TrimSpace(configured), "/")
	if text == "" {
		return DefaultEndpoint, "", nil
	}
	if !strings.Contains(configured, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", "", ConfigError{
			Field:  "Endpoint",
			Value:  withoutCredentials(configured),
			Reason: "is not an address such as https://us.i.posthog.com",
		}
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return "", "", ConfigError{Field: "Endpoint", Value: withoutCredentials(configured), Reason: "must not have a query or a fragment"}
	}
	for _, path := range [...]string{"/batch", "/capture", protocol.RouteAnalytics} {
		if strings.HasSuffix(u.Path, path) {
			return "", "", ConfigError{Field: "Endpoint", Value: withoutCredentials(configured), Reason: "must be the address before " + path}
		}
	}
	u.ForceQuery = false // a lone question mark
	if host, ok := ingestionHosts[strings.ToLower(u.Hostname())]; ok {
		replaced, u.Host = u.Host, host
	}
	return strings.TrimRight(u.String(), "/"), replaced, nil
}

// withoutCredentials returns an address, or what was meant to be one, without
// the user and password that it may hold.
func withoutCredentials(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}
