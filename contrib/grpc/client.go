package posthoggrpc

import (
	"context"
	"net"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/hedgerow/posthog"
)

// UnaryClientInterceptor returns an interceptor that adds the ids of the
// [posthog.RequestContext] that the context of a call carries to the metadata
// of the call, as x-posthog-distinct-id and x-posthog-session-id, if its
// connection is to one of hosts. They take the place of ids that are there
// already; what the context does not have is left as it is.
//
// A host is a name without scheme, port and wildcard, such as
// "billing.example.com", and stands for itself alone; case makes no difference.
// It is compared with the target that the connection was made for, whatever
// authority it claims. Calls to other hosts are left alone, as ids are nobody
// else's business.
//
// Metadata is printable ASCII. An id that is not is left out, and so is what
// the metadata had in its place.
func UnaryClientInterceptor(hosts ...string) grpc.UnaryClientInterceptor {
	named := nameAll(hosts)
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		return invoke(named.send(ctx, cc), method, req, reply, cc, opts...)
	}
}

// StreamClientInterceptor is [UnaryClientInterceptor] for calls that stream. The
// ids are those that the context has when the stream begins.
func StreamClientInterceptor(hosts ...string) grpc.StreamClientInterceptor {
	named := nameAll(hosts)
	return func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, begin grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		return begin(named.send(ctx, cc), desc, cc, method, opts...)
	}
}

// names are hosts that may know the ids.
type names map[string]bool

func nameAll(hosts []string) names {
	named := make(names, len(hosts))
	for _, host := range hosts {
		if host = normal(host); host != "" {
			named[host] = true
		}
	}
	return named
}

// send returns ctx with the ids in its metadata, if they are for the host of cc.
func (n names) send(ctx context.Context, cc *grpc.ClientConn) context.Context {
	if len(n) == 0 || !n[hostOf(cc.CanonicalTarget())] {
		return ctx
	}
	out := outgoing{ctx: ctx}
	posthog.Inject(ctx, &out)
	if out.metadata == nil {
		return ctx
	}
	return metadata.NewOutgoingContext(ctx, out.metadata)
}

// hostOf returns the host in a target of the form scheme://authority/endpoint,
// where the authority is that of the resolver.
func hostOf(target string) string {
	_, rest, _ := strings.Cut(target, "://")
	_, endpoint, _ := strings.Cut(rest, "/")
	if host, _, err := net.SplitHostPort(endpoint); err == nil {
		return normal(host)
	}
	return normal(strings.TrimSuffix(strings.TrimPrefix(endpoint, "["), "]"))
}

// normal returns a host that somebody wrote by hand as it is compared.
func normal(host string) string {
	return strings.TrimSuffix(strings.ToLower(strings.TrimSpace(host)), ".")
}

// outgoing is what a call takes along, as a [posthog.Carrier].
type outgoing struct {
	ctx      context.Context //nolint:containedctx // of the call, for as long as its ids are written
	metadata metadata.MD     // that of ctx with ids, or nil without any
}

// Get returns nothing: ids are only written.
func (*outgoing) Get(string) string { return "" }

// Set sets an id.
func (o *outgoing) Set(key, value string) {
	if o.metadata == nil {
		if o.metadata, _ = metadata.FromOutgoingContext(o.ctx); o.metadata == nil { // a copy
			o.metadata = make(metadata.MD, 2)
		}
	}
	if !printable(value) {
		o.metadata.Delete(key)
		return
	}
	o.metadata.Set(key, value)
}

// printable reports whether value can be sent: gRPC fails a call with others.
func printable(value string) bool {
	for i := range len(value) {
		if value[i] < ' ' || value[i] > '~' {
			return false
		}
	}
	return true
}
