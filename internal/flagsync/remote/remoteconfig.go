package remote

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/hedgerow/posthog/internal/transport"
	"github.com/hedgerow/posthog/internal/wire"
)

// RemoteConfig asks for the payload of the remote config with this key, and returns its text: JSON as a rule, and "" if it has
// none. Requests are repeated as for [Client.Flags]. A numeric id will do for the key.
//
// The error is an *Error, such as one of Status 404 for a flag that is no remote config, or wraps [ErrNoSecret].
func (c *Client) RemoteConfig(ctx context.Context, key string) (payload string, err error) {
	switch {
	case c.config.Secret == "":
		return "", ErrNoSecret
	case key == "" || key == "." || key == "..": // which would lead to another address
		return "", &Error{Err: fmt.Errorf("%q is no key of a remote config", key)}
	}
	if err := ended(ctx); err != nil {
		return "", broken(ctx, ctx, 0, err)
	}
	text, status, failure := c.ask(ctx, question{
		method: http.MethodGet,
		url: c.config.Endpoint + "/api/projects/@current/feature_flags/" + url.PathEscape(key) + "/remote_config?token=" +
			url.QueryEscape(c.config.Key),
		secret: c.config.Secret,
	})
	if failure != nil {
		return "", failure
	}
	payload, ok := wire.DecodePayload(text)
	if !ok {
		return "", &Error{Status: status, Body: transport.OneLine(string(text[:min(len(text), maxRefusal)])), Err: errors.New("answer is no JSON")}
	}
	return payload, nil
}
