package flagsync

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/hedgerow/posthog/flags"
)

var errNothingShared = errors.New("the provider has none, and there is no secret key to load them with")

// refresh loads definitions from where they come from, and publishes them if they are new.
func (w *worker) refresh(ctx context.Context) error {
	switch {
	case w.config.File != "":
		return w.readFile()
	case w.config.Provider == nil:
		return w.fetch(ctx, false)
	}
	lead := w.leads(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case lead:
		return w.fetch(ctx, true)
	}
	shared, err := w.shared(ctx)
	switch {
	case shared:
		w.troubles.fine(problemShared)
		return nil
	case w.loader.State().Loaded():
		return err // nil if the Provider just has none
	case w.loader.client == nil && err != nil:
		return err
	case w.loader.client == nil:
		return errNothingShared
	}
	if ctx.Err() == nil {
		w.troubles.note(problemShared, err) // the load itself may succeed
	}
	return w.fetch(ctx, false) // an emergency: nothing is loaded anywhere
}

// leads reports whether this process is to ask PostHog, for itself and for others. One that could not is never
// offered the lead: it would keep it from those who can.
func (w *worker) leads(ctx context.Context) bool {
	if w.loader.client == nil {
		return false
	}
	lead, err := call(ctx, &w.guard, w.guard.timeout, w.config.Provider.ShouldFetchFlagDefinitions)
	if ctx.Err() == nil {
		w.troubles.note(problemLead, err)
	}
	return lead || err != nil
}

// shared loads the document of the Provider, and reports whether there was a good one.
func (w *worker) shared(ctx context.Context) (bool, error) {
	document, err := call(ctx, &w.guard, w.guard.timeout, w.config.Provider.GetFlagDefinitions)
	if err == nil && document != nil {
		w.loader.seal(w.load)
		err = w.install(document, Shared, "")
	}
	if err != nil {
		return false, fmt.Errorf("shared definitions: %w", err)
	}
	if document != nil {
		w.save()
	}
	return document != nil, nil
}

// fetch asks PostHog, and hands what it has to the Provider if this process has the lead.
func (w *worker) fetch(ctx context.Context, lead bool) error {
	etag := w.loader.State().ETag
	got, err := call(ctx, &w.requests, w.requests.timeout, func(ctx context.Context) (answer, error) {
		return w.loader.client.get(ctx, etag)
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	w.loader.seal(w.load)
	publish := func() {}
	switch {
	case err == nil && got.document == nil:
		w.renew(got.etag)
	case err == nil:
		publish, err = w.prepare(got.document, Network, got.etag)
	case status(err) == http.StatusPaymentRequired:
		w.loader.clear()
	}
	w.loader.polled(got, err)
	if err != nil {
		return err
	}
	publish() // after the counting: whoever waits for this looks at the status next
	w.save()
	if lead {
		w.store(ctx)
	}
	return nil
}

// store hands the definitions to the Provider, also when they have not changed: the shared copy may expire.
func (w *worker) store(ctx context.Context) {
	document := w.loader.State().definitions().JSON()
	_, err := w.guard.call(ctx, w.guard.timeout, func(ctx context.Context) error {
		return w.config.Provider.OnFlagDefinitionsReceived(ctx, document)
	})
	if ctx.Err() == nil {
		w.troubles.note(problemStore, err)
	}
}

// install publishes a document, unless it is the one that is loaded.
func (w *worker) install(document []byte, source Source, etag string) error {
	publish, err := w.prepare(document, source, etag)
	if err == nil {
		publish()
	}
	return err
}

// prepare is install up to the point where others see it.
func (w *worker) prepare(document []byte, source Source, etag string) (publish func(), err error) {
	was := w.loader.State()
	if was.Loaded() && bytes.Equal(document, was.definitions().JSON()) {
		return func() {
			if was.Source != source || was.ETag != etag {
				now := *was
				now.Source, now.ETag = source, etag
				w.loader.state.Store(&now)
			}
		}, nil
	}
	program, err := compile(document, w.config.Options)
	if err != nil {
		return nil, &documentError{err}
	}
	return func() { w.loader.publish(State{Program: program, Source: source, ETag: etag}) }, nil
}

// renew takes in the ETag of a 304, if it brings one.
func (w *worker) renew(etag string) {
	was := w.loader.State()
	if etag == "" || etag == was.ETag {
		return
	}
	now := *was
	now.ETag = etag
	w.loader.state.Store(&now)
}

// compile makes a program of a document.
func compile(document []byte, options flags.Options) (*flags.Program, error) {
	definitions, err := flags.Parse(document)
	if err != nil {
		return nil, err
	}
	return flags.Compile(definitions, options), nil
}
