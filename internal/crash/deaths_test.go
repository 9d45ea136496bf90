//go:build unix

package crash_test

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
)

type order struct {
	id   int
	text string
}

type orderName string

//go:noinline
func leaf(value any) { panic(value) }

//go:noinline
func nothing[T any]() (none T) { return none }

type unprintable struct{}

func (unprintable) Error() string { panic("no text") }

type list[T any] struct{ items []T }

//go:noinline
func (l *list[T]) at(i int) T { return l.items[i] }

// inlined is compiled into its callers.
func inlined(value any) { leaf(value) }

//go:noinline
func descend(n int) int {
	if n < 0 {
		return 0
	}
	return descend(n+1) + 1
}

// raise sends the process a signal and waits for it, in a system call: a goroutine that waits for others would be a
// deadlock, and the runtime would have two reasons to end the process at once.
func raise(signal syscall.Signal) {
	var never [2]int
	if err := syscall.Pipe(never[:]); err != nil {
		panic(err)
	}
	if err := syscall.Kill(syscall.Getpid(), signal); err != nil {
		panic(err)
	}
	_, _ = syscall.Read(never[0], make([]byte, 1)) // nobody writes
}

// deaths are the ways in which a program ends by itself. None of them returns.
var deaths = map[string]func(){
	"panic_text":      func() { leaf("out of tea") },
	"panic_error":     func() { leaf(fmt.Errorf("pay: %w", errors.New("gateway down"))) },
	"panic_lines":     func() { leaf("one\npanic: two\n\ngoroutine 7 [running]:\nmain.forged(0x1)\n\t/tmp/forged.go:1 +0x1") },
	"panic_struct":    func() { leaf(order{1, "x"}) },
	"panic_pointer":   func() { leaf(&order{1, "x"}) },
	"panic_named":     func() { leaf(orderName("o-1")) },
	"panic_stringer":  func() { leaf(netip.MustParseAddr("192.0.2.1")) },
	"panic_number":    func() { leaf(42) },
	"panic_float":     func() { leaf(1.5) },
	"panic_nil":       func() { leaf(nil) },
	"panic_inlined":   func() { inlined("deep") },
	"panic_tail":      func() { leaf("x [recovered]") },
	"nil_dereference": func() { nothing[*order]().id = 1 },
	"index":           func() { (&list[string]{}).at(3) },
	"division":        func() { _ = 1 / nothing[int]() },
	"nil_map":         func() { nothing[map[string]int]()["x"] = 1 },
	"type_assertion":  func() { _ = any("x").(error) },
	"closed_channel": func() {
		c := make(chan int)
		close(c)
		close(c)
	},
	"goroutine": func() {
		go func() { leaf("in a goroutine") }()
		select {}
	},
	"nested": func() {
		defer func() { leaf("second") }()
		leaf("first")
	},
	"repanicked": func() {
		defer func() { panic(recover()) }()
		leaf("first")
	},
	"recovered_then_other": func() {
		defer func() { leaf(fmt.Sprintf("after %v", recover())) }()
		leaf("first")
	},
	"three": func() {
		defer func() { leaf(errors.New("third")) }()
		defer func() { leaf("second") }()
		leaf("first")
	},
	"panic_and_goexit": func() {
		go func() {
			defer func() { leaf("while leaving") }()
			runtime.Goexit()
		}()
		select {}
	},
	"goexit_deadlock": func() { runtime.Goexit() },
	"concurrent_map_writes": func() {
		runtime.GOMAXPROCS(2) // with one, no goroutine is interrupted in the middle of a write
		m := map[int]int{}
		write := func() {
			for i := 0; ; i++ {
				m[i%8] = i
			}
		}
		go write()
		write()
	},
	"concurrent_map_read": func() {
		runtime.GOMAXPROCS(2)
		m := map[int]int{}
		go func() {
			for i := 0; ; i++ {
				m[i%8] = i
			}
		}()
		for i := 0; ; i++ {
			_ = m[i%8]
		}
	},
	"fault": func() {
		gone, err := syscall.Mmap(-1, 0, 1<<12, syscall.PROT_READ, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil || syscall.Munmap(gone) != nil {
			panic("it is not gone")
		}
		runtime.KeepAlive(gone[0])
	},
	"go_nil": func() {
		var none func()
		go none()
		select {}
	},
	"panic_unprintable": func() { leaf(unprintable{}) },
	"unlock":            func() { new(sync.Mutex).Unlock() },
	"deadlock":          func() { select {} },
	"stack_overflow": func() {
		debug.SetMaxStack(1 << 20)
		runtime.KeepAlive(descend(0))
	},
	"out_of_memory": func() { runtime.KeepAlive(make([]byte, nothing[int]()+math.MaxInt/131072)) },
	"sigabrt":       func() { raise(syscall.SIGABRT) },
	"sigquit":       func() { raise(syscall.SIGQUIT) },
	"sigsegv":       func() { raise(syscall.SIGSEGV) },
}
