// Package adapter lets PostHog's public SDK test harness drive this library over HTTP.
//
// It owns one client for each test that the harness runs, and what the harness may ask about it: which requests the
// client made, with which events, and how often. Every call is translated into the library's public API, one to one; the
// package never encodes, sends or retries anything itself, and answers nothing that the library did not say.
//
// Everything runs on the goroutine of the request that asks for it, and what the clients start ends with them: at the
// latest when Adapter.Close returns. The package reads no environment, writes no output, opens no port, and lets no
// client talk to a host that is not on its list.
package adapter
