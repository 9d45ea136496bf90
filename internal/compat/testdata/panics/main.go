// Command panics reports the panic of a handler, and lets it pass.
package main

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/posthog/posthog-go"
)

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	handler := posthog.NewRequestContextMiddleware(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("no paper") }),
		posthog.WithCapturePanics(client),
	)
	request := httptest.NewRequest(http.MethodGet, "/print", nil)
	request.Header.Set(posthog.HeaderPostHogDistinctID, "u_1")
	func() {
		defer func() { fmt.Println("recovered", recover()) }()
		handler.ServeHTTP(httptest.NewRecorder(), request)
	}()
}
