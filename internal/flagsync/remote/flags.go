package remote

import (
	"context"
	"net/http"

	"github.com/hedgerow/posthog/internal/wire"
)

// Flags asks for the values of flags. The Token of r need not be set. It makes one request and repeats it, bit by bit
// the same, only after a 502 or 504 and without a full answer, 300 ms and then twice as long apart.
//
// The error is an *Error, and with it there are no flags. Over the quota, the rest of the answer is there all the same.
func (c *Client) Flags(ctx context.Context, r wire.FlagsRequest) (wire.FlagsResponse, error) {
	if err := ended(ctx); err != nil {
		return wire.FlagsResponse{}, broken(ctx, ctx, 0, err)
	}
	var e wire.Encoder
	r.Token = c.config.Key
	body := wire.AppendFlagsRequest(nil, &e, r)
	if losses := e.Losses(); losses != nil && c.config.Lost != nil {
		c.config.Lost(losses)
	}
	text, status, failure := c.ask(ctx, question{method: http.MethodPost, url: c.config.Endpoint + "/flags/?v=2", body: body})
	if failure != nil {
		return wire.FlagsResponse{}, failure
	}
	response, err := wire.DecodeFlags(text)
	switch {
	case err != nil:
		return wire.FlagsResponse{}, &Error{Status: status, Err: err}
	case response.QuotaLimited:
		return response, &Error{Kind: QuotaLimited, Status: status}
	}
	return response, nil
}
