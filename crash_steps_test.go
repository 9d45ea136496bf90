package posthog_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
)

// stepsOf are the messages of the steps of an event, whose form is checked.
func stepsOf(t *testing.T, e wireEvent) []string {
	t.Helper()
	if e.Properties["$exception_steps"] == nil {
		return nil
	}
	list, ok := e.Properties["$exception_steps"].([]any)
	if !ok {
		t.Fatalf("got steps %v, want a list", e.Properties["$exception_steps"])
	}
	var messages []string
	for _, one := range list {
		step, _ := one.(map[string]any)
		message, _ := step["$message"].(string)
		at, _ := step["$timestamp"].(string)
		if _, err := time.Parse("2006-01-02T15:04:05.000Z", at); err != nil {
			t.Errorf("step %v: %v", step, err)
		}
		messages = append(messages, message)
	}
	return messages
}

// Steps of a request go with the exceptions that are captured within it, however
// deep, and with no others.
func TestStepsGoWithTheExceptionsOfTheirRequest(t *testing.T) {
	t.Parallel()
	pass := []posthog.Hook{func(e *posthog.Event) *posthog.Event {
		if steps, given := e.Properties["$exception_steps"]; given {
			if _, ok := steps.([]any); !ok {
				t.Errorf("a hook sees steps as %T, want []any", steps)
			}
		}
		return e
	}}
	for name, config := range map[string]posthog.Config{
		"":                {},
		", seen by hooks": {Hooks: pass, BeforeSend: func(m posthog.Message) posthog.Message { return m }},
	} {
		for place, c := range map[string]struct {
			ctx  func(request, part context.Context) context.Context
			opts []posthog.ExceptionOption
			want []string
		}{
			"within the request":  {func(request, _ context.Context) context.Context { return request }, nil, []string{"charge", "ship"}},
			"in a part of it":     {func(_, part context.Context) context.Context { return part }, nil, []string{"charge", "ship"}},
			"outside of requests": {func(_, _ context.Context) context.Context { return context.Background() }, nil, nil},
			"in another request": {func(request, _ context.Context) context.Context {
				return posthog.WithFreshRequestContext(request, posthog.RequestContext{})
			}, nil, nil},
			"with steps of its own": {
				func(request, _ context.Context) context.Context { return request },
				[]posthog.ExceptionOption{posthog.WithProperties(posthog.Properties{"$exception_steps": []any{
					map[string]any{"$message": "mine", "$timestamp": "2026-11-20T12:00:00.000Z"},
				}})},
				[]string{"mine"},
			},
		} {
			t.Run(place+name, func(t *testing.T) {
				t.Parallel()
				client, server := open(t, config)
				request := posthog.WithRequestContext(context.Background(), posthog.RequestContext{DistinctId: "u"})
				part := posthog.WithRequestContext(request, posthog.RequestContext{SessionId: "s"})
				client.AddStep(request, "charge", nil)
				client.AddStep(part, "ship", posthog.Properties{"to": "Ghent", "$message": "forged", "$timestamp": "forged"})
				if err := client.CaptureException(c.ctx(request, part), errors.New("x"), c.opts...); err != nil {
					t.Fatal(err)
				}
				e := one(t, client, server)
				if got := stepsOf(t, e); !slices.Equal(got, c.want) {
					t.Errorf("got steps %v, want %v", got, c.want)
				}
			})
		}
	}
}

// The newest steps of 32 KiB are kept, and a step that is larger is not.
func TestStepsAreBounded(t *testing.T) {
	t.Parallel()
	log := new(journal)
	client, server := open(t, posthog.Config{Logger: log})
	ctx := posthog.WithRequestContext(context.Background(), posthog.RequestContext{})
	for i := range 1000 {
		client.AddStep(ctx, fmt.Sprintf("step %03d", i), posthog.Properties{"text": strings.Repeat("x", 100)})
	}
	if log.has("step") {
		t.Errorf("the log says %v", log.lines)
	}
	client.AddStep(ctx, strings.Repeat("x", 40_000), nil)
	if !log.has("not kept") {
		t.Error("the log does not say that a step was not kept")
	}
	if err := client.CaptureException(ctx, errors.New("x")); err != nil {
		t.Fatal(err)
	}
	e := one(t, client, server)
	steps := stepsOf(t, e)
	text, err := json.Marshal(e.Properties["$exception_steps"])
	if err != nil {
		t.Fatal(err)
	}
	if len(steps) == 0 || steps[len(steps)-1] != "step 999" || len(text) > 32<<10 || len(text) < 32<<10-200 {
		t.Errorf("got %d steps of %d bytes, the last %v; want the newest of 32 KiB", len(steps), len(text), steps[len(steps)-1:])
	}
}

// Bad values cost themselves; clients that send nothing keep no steps.
func TestBadSteps(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	ctx := posthog.WithRequestContext(context.Background(), posthog.RequestContext{})
	client.OptOut()
	client.AddStep(ctx, "unseen", nil)
	client.OptIn()
	client.AddStep(nil, "nowhere", nil) //nolint:staticcheck // it is what some do
	client.AddStep(ctx, "a\xffb", posthog.Properties{"f": func() {}, "n": 1})
	if err := client.CaptureException(ctx, errors.New("x")); err != nil {
		t.Fatal(err)
	}
	if got, want := stepsOf(t, one(t, client, server)), []string{"a\ufffdb"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// BenchmarkAddStep is a step with two properties, within a request and in the
// file that survives the process.
func BenchmarkAddStep(b *testing.B) {
	for name, dir := range map[string]string{"request": "", "request and file": b.TempDir()} {
		b.Run(name, func(b *testing.B) {
			client, err := posthog.NewWithConfig(testKey, posthog.Config{Crash: posthog.CrashConfig{Dir: dir}, Logger: silent{}})
			if err != nil {
				b.Fatal(err)
			}
			defer client.Close()
			ctx := posthog.WithRequestContext(context.Background(), posthog.RequestContext{})
			properties := posthog.Properties{"order": 4711, "state": "paid"}
			b.ReportAllocs()
			for b.Loop() {
				client.AddStep(ctx, "charged card", properties)
			}
		})
	}
}
