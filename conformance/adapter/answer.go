package adapter

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// bodyLimit bounds the body of one request of the harness in bytes.
const bodyLimit = 1 << 20

// success is the answer to a call that has nothing else to say.
type success struct {
	Success bool `json:"success"`
}

// failure is the answer to a call that cannot be carried out.
type failure struct {
	Error string `json:"error"`
}

// reply answers with status 200.
func reply(w http.ResponseWriter, body any) { write(w, http.StatusOK, body) }

// refuse answers with a status that fails the test, and says why.
func refuse(w http.ResponseWriter, status int, reason string) {
	write(w, status, failure{Error: reason})
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the harness went away, or it reads this
}

// read decodes the body of r, which must be exactly one JSON object, into call. If it is not, read answers, and reports
// false. Unknown fields are left to the harness, whose next version may have more; numbers keep the text they came with.
func read(w http.ResponseWriter, r *http.Request, call any) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit))
	decoder.UseNumber()
	err := decoder.Decode(call)
	if err == nil {
		_, err = decoder.Token()
		if errors.Is(err, io.EOF) {
			return true
		}
		if err == nil {
			err = errors.New("there is more than one value")
		}
	}
	status := http.StatusBadRequest
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		status = http.StatusRequestEntityTooLarge
	}
	refuse(w, status, "read body: "+err.Error())
	return false
}
