package posthog

import (
	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
)

// Callback is told of the outcome of every event that was put into the queue
// or sent, which are all accepted events but those that a hook, OptOut,
// Disabled or DryRun discards. Its methods run one at a time, on a goroutine that does nothing
// else, and may call any method of the client, Close included. As long as they
// are behind, the events they have not seen take room in the queue, so a
// callback must not wait for room there. A panic is contained and counted.
type Callback interface {
	// Success is called for an event that PostHog confirmed.
	Success(APIMessage)
	// Failure is called for every other event, with a [*DeliveryError].
	Failure(APIMessage, error)
}

// observer returns what calls the application back, or nil if it does not want
// to be.
func (c *ServerClient) observer() *delivery.Observer {
	if c.config.Callback == nil && c.config.OnError == nil {
		return nil
	}
	observer := new(delivery.Observer)
	if c.config.OnError != nil {
		observer.Lost = func(l delivery.Loss) {
			uuid := ""
			if l.UUID != [16]byte{} {
				uuid = textOf(l.UUID)
			}
			err := deliveryError(l.Verdict, l.Events, uuid)
			c.guard("OnError", func() { c.config.OnError(err) })
		}
	}
	if c.config.Callback != nil {
		observer.Each = func(r *queue.Record, v delivery.Verdict) {
			ev := decode(r.Payload)
			if err := deliveryError(v, 1, ev.Uuid); err != nil {
				c.guard("Callback.Failure", func() { c.config.Callback.Failure(ev, err) })
				return
			}
			c.guard("Callback.Success", func() { c.config.Callback.Success(ev) })
		}
	}
	return observer
}

// guard calls back into the application, for one lane at a time, and contains
// its panics.
func (c *ServerClient) guard(name string, call func()) {
	c.calling <- struct{}{}
	defer func() {
		<-c.calling
	}()
	defer func() {
		if value := recover(); value != nil {
			c.panicked.Add(1)
			c.notices.Report(notice.Error, name+" panicked", "posthog: Config.%s panicked: %v", name, value)
		}
	}()
	call()
}
