package main

import "fmt"

// method says how the figures under a heading came about.
func (r report) method(group string) string {
	switch group {
	case groupMicro:
		return fmt.Sprintf(`What a call costs its caller: both libraries with their defaults but without compression, property maps made
beforehand, bursts of %s events, each drained by Flush outside of the timer. The time is that of a burst divided by its
events, and the allocations with sending included are those of the whole process meanwhile; the allocations of a call
are those of bursts of %d, too small for anything to be sent. No event was refused, and exactly those enqueued arrived.`, number(float64(r.size.burst), 0), quietEvents)
	case groupStream:
		return fmt.Sprintf(`%s events with five small properties each, from the first call until Close has returned, to a loopback server in
another process that counts and discards. The library has a process of its own, whose processor time and memory these
are. An event refused by a full queue is offered again after 200 us, so that nothing is lost; the server checks that
every event arrived once. Making the events, which a program without any library would do as well, takes %.2f processor
seconds per million and is part of both columns.`, number(float64(r.size.streamed), 0), r.harness)
	case groupLatency:
		return fmt.Sprintf(`%s events, one every 200 us, each call timed by itself. The healthy server answers; the hanging one accepts
connections and requests and never answers. Queues are large enough that no call is a refusal.`, number(float64(r.size.paced), 0))
	case groupMemory:
		return fmt.Sprintf(`%s events are offered, each once, while the server never answers. This library is told to hold at most %d MiB, which
is less than they need, and refuses the rest; its whole process is to stay within that and a tenth. posthog-go has no
such setting. Both may hold that many events. The memory of the process is what is left after a garbage collection; the
peak before it depends on GOGC and on the garbage of whoever makes the events, here the harness.`, number(float64(r.size.held), 0), r.size.bound>>20)
	case groupClose:
		return fmt.Sprintf(`The median of %d clients. Each has sent an event before; the idle ones have nothing left to do.`, r.size.closes)
	case groupSpool:
		return fmt.Sprintf(`This library with a spool and without, measured as above. With the spool, an event is in a mapped file when Enqueue
returns, and survives the process. Where it says synced, each call waits until its event would survive a power cut; the
goroutines that wait share a sync, and %s events come from each. Every event arrived once.`, number(float64(r.size.synced), 0))
	case groupBacklog:
		return fmt.Sprintf(`A process accepts %s events into a spool while the server never answers, and is killed with SIGKILL. The next one has
the same spool, and a server that answers; it calls Flush at once, because a client that nobody flushes spreads its
first requests over Interval. Times count from the call of NewWithConfig. Every event arrived once, and no file was
left. The second column is the same without any event.`, number(float64(r.size.held), 0))
	case groupAnalytics:
		return fmt.Sprintf(`This library with CaptureModeAnalyticsV1 and with CaptureModeLegacy: %s events from one producer, measured as end to
end. The server answers for each event, which costs it more, and so the throughput of a machine that both share is lower.`, number(float64(r.size.streamed), 0))
	case groupZstd:
		return `The same with CompressionZstd and with CompressionGzip, both with CaptureModeAnalyticsV1.`
	case groupIsolation:
		return fmt.Sprintf(`%s small events, one every 100 us, each from its Enqueue to its Callback, with the defaults of FlushAt and Interval, while
an AI event of %d bytes is on its way to an endpoint that never answers, and without.`, number(float64(r.size.delivered), 0), largeEvent)
	case groupFlags:
		return `Local evaluation from definitions in memory, with five person properties, without events: package flags here, a client
of posthog-go there, which can do no less. One flag is asked for again and again, for 1,024 people in turn, or all flags at
once. Before each measurement both libraries answered 200 questions, and agreed.`
	case groupFlagCalls:
		return `The same through a client of each library, FlagEnabled here and GetFeatureFlag there, with exposure events: each of the
1,024 people has been reported before, so a call finds out that there is nothing to report. A snapshot is that of
EvaluateFlags, with one payload read. The server that answers is in this process, at a loopback port, and has its answer
ready: one elsewhere takes longer.`
	case groupExceptions:
		return fmt.Sprintf(`Errors that each wrap another one, reported from a stack of %d calls at as many places, with three properties and a
distinct id, in bursts of %s, each drained by Flush outside of the timer. Both libraries encode and send to a
server in another process while the burst lasts; "nothing being sent", allocations and memory are those of bursts of %d,
too small for that. CaptureException is compared with NewDefaultException and Enqueue of posthog-go, which take two
strings and send no chain. An error that is logged has three attributes; both handlers get a function for the distinct id,
posthog-go's is told to send attributes, and this library's limit of such errors is set out of reach. An error captured
before, in another line, is not sent; options are id and properties. The stack alone is taken and resolved, as it is for
CaptureException; GetStackTrace is what both libraries offer to others. Every error arrived once, and those of one request of each round were whole: type, chain, properties, and a
stack down to the call that reported.`, stackDepth, number(float64(r.size.reports), 0), quietReports)
	case groupSentry:
		return fmt.Sprintf(`The same errors with sentry-go %s: CaptureException of a hub, with the three properties as a context and the id as the
user, and its defaults but for a transport that drops events. So its figures are without encoding and sending, which are in
those of this library. No event was dropped before that transport. The stack alone is NewStacktrace.`, r.Machine.Sentry)
	default:
		return "What a program that uses `net/http` and `encoding/json` grows by when it uses the library, built with\n`-trimpath -ldflags=\"-s -w\"`."
	}
}

// closing ends the page.
const closing = `
## Reading this

Client, server and garbage collector share the machine, so rates move by several percent from run to run, and more from
machine to machine. Processor time moves least; the ratios of one run say more than the figures of two. To repeat it on
your own machine, run ` + "`make bench`" + `.
`
