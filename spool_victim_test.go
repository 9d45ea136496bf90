package posthog_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/internal/torture"
)

// victim is a program that enqueues numbered events and reports each, until
// it is killed or has come to its ending. Its fields are its orders, which
// reach it as JSON.
type victim struct {
	Dir        string // of the spool
	Host       string
	Process    int // its number, part of the ids of its events
	Workers    int // goroutines that enqueue
	Events     int // that each of them enqueues
	Seed       uint64
	Sizes      torture.Sizes
	Ending     string // waits, closes or drains
	Disk       bool   // DurabilityDisk
	QueueBytes int

	out io.Writer // reports go there
}

// The endings of a victim.
const (
	waits  = "waits"  // for its death
	closes = "closes" // its client, with little patience
	drains = "drains" // its client, until nothing is left
)

// runVictim carries out orders. It does not outlive in, which whoever gave
// the orders holds open.
func runVictim(orders string, in io.Reader, out io.Writer) {
	v := victim{out: out}
	if err := json.Unmarshal([]byte(orders), &v); err != nil {
		panic(err)
	}
	v.report(torture.Report{Word: torture.Starting})
	client, err := posthog.NewWithConfig(testKey, v.config())
	if err != nil {
		panic(err)
	}
	var enqueuing sync.WaitGroup
	for worker := range v.Workers {
		enqueuing.Go(func() { v.enqueue(client, worker) })
	}
	enqueuing.Wait()
	switch v.Ending {
	case waits:
		v.report(torture.Report{Word: torture.Waiting})
		_, _ = io.Copy(io.Discard, in)
	case closes:
		v.close(client)
	case drains:
		v.drain(client)
	}
	v.report(torture.Report{Word: torture.Done})
}

func (v *victim) config() posthog.Config {
	config := posthog.Config{
		Endpoint:        v.Host,
		FlushAt:         20,
		Interval:        2 * time.Millisecond,
		MaxQueueSize:    100_000,
		MaxQueueBytes:   v.QueueBytes,
		RetryAfter:      func(int) time.Duration { return 0 }, // as often as possible
		ShutdownTimeout: 30 * time.Millisecond,
		OnError:         v.lost,
		Logger:          v,
		Spool:           posthog.SpoolConfig{Dir: v.Dir},
	}
	if v.Disk {
		config.Spool.Durability = posthog.DurabilityDisk
	}
	if v.Ending == drains { // however long that takes a server that has other things to do
		config.BatchUploadTimeout, config.FlushTimeout, config.ShutdownTimeout = patience, -1, -1
	}
	return config
}

// enqueue is one goroutine of the victim: it enqueues an event and, as soon
// as that was accepted, says so.
func (v *victim) enqueue(client *posthog.ServerClient, worker int) {
	random := rand.New(rand.NewPCG(v.Seed, uint64(v.Process)<<8|uint64(worker)))
	for number := range v.Events {
		id := torture.ID{Process: v.Process, Worker: worker, Number: number}
		v.report(v.offer(client, id, random.IntN(2) == 0))
		if random.IntN(50) == 0 { // so that the rest comes while these are being sent
			<-time.NewTimer(time.Duration(random.IntN(int(2 * time.Millisecond)))).C
		}
	}
}

// offer offers an event to the client, and returns what became of it.
func (v *victim) offer(client *posthog.ServerClient, id torture.ID, learnUUID bool) torture.Report {
	r := torture.Report{Word: torture.Accepted, ID: id}
	e := posthog.Capture{
		DistinctId: id.String(),
		Event:      "torture",
		Properties: posthog.Properties{"text": torture.Text(v.Seed, id, v.Sizes)},
	}
	var err error
	if learnUUID {
		var delivery *posthog.Delivery
		if delivery, err = client.Submit(context.Background(), e); delivery != nil {
			r.UUID = delivery.UUID
		}
	} else {
		err = client.Enqueue(e)
	}
	switch {
	case errors.Is(err, posthog.ErrNotSynced):
		r.Word = torture.Unsynced
	case errors.Is(err, posthog.ErrQueueFull):
		r.Word = torture.Refused
	case err != nil:
		r = torture.Report{Word: torture.Failed, Text: err.Error()}
	}
	return r
}

// close closes with little patience. What is left has to be in the spool.
func (v *victim) close(client *posthog.ServerClient) {
	v.report(torture.Report{Word: torture.Closing})
	var undelivered *posthog.UndeliveredError
	switch err := client.Close(); {
	case err == nil:
	case !errors.As(err, &undelivered):
		v.fail("Close: %v", err)
	case undelivered.Spooled != undelivered.Events:
		v.fail("Close left %d events, %d of them in the spool: %v", undelivered.Events, undelivered.Spooled, err)
	}
}

// drain delivers everything that is in the spool, and closes.
func (v *victim) drain(client *posthog.ServerClient) {
	if err := client.Flush(context.Background()); err != nil {
		v.fail("Flush: %v", err)
	}
	s := client.Stats()
	if s.Delivered != s.Accepted || s.Spool.Events != 0 || s.Spool.Err != nil {
		v.fail("after Flush: %+v", s)
	}
	if err := client.Close(); err != nil {
		v.fail("Close: %v", err)
	}
}

func (v *victim) report(r torture.Report) {
	if err := r.Write(v.out); err != nil {
		panic(err)
	}
}

func (v *victim) fail(format string, args ...any) {
	v.report(torture.Report{Word: torture.Failed, Text: fmt.Sprintf(format, args...)})
}

// lost is told of losses, of which there must be none.
func (v *victim) lost(err error) { v.fail("OnError: %v", err) }

// Debugf hears details, and none are asked for.
func (v *victim) Debugf(string, ...any) {}

// Logf hears of events of a previous life.
func (v *victim) Logf(string, ...any) {}

// Warnf hears what is wrong with the server, which may be, and with the
// spool, which must not be. But its disk may be slow, and little patience may
// be too little for its files.
func (v *victim) Warnf(format string, args ...any) {
	switch line := fmt.Sprintf(format, args...); {
	case !strings.Contains(line, "spool"):
	case strings.Contains(line, "the disk of the spool is too slow"):
		v.report(torture.Report{Word: torture.Slow, ID: torture.ID{Process: v.Process}})
	case v.Ending == closes && strings.Contains(line, "could not be put in order"):
	case v.Ending == closes && strings.Contains(line, "and the next start sends them"):
	default:
		v.fail("log: %s", line)
	}
}

// Errorf hears of losses.
func (v *victim) Errorf(format string, args ...any) { v.fail("log: "+format, args...) }
