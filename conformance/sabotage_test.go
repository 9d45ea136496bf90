package main_test

import "net/http"

type sabotage struct{}

func (s *sabotage) between(next http.RoundTripper) http.RoundTripper           { return next }
func (s *sabotage) before(next http.Handler, _ http.RoundTripper) http.Handler { return next }
