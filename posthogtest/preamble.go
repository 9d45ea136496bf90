package posthogtest

import (
	"mime"
	"net/http"
	"strings"
	"time"
)

// The headers of [RouteAnalytics] beside HTTP's own.
const (
	headerSDK              = "PostHog-Sdk-Info"
	headerAttempt          = "PostHog-Attempt"
	headerRequestID        = "PostHog-Request-Id"
	headerRequestTimestamp = "PostHog-Request-Timestamp"
)

// required are the headers reported together when they are missing.
// Authorization is not among them: it is looked at before.
var required = []string{"Content-Type", "User-Agent", headerSDK, headerAttempt, headerRequestID, headerRequestTimestamp}

// maxSDK is the longest PostHog-Sdk-Info, in bytes.
const maxSDK = 200

// preamble is what the headers of a request to [RouteAnalytics] say.
type preamble struct {
	token        string
	lib, version string
	sentAt       time.Time
	coding       string // "" is none
}

// readPreamble reads the headers, the key before all others.
func readPreamble(h http.Header) (p preamble, refused *refusal) {
	if p.token, refused = readBearer(h.Get("Authorization")); refused != nil {
		return p, refused
	}
	var missing []string
	for _, name := range required {
		if h.Get(name) == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return p, reject(http.StatusBadRequest, "missing_required_headers", "missing: %s", strings.Join(missing, ", "))
	}
	var ok bool
	if p.lib, p.version, ok = readSDK(h.Get(headerSDK)); !ok {
		return p, invalidHeader(h, headerSDK, "a name, a slash and a version, 200 bytes at most")
	}
	if _, ok := readAttempt(h.Get(headerAttempt)); !ok {
		return p, invalidHeader(h, headerAttempt, "a whole number from 1 on")
	}
	if _, ok := normalUUID(h.Get(headerRequestID)); !ok {
		return p, invalidHeader(h, headerRequestID, "a UUID")
	}
	var err error
	if p.sentAt, err = time.Parse(time.RFC3339, h.Get(headerRequestTimestamp)); err != nil {
		return p, invalidHeader(h, headerRequestTimestamp, "an RFC 3339 time")
	}
	text := h.Get("Content-Type")
	if media, _, err := mime.ParseMediaType(text); err != nil || media != "application/json" {
		return p, reject(http.StatusUnsupportedMediaType, "unsupported_content_type", "Content-Type is %s, want application/json", quote(text))
	}
	p.coding = strings.ToLower(strings.TrimSpace(h.Get("Content-Encoding")))
	switch p.coding {
	case "", "gzip", "deflate", "br", "zstd":
		return p, nil
	}
	return p, reject(http.StatusUnsupportedMediaType, "unsupported_encoding",
		"Content-Encoding is %s, want gzip, deflate, br, zstd or none", quote(p.coding))
}

func invalidHeader(h http.Header, name, want string) *refusal {
	return reject(http.StatusBadRequest, "invalid_header_value", "%s is %s, want %s", name, quote(h.Get(name)), want)
}

// readBearer finds the project key in the value of Authorization.
func readBearer(text string) (token string, refused *refusal) {
	if text == "" {
		return "", reject(http.StatusUnauthorized, "missing_authorization", "the Authorization header is missing")
	}
	scheme, token, _ := strings.Cut(text, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", reject(http.StatusBadRequest, "invalid_header_value", "Authorization has the scheme %s, want Bearer", quote(scheme))
	}
	token, refused = checkToken(token)
	if refused != nil {
		refused.word = "invalid_api_token"
	}
	return token, refused
}

// readSDK splits a name and a version at the last slash.
func readSDK(text string) (name, version string, ok bool) {
	at := strings.LastIndexByte(text, '/')
	if len(text) > maxSDK || at < 1 || at == len(text)-1 {
		return "", "", false
	}
	return text[:at], text[at+1:], true
}
