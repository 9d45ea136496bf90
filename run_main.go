package posthog

import "io"

// RunMain calls main, closes client, however main ends, and returns the exit
// code that main returned:
//
//	func main() {
//		client := posthog.New("phc_…")
//		os.Exit(posthog.RunMain(client, func() int { return run(client) }))
//	}
//
// A main that panics does so after the client was closed. It must not call
// [os.Exit] itself, which no function survives: it returns the code. For signals, see
// [CloseOnSignal]. Close is bounded by [Config.ShutdownTimeout], and what it
// leaves behind does not change the code. The client may be any that has Close,
// such as a [*Pool].
func RunMain(client io.Closer, main func() int) (code int) {
	defer closeQuietly(client)
	return main()
}
