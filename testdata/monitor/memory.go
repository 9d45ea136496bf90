package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"

	"github.com/hedgerow/posthog"
)

// queued is how many events wait for the next start when memory runs out.
const queued = 20

// exhaust takes memory until the kernel has enough of it. Where nobody limits that, it
// gives up, for the sake of the machine.
func exhaust(client *posthog.ServerClient) {
	if client != nil {
		client.AddStep(context.Background(), "looked into the tin", nil)
		for i := range queued {
			if err := client.Enqueue(posthog.Capture{DistinctId: strconv.Itoa(i), Event: "queued"}); err != nil {
				log.Fatal(err)
			}
		}
	}
	var taken [][]byte
	for range 1024 {
		part := make([]byte, 1<<20)
		for i := 0; i < len(part); i += 1 << 10 {
			part[i] = 1 // or it is not there yet
		}
		taken = append(taken, part)
	}
	runtime.KeepAlive(taken)
	log.Fatal("nobody limits the memory")
}

// exhaustRuntime takes more memory than there are addresses, of which the runtime
// learns, other than of what the kernel limits.
func exhaustRuntime(client *posthog.ServerClient) {
	client.AddStep(context.Background(), "looked into the tin", nil)
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: 4 << 30, Max: 4 << 30}); err != nil {
		log.Fatal(err)
	}
	runtime.KeepAlive(make([]byte, len(os.Args)<<33))
}

// exhaustHelper has a helper killed for want of memory.
func exhaustHelper() {
	text, err := json.Marshal(orders{End: "take all memory", Alone: true})
	if err != nil {
		log.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	helper := exec.Command(program, string(text))
	if err := helper.Run(); helper.ProcessState == nil || helper.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		log.Fatalf("the helper ended by itself: %v", err)
	}
}

// sacrifice has the kernel kill another process before this one, half of whose memory
// is that of a file without a name from then on, until it is closed.
func sacrifice(id int) io.Closer {
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", id), []byte("1000"), 0); err != nil {
		log.Fatal(err)
	}
	file, err := os.CreateTemp("/dev/shm", "")
	if err == nil {
		err = errors.Join(os.Remove(file.Name()), file.Truncate(64<<20))
	}
	if err == nil {
		_, err = file.WriteAt(make([]byte, 64<<20), 0)
	}
	if err != nil {
		log.Fatal(err)
	}
	return file
}

// join moves this process to a control group.
func join(group string) {
	if err := os.WriteFile(group+"/cgroup.procs", []byte(strconv.Itoa(os.Getpid())), 0); err != nil {
		log.Fatal(err)
	}
}
