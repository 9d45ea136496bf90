package evaluation

import (
	"context"
	"errors"

	"github.com/hedgerow/posthog/internal/flagsync/remote"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/wire"
)

// A question is a Request on its way through the sources.
type question struct {
	*Request
	asked []string // the keys the caller named, nil for all

	view      *view  // nil without definitions
	refreshes uint64 // of the Loader, before view was taken

	identity digest // see Engine.identify; zero before
}

// An identity is about whom the server is asked, and with which definitions: when they change, so may its answers. The
// generation is 0 without definitions.
type identity struct {
	digest
	generation uint64
}

// question returns that of a request, about keys that are not set yet.
func (e *Engine) question(r *Request) question {
	q := question{Request: r}
	if l := e.config.Loader; l != nil {
		q.refreshes = l.Refreshes()
		q.view = e.definitions(l)
	}
	return q
}

// scope returns the keys that the server is asked for, nil for all of them.
func (e *Engine) scope(q *question) []string {
	if e.cache != nil {
		return nil
	}
	return q.asked
}

// mayAsk returns nil if a request may be made for what the definitions leave open, or else why not.
func (e *Engine) mayAsk(q *question) error {
	switch {
	case e.config.Remote != nil && !q.OnlyLocally:
		if q.Subject.DistinctID == "" {
			return ErrNoIdentity
		}
		return nil
	case q.view == nil:
		e.report(notice.Warn, "flag definitions not loaded", "posthog: feature flags are to be evaluated locally, and no definitions are loaded")
		return ErrNotLoaded
	default:
		return ErrInconclusive
	}
}

// ask gets the server's answer, with at most one request. Of the keys that are needed, the unheard-of are those that the
// definitions do not have and of which nothing is known; only is set if nothing else is needed. Then one question asks
// for all that want to know the same, and the others see what that taught: ok is false if it was all they need.
func (e *Engine) ask(ctx context.Context, q *question, unheardOf []string, only bool) (a answer, ok bool, err error) {
	if !only || len(unheardOf) == 0 {
		a, err = e.identified(ctx, q)
		return a, true, err
	}
	for {
		going, led := e.probes.join(unheardOf...)
		if led != nil {
			return e.probe(ctx, q, led, unheardOf)
		}
		abandoned := false
		for _, f := range going {
			switch err := f.wait(ctx); {
			case err != nil:
				return answer{}, true, err
			case f.abandoned:
				abandoned = true
			case f.err != nil && !refused(f.err):
				return answer{}, true, f.err // the server is in trouble, whoever asks
			}
		}
		if e.count(q, unheardOf, absent) == len(unheardOf) {
			return answer{}, false, nil
		}
		if !abandoned || e.count(q, unheardOf, unheard) == 0 {
			a, err = e.identified(ctx, q)
			return a, true, err
		}
	}
}

// probe asks as the leader of a flight for keys, unless another one has just taught all there is to know: then ok is
// false.
func (e *Engine) probe(ctx context.Context, q *question, led *flight, keys []string) (a answer, ok bool, err error) {
	defer e.probes.land(led, keys...)
	if e.count(q, keys, absent) == len(keys) {
		led.settle(ctx, a, nil)
		return a, false, nil
	}
	a, err = e.identified(ctx, q)
	led.settle(ctx, a, err)
	return a, true, err
}

// identified gets the server's answer about an identity: one that is cached, one that is on its way to another question,
// or one of its own.
func (e *Engine) identified(ctx context.Context, q *question) (answer, error) {
	if e.cache == nil {
		return e.call(ctx, q)
	}
	id := identity{digest: e.identify(q)}
	if q.view != nil {
		id.generation = q.view.state.Generation
	}
	for {
		if a, ok := e.cache.Get(id, e.config.Now()); ok {
			return a, nil
		}
		going, led := e.identities.join(id)
		if led != nil {
			return e.lead(ctx, q, led, id)
		}
		if err := going[0].wait(ctx); err != nil {
			return answer{}, err
		}
		if !going[0].abandoned {
			return going[0].answer, going[0].err
		}
	}
}

// lead asks as the leader of a flight for an identity.
func (e *Engine) lead(ctx context.Context, q *question, led *flight, id identity) (a answer, err error) {
	defer e.identities.land(led, id)
	if cached, ok := e.cache.Get(id, e.config.Now()); ok { // a flight landed since the last look
		led.settle(ctx, cached, nil)
		return cached, nil
	}
	a, err = e.call(ctx, q)
	if err == nil && a.clean() {
		e.cache.Put(id, answer{a.FlagsResponse, Cached}, e.config.Now())
	}
	led.settle(ctx, a, err)
	return a, err
}

// call makes a request. After an error the answer has nothing but its RequestID, if it has that.
func (e *Engine) call(ctx context.Context, q *question) (answer, error) {
	var response wire.FlagsResponse
	err := guarded(func() (err error) { // what tells a property's JSON is the host's
		response, err = e.config.Remote.Flags(ctx, q.body(e.scope(q), e.config.Contexts))
		return err
	})
	a := answer{&response, Remote}
	if err != nil {
		if errors.Is(err, remote.ErrClosed) {
			return a, ErrClosed
		}
		if word(err) == "quota_limited" {
			e.report(notice.Warn, "flags over quota", "posthog: PostHog does not evaluate feature flags any more: "+err.Error())
		}
		return a, err
	}
	if l := e.config.Loader; l != nil && q.view != nil {
		e.knowledge.learn(a, q, l.Refreshes(), e.config.Now())
	}
	return a, nil
}

// known returns what is known of a key that the definitions do not have.
func (e *Engine) known(q *question, key string) existence {
	if q.view == nil {
		return unheard
	}
	return e.knowledge.of(key, q.refreshes, e.config.Now())
}

// count returns of how many of the keys so much is known.
func (e *Engine) count(q *question, keys []string, what existence) int {
	n := 0
	for _, key := range keys {
		if e.known(q, key) == what {
			n++
		}
	}
	return n
}

// report tells whoever operates the program.
func (e *Engine) report(level notice.Level, name, text string) {
	if e.config.Report != nil {
		e.config.Report(level, name, text)
	}
}
