// Package request reads what an HTTP request says about itself, and watches
// how it is answered.
//
// It owns the rules for values that come from outside: what of a header is
// kept, whose address a request came from when proxies stand in between, what
// of a URL may be told. Everything runs on the goroutine of the request; the
// package starts none, keeps nothing between requests, changes no request, and
// knows no event.
package request
