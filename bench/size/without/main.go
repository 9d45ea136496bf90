// Command without is the program that the others add a library to: it encodes JSON and speaks HTTP. It is built to be
// weighed, never to be run.
package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
)

func main() {
	body, err := json.Marshal(os.Args)
	if err != nil {
		os.Exit(1)
	}
	response, err := http.Post("http://example.com", "application/json", bytes.NewReader(body)) //nolint:noctx // never run
	if err != nil {
		os.Exit(1)
	}
	response.Body.Close()
}
