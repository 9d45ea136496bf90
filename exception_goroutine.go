package posthog

import (
	"runtime"
	"strconv"
	"strings"
)

// goroutineID is the number of the calling goroutine, 0 if the runtime does not
// say.
func goroutineID() uint64 {
	var text [64]byte
	head := string(text[:runtime.Stack(text[:], false)])
	number, _, _ := strings.Cut(strings.TrimPrefix(head, "goroutine "), " ")
	id, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return 0
	}
	return id
}
