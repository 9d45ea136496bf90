package posthoggin_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gin-gonic/gin"

	"github.com/hedgerow/posthog"
	posthoggin "github.com/hedgerow/posthog/contrib/gin"
	"github.com/hedgerow/posthog/posthogtest"
)

// check ends an example that cannot go on.
func check(err error) {
	if err != nil {
		panic(err)
	}
}

// sandbox returns a PostHog in memory, a client of it, and how both end.
func sandbox() (*posthog.ServerClient, *posthogtest.Server, func()) {
	server, err := posthogtest.Start(posthogtest.Config{})
	check(err)
	client, err := posthog.NewWithConfig("phc_test", posthog.Config{Endpoint: server.URL(), Transport: server.Transport()})
	check(err)
	return client, server, func() {
		client.Close()
		server.Close()
	}
}

// request is what a browser sends.
func request(path string) *http.Request {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "https://shop.example.com"+path, http.NoBody)
	r.Header.Set(posthog.HeaderPostHogDistinctID, "u_42")
	return r
}

// One line in front of the routes, and events need neither id nor route. An
// error that becomes an answer of 500 is reported with its text.
func ExampleMiddleware() {
	client, server, end := sandbox()
	defer end()

	router := gin.New()
	router.Use(gin.Recovery(), posthoggin.Middleware(
		posthog.WithCapturePanics(client),
		posthog.WithCaptureServerErrors(client),
	))
	router.POST("/orders/:id/payment", func(c *gin.Context) {
		err := client.EnqueueWithContext(c.Request.Context(), posthog.Capture{Event: "order paid"})
		if err == nil {
			err = errors.New("the printer is out of paper")
		}
		_ = c.AbortWithError(http.StatusInternalServerError, err)
	})

	router.ServeHTTP(httptest.NewRecorder(), request("/orders/7/payment"))
	check(client.Close())
	for _, e := range server.Events() {
		fmt.Println(e.Name, e.DistinctID, e.Properties["$request_route"], e.Properties["$exception_message"])
	}
	// Output:
	// order paid u_42 /orders/:id/payment <nil>
	// $exception u_42 /orders/:id/payment the printer is out of paper
}

// The middleware stands behind gin's authentication, and asks who logged in.
func ExampleContextOf() {
	router := gin.New()
	router.Use(gin.BasicAuth(gin.Accounts{"ada": "secret"}), posthoggin.Middleware(
		posthog.WithRequestIdentity(func(r *http.Request) string {
			return posthoggin.ContextOf(r).GetString(gin.AuthUserKey)
		}),
	))
	router.POST("/", func(c *gin.Context) {
		rc, _ := posthog.RequestContextFromContext(c.Request.Context())
		fmt.Println(rc.DistinctId)
	})

	r := request("/")
	r.SetBasicAuth("ada", "secret")
	router.ServeHTTP(httptest.NewRecorder(), r)
	// Output: ada
}
