package life_test

import (
	"bytes"
	"errors"
	"fmt"
	"runtime/pprof"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/life"
)

// report is what a Group said of a panic.
type report struct {
	name  string
	value any
	stack string
}

// panics runs f in a group and returns what the group reports.
func panics(f func()) []report {
	var reports []report // written by one goroutine before Wait returns
	g := life.Group{Panicked: func(name string, value any, stack []byte) {
		reports = append(reports, report{name, value, string(stack)})
	}}
	g.Go("pump", f)
	g.Wait()
	return reports
}

func explode() { panic(errors.New("no more room")) }

func TestAPanicIsReportedWithNameAndStack(t *testing.T) {
	t.Parallel()
	reports := panics(explode)
	if len(reports) != 1 {
		t.Fatalf("got %d reports, want 1", len(reports))
	}
	got := reports[0]
	if got.name != "pump" || fmt.Sprint(got.value) != "no more room" {
		t.Errorf("got a panic of %q with %v, want one of %q with %q", got.name, got.value, "pump", "no more room")
	}
	if !strings.Contains(got.stack, "life_test.explode") {
		t.Errorf("got stack %s, want the function that panicked in it", got.stack)
	}
}

func TestOnlyPanicsAreReported(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(){
		"a function that returns": func() {},
		"one that recovers by itself": func() {
			defer func() { _ = recover() }()
			explode()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := panics(f); len(got) > 0 {
				t.Errorf("got reports %v, want none", got)
			}
		})
	}
}

func TestTheZeroGroupSwallowsPanics(t *testing.T) {
	t.Parallel()
	var g life.Group
	g.Go("pump", explode)
	g.Wait()
}

func TestWaitJoinsEveryGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g life.Group
		g.Wait() // for nobody
		var ended atomic.Int32
		work := make(chan struct{}) // closed by the test
		for range 5 {
			g.Go("sender", func() {
				<-work
				<-time.After(time.Hour) // of the bubble's time
				ended.Add(1)
			})
		}
		g.Go("pump", func() {
			<-work
			ended.Add(1)
			explode()
		})
		joined := make(chan struct{}) // closed when Wait has returned
		go func() {
			g.Wait()
			close(joined)
		}()
		synctest.Wait()
		select {
		case <-joined:
			t.Fatal("Wait returned while goroutines were running")
		default:
		}
		close(work)
		<-joined
		if got := ended.Load(); got != 6 {
			t.Errorf("got %d goroutines ended when Wait returned, want 6", got)
		}
	})
}

// A goroutine dump of a service tells the library's goroutines by their label.
func TestGoroutinesCarryTheirName(t *testing.T) {
	t.Parallel()
	var g life.Group
	dump := make(chan string, 1) // the goroutine sends once
	g.Go("hedge cutter", func() {
		var text bytes.Buffer
		if err := pprof.Lookup("goroutine").WriteTo(&text, 1); err != nil {
			text.WriteString(err.Error())
		}
		dump <- text.String()
	})
	g.Wait()
	if got, want := <-dump, `"posthog":"hedge cutter"`; !strings.Contains(got, want) {
		t.Errorf("got profile %s, want %s in it", got, want)
	}
}
