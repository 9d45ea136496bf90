package transport_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"

	"github.com/hedgerow/posthog/internal/transport"
)

func TestClassifyKnowsEveryStatus(t *testing.T) {
	t.Parallel()
	for status := -1; status <= 1000; status++ {
		want := transport.Rejected
		switch {
		case status >= 200 && status < 300:
			want = transport.Delivered
		case status == 413:
			want = transport.TooLarge
		case status == 408, status == 429, status >= 500 && status < 600:
			want = transport.Retry
		}
		if got := transport.Classify(status); got != want {
			t.Errorf("Classify(%d) = %v, want %v", status, got, want)
		}
	}
}

func TestOutcomesHaveNames(t *testing.T) {
	t.Parallel()
	names := map[transport.Outcome]string{
		0: "none", transport.Delivered: "delivered", transport.Retry: "retry",
		transport.TooLarge: "too large", transport.Rejected: "rejected", transport.Canceled: "canceled",
	}
	for outcome, want := range names {
		if got := outcome.String(); got != want {
			t.Errorf("Outcome(%d).String() = %q, want %q", outcome, got, want)
		}
	}
}

// Proves HTT-2 and the status rows of HV0-2.
func TestEveryStatusOverTheWire(t *testing.T) {
	t.Parallel()
	rows := []struct {
		status int
		want   transport.Outcome
		maybe  bool
	}{
		{200, transport.Delivered, false}, {201, transport.Delivered, false}, {202, transport.Delivered, false},
		{204, transport.Delivered, false}, {299, transport.Delivered, false},
		{300, transport.Rejected, false}, {301, transport.Rejected, false}, {304, transport.Rejected, false},
		{400, transport.Rejected, false}, {401, transport.Rejected, false}, {402, transport.Rejected, false},
		{403, transport.Rejected, false}, {404, transport.Rejected, false}, {405, transport.Rejected, false},
		{408, transport.Retry, false}, {409, transport.Rejected, false}, {413, transport.TooLarge, false},
		{415, transport.Rejected, false}, {422, transport.Rejected, false}, {429, transport.Retry, false},
		{499, transport.Rejected, false},
		{500, transport.Retry, false}, {501, transport.Retry, false}, {502, transport.Retry, true},
		{503, transport.Retry, false}, {504, transport.Retry, true}, {505, transport.Retry, false},
		{520, transport.Retry, true}, {521, transport.Retry, false}, {524, transport.Retry, true},
		{529, transport.Retry, false}, {599, transport.Retry, false}, {600, transport.Rejected, false},
	}
	const because = "because\r\n\tof <reasons>\x00"
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		_, wire := serve(t, func(w http.ResponseWriter, r *http.Request) {
			requests++
			_, _ = io.Copy(io.Discard, r.Body)
			status, _ := strconv.Atoi(r.URL.Query().Get("status"))
			w.WriteHeader(status)
			_, _ = io.WriteString(w, because)
		})
		x := sending(wire)
		for i, row := range rows {
			got := x.Post(t.Context(), request(endpoint+"?status="+strconv.Itoa(row.status), "{}"))
			if got.Outcome != row.want || got.Status != row.status || got.MaybeDelivered != row.maybe || got.Err != nil {
				t.Errorf("status %d: got %v, status %d, maybe delivered %v, error %v; want %v, maybe delivered %v",
					row.status, got.Outcome, got.Status, got.MaybeDelivered, got.Err, row.want, row.maybe)
			}
			if requests != i+1 {
				t.Fatalf("status %d: server saw %d requests after %d posts", row.status, requests, i+1)
			}
			if row.status >= 400 && got.Message != "because of <reasons>" {
				t.Errorf("status %d: Message = %q, want the server's text on one line", row.status, got.Message)
			}
			if answered := row.want == transport.Delivered || row.status >= 400; answered != (got.Body != nil) {
				t.Errorf("status %d: Body = %q, want a body for everything but redirects", row.status, got.Body)
			}
			if row.status >= 400 && string(got.Body) != because {
				t.Errorf("status %d: Body = %q, want the server's text as it is, %q", row.status, got.Body, because)
			}
			if got.Date.IsZero() {
				t.Errorf("status %d: Date is zero, want the answer's", row.status)
			}
		}
	})
}

func TestTheRequestOnTheServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, wire := serve(t, func(w http.ResponseWriter, r *http.Request) {
			user, password, _ := r.BasicAuth()
			_, _ = fmt.Fprintf(w, "%s %s %s|%s|%s|%s|%d|%s|%s:%s|%s", r.Method, r.Host, r.URL, r.UserAgent(), r.Header.Get("Content-Type"),
				r.Header.Get("Content-Encoding"), r.ContentLength, r.Header.Get("X-Extra"), user, password, bodyOf(t, r))
		})
		x := transport.New(transport.Config{RoundTripper: wire, UserAgent: "hedgerow/1.2.3"}).NewExchange()
		r := request("http://eve:secret@example.com/batch/?a=b", `{"n":1}`)
		r.Header = http.Header{"X-Extra": {"yes"}, "Content-Encoding": {"br"}, "Content-Length": {"4"}}
		got := string(x.Post(t.Context(), r).Body)
		want := `POST example.com /batch/?a=b|hedgerow/1.2.3|application/json||7|yes|eve:secret|{"n":1}`
		if got != want {
			t.Errorf("server saw\n%s\nwant\n%s", got, want)
		}
		if len(r.Header) != 3 {
			t.Errorf("caller's header became %v, want it untouched", r.Header)
		}

		r.Header = http.Header{"Content-Type": {"application/x-protobuf"}}
		r.Body = func(dst []byte) []byte { return dst }
		got = string(x.Post(t.Context(), r).Body)
		want = `POST example.com /batch/?a=b|hedgerow/1.2.3|application/x-protobuf||0||eve:secret|`
		if got != want {
			t.Errorf("empty body: server saw\n%s\nwant\n%s", got, want)
		}
	})
}
