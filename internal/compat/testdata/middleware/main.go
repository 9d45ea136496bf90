// Command middleware takes the ids of a request from its headers.
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

	mux := http.NewServeMux()
	mux.HandleFunc("/pay", func(w http.ResponseWriter, r *http.Request) {
		if rc, ok := posthog.RequestContextFromContext(r.Context()); ok {
			fmt.Println(rc.DistinctId, rc.SessionId)
		}
		if err := posthog.EnqueueWithContext(r.Context(), client, posthog.Capture{Event: "order paid"}); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	handler := posthog.NewRequestContextMiddleware(mux, posthog.WithCaptureTracingHeaders(true))
	request := httptest.NewRequest(http.MethodPost, "https://shop.example.com/pay", nil)
	request.Header.Set(posthog.HeaderPostHogDistinctID, "u_1")
	request.Header.Set(posthog.HeaderPostHogSessionID, "s_1")
	response := httptest.NewRecorder()
	handler.ServeHTTP(response, request)
	fmt.Println(response.Code)
}
