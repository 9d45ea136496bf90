package posthoggrpc

import "net/http"

// ask returns what a function of the application says of r. One that panics is
// taken for one that was not set.
func ask[T any](function func(*http.Request) T, r *http.Request) (answer T) {
	if function == nil {
		return answer
	}
	defer func() {
		if recover() != nil {
			var none T
			answer = none
		}
	}()
	return function(r)
}
