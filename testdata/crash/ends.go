package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"

	"github.com/hedgerow/posthog"
)

type order struct{ id int }

func (o *order) Error() string { return fmt.Sprint("no order ", o.id) }

//go:noinline
func charge(value any) { panic(value) }

// mute has no text.
type mute struct{}

func (*mute) Error() string { panic("no text") }

// label is a text at heart.
type label string

// capture returns an end by a panic that the library sees.
func capture(value any) func(*posthog.ServerClient) {
	return func(client *posthog.ServerClient) {
		defer client.CapturePanic(context.Background())
		charge(value)
	}
}

//go:noinline
func missing() *order { return nil }

//go:noinline
func dive(n int) int {
	if n < 0 {
		return 0
	}
	return dive(n+1) + 1
}

// dump has the runtime dump all goroutines, when there is but this one.
func dump(signal syscall.Signal) {
	for runtime.NumGoroutine() > 1 {
		runtime.Gosched()
	}
	raise(signal)
}

// raise sends the process a signal, and waits for it in a system call: a
// goroutine that waits for others would be a deadlock.
func raise(signal syscall.Signal) {
	var never [2]int
	if err := syscall.Pipe(never[:]); err != nil {
		log.Fatal(err)
	}
	if err := syscall.Kill(syscall.Getpid(), signal); err != nil {
		log.Fatal(err)
	}
	_, _ = syscall.Read(never[0], make([]byte, 1)) // nobody writes
}

//go:noinline
func closeBelow(client *posthog.ServerClient, depth int) {
	if depth == 0 {
		_ = client.Close()
		return
	}
	closeBelow(client, depth-1)
}

func elsewhere(f func()) {
	done := make(chan struct{})
	go func() { f(); close(done) }() // were it deferred, main might end before the panic does
	<-done
}

// ends are the ways to end.
var ends = map[string]func(client *posthog.ServerClient){
	"middleware": passOn,

	"panic":     func(*posthog.ServerClient) { charge("out of tea") },
	"goroutine": func(*posthog.ServerClient) { elsewhere(func() { charge("in a goroutine") }) },
	"pointer":   func(*posthog.ServerClient) { charge(new(int)) },
	"megabytes": func(*posthog.ServerClient) { charge(strings.Repeat("tea ", 1<<19)) },
	"error":     func(*posthog.ServerClient) { charge(fmt.Errorf("pay: %w", errors.New("gateway down"))) },
	"nested": func(*posthog.ServerClient) {
		defer func() { charge("second") }()
		charge("first")
	},
	"nil dereference": func(*posthog.ServerClient) { missing().id = 1 },
	"concurrent map writes": func(*posthog.ServerClient) {
		runtime.GOMAXPROCS(2) // with one, no goroutine is interrupted in the middle of a write
		stock := map[int]int{}
		write := func() {
			for i := 0; ; i++ {
				stock[i%8] = i
			}
		}
		go write()
		write()
	},
	"deadlock": func(*posthog.ServerClient) { select {} },
	"stack overflow": func(*posthog.ServerClient) {
		debug.SetMaxStack(1 << 20)
		runtime.KeepAlive(dive(0))
	},
	"out of memory": func(*posthog.ServerClient) {
		if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: 4 << 30, Max: 4 << 30}); err != nil {
			log.Fatal(err)
		}
		runtime.KeepAlive(make([]byte, len(os.Args)<<33))
	},
	"unlock":    func(*posthog.ServerClient) { new(sync.Mutex).Unlock() },
	"SIGABRT":   func(*posthog.ServerClient) { dump(syscall.SIGABRT) },
	"SIGQUIT":   func(*posthog.ServerClient) { dump(syscall.SIGQUIT) },
	"SIGSEGV":   func(*posthog.ServerClient) { dump(syscall.SIGSEGV) },
	"Goexit":    func(*posthog.ServerClient) { runtime.Goexit() },
	"os.Exit":   func(*posthog.ServerClient) { os.Exit(3) },
	"log.Fatal": func(*posthog.ServerClient) { log.Fatal("no configuration") },
	"kill -9":   func(*posthog.ServerClient) { raise(syscall.SIGKILL) },
	"SIGTERM":   func(*posthog.ServerClient) { raise(syscall.SIGTERM) },
	"return":    func(*posthog.ServerClient) {},

	"Close": func(client *posthog.ServerClient) { _ = client.Close() },
	"panic with a deferred Close": func(client *posthog.ServerClient) {
		defer client.Close()
		charge("out of tea")
	},
	"panic with a Close far down": func(client *posthog.ServerClient) {
		defer closeBelow(client, 40)
		charge("out of tea")
	},
	"panic while another goroutine closes": func(client *posthog.ServerClient) {
		ends, closed := make(chan struct{}), make(chan struct{})
		go func() { defer close(closed); <-ends; _ = client.Close() }()
		defer func() { close(ends); <-closed }()
		charge("out of tea")
	},
	"panic that wakes a Close": func(client *posthog.ServerClient) {
		var work sync.WaitGroup
		work.Add(1)
		go func() {
			defer work.Done()
			charge("out of tea")
		}()
		work.Wait()
		_ = client.Close()
		select {} // main might end before the panic does
	},
	"panic after a first client": func(client *posthog.ServerClient) {
		_ = connect(ordered())
		_ = client.Close()
		charge("out of tea")
	},
	"panic beside a second client": func(*posthog.ServerClient) {
		_ = connect(ordered())
		charge("out of tea")
	},
	"panic in RunMain": func(client *posthog.ServerClient) {
		posthog.RunMain(client, func() int { charge("out of tea"); return 0 })
	},
	"panic that is recovered after Close": func(client *posthog.ServerClient) {
		func() {
			defer func() { _ = recover() }()
			defer client.Close()
			charge("out of tea")
		}()
		os.Exit(0)
	},
	"CapturePanic": func(client *posthog.ServerClient) {
		defer client.CapturePanic(context.Background())
		charge(errors.New("gateway down"))
	},
	"CapturePanic, without a text":     capture(new(mute)),
	"CapturePanic of nothing":          capture((*order)(nil)),
	"CapturePanic of a struct":         capture(struct{ id int }{7}),
	"CapturePanic of a pointer":        capture(new(int)),
	"CapturePanic of a named text":     capture(label("a \"b\"")),
	"CapturePanic of a long text":      capture(strings.Repeat("\u00e9", 1<<20)),
	"CapturePanic of what is no text":  capture("a\xff\r\nb"),
	"CapturePanic of a text as a type": capture("main.label(7)"),
	"CapturePanic of a text as an int": capture("(int) 0x7"),
	"CapturePanic and Close": func(client *posthog.ServerClient) {
		defer client.Close()
		defer client.CapturePanic(context.Background())
		charge(errors.New("gateway down"))
	},
	"Go": func(client *posthog.ServerClient) {
		client.Go(context.Background(), func(context.Context) { charge("in a goroutine") })
		raise(0)
	},
	"CapturePanic, then another": func(client *posthog.ServerClient) {
		defer func() { charge("while leaving") }()
		defer client.CapturePanic(context.Background())
		charge("first")
	},
	"fatal, then kill -9": func(client *posthog.ServerClient) {
		_ = client.CaptureException(context.Background(), errors.New("no disk"), posthog.WithLevel(posthog.LevelFatal))
		raise(syscall.SIGKILL)
	},
	"fatal, then Close": func(client *posthog.ServerClient) {
		_ = client.CaptureException(context.Background(), errors.New("no disk"), posthog.WithLevel(posthog.LevelFatal))
		_ = client.Close()
	},
	"WriteCrashFile, then kill -9": func(client *posthog.ServerClient) {
		n, err := client.WriteCrashFile()
		fmt.Println("wrote", n, err)
		raise(syscall.SIGKILL)
	},
	"stolen": func(*posthog.ServerClient) {
		file, err := os.CreateTemp("", "stolen")
		if err != nil {
			log.Fatal(err)
		}
		_ = os.Remove(file.Name())
		if err := debug.SetCrashOutput(file, debug.CrashOptions{}); err != nil {
			log.Fatal(err)
		}
		charge("out of tea")
	},
}
