package posthogtest

import (
	"strings"
)

const (
	// maxDistinctID is where a distinct id is cut, in characters.
	maxDistinctID = 200
	// maxToken is the longest project key, in characters.
	maxToken = 64
)

// chooseToken finds the project key of a request: the wrapper's, or the one
// every event that carries any agrees on.
func chooseToken(e envelope, drafts []draft) (string, *refusal) {
	if e.wrapped {
		return checkToken(e.token)
	}
	var token string
	var found bool
	for _, d := range drafts {
		own, ok := d.token, d.hasToken
		if !ok {
			own, ok = d.properties["token"].(string)
		}
		if !ok {
			continue
		}
		if found && own != token {
			return "", unauthorized("the events carry different project keys")
		}
		token, found = own, true
	}
	if !found {
		return "", unauthorized("the request has no project key (api_key or token)")
	}
	return checkToken(token)
}

// checkToken tests the shape of a project key. Whether the project exists is
// not looked at, here as in production.
func checkToken(token string) (string, *refusal) {
	token = strings.TrimSpace(token)
	switch {
	case token == "":
		return "", unauthorized("the project key is empty")
	case strings.HasPrefix(token, "phx_"):
		return "", unauthorized("the project key is a personal API key (phx_): use the project's (phc_)")
	case strings.ContainsRune(token, 0):
		return "", unauthorized("the project key contains NUL")
	case strings.ContainsFunc(token, func(r rune) bool { return r >= 0x80 }):
		return "", unauthorized("the project key is not ASCII")
	case len(token) > maxToken:
		return "", unauthorized("the project key is longer than %d characters", maxToken)
	}
	return token, nil
}
