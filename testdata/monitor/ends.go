package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/hedgerow/posthog"
)

//go:noinline
func charge(value any) { panic(value) }

// wait waits for a signal in a system call: a goroutine that waits for others would
// be a deadlock.
func wait() {
	var never [2]int
	if err := syscall.Pipe(never[:]); err != nil {
		log.Fatal(err)
	}
	_, _ = syscall.Read(never[0], make([]byte, 1)) // nobody writes
}

// raise sends the process a signal, and waits for it.
func raise(s syscall.Signal) {
	if err := syscall.Kill(syscall.Getpid(), s); err != nil {
		log.Fatal(err)
	}
	wait()
}

// monitorID is the process id of the monitor, which is the only child there is: that
// of whichever thread started it.
func monitorID() int {
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		log.Fatal(err)
	}
	for _, list := range lists {
		text, _ := os.ReadFile(list) // threads end
		if id, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
			return id
		}
	}
	log.Fatal("there is no monitor")
	return 0
}

// status is what the kernel says of a process.
func status(id int, name string) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", id))
	if err != nil {
		log.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), name+":")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}

// ignored are the signals that a process ignores, each a bit.
func ignored(id int) uint64 {
	set, err := strconv.ParseUint(status(id, "SigIgn"), 16, 64)
	if err != nil {
		log.Fatal(err)
	}
	return set
}

// ends are the ways to end.
var ends = map[string]func(client *posthog.ServerClient){
	"panic": func(client *posthog.ServerClient) {
		client.AddStep(context.Background(), "looked into the tin", nil)
		charge("out of tea")
	},
	"goroutine": func(*posthog.ServerClient) {
		go charge("in a goroutine")
		select {}
	},
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
	"SIGABRT": func(*posthog.ServerClient) { raise(syscall.SIGABRT) },
	"kill -9": func(*posthog.ServerClient) { raise(syscall.SIGKILL) },
	"SIGTERM": func(*posthog.ServerClient) { raise(syscall.SIGTERM) },
	"SIGUSR1 and 3": func(*posthog.ServerClient) {
		received := make(chan os.Signal, 1)
		signal.Notify(received, syscall.SIGUSR1)
		fmt.Println("listening")
		<-received
		os.Exit(3)
	},
	"close file 5, and wait": func(*posthog.ServerClient) {
		if err := syscall.Close(5); err != nil {
			log.Fatal(err)
		}
		wait()
	},
	"exit 3": func(*posthog.ServerClient) { os.Exit(3) },
	"remove crash files and exit 3": func(*posthog.ServerClient) {
		if err := os.RemoveAll(config.Crash.Dir); err != nil {
			log.Fatal(err)
		}
		os.Exit(3)
	},
	"nothing": func(*posthog.ServerClient) { wait() },
	"Close":   func(client *posthog.ServerClient) { _ = client.Close() },
	"Close, then panic": func(client *posthog.ServerClient) {
		_ = client.Close()
		charge("out of tea")
	},
	"Close, then panic with a second client": func(client *posthog.ServerClient) {
		config.DefaultEventProperties = posthog.Properties{"app_version": "of the second"}
		second, err := posthog.NewWithConfig("phc_test", config)
		if err != nil {
			log.Fatal(err)
		}
		defer second.Close()
		_ = client.Close()
		charge("out of tea")
	},
	"panic with a deferred Close": func(client *posthog.ServerClient) {
		defer client.Close()
		charge("out of tea")
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
	// The monitor's end is that of a child, of which there must be no trace.
	"Close, and look for children": func(client *posthog.ServerClient) {
		_ = client.Close()
		_, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		fmt.Println("children:", err)
	},
	"tell of the monitor": func(client *posthog.ServerClient) {
		for _, file := range []string{"cmdline", "environ"} {
			var text []byte
			for end := time.Now().Add(20 * time.Second); len(text) == 0 && time.Now().Before(end); { // it is just being started
				var err error
				if text, err = os.ReadFile(fmt.Sprintf("/proc/%d/%s", monitorID(), file)); err != nil {
					log.Fatal(err)
				}
			}
			fmt.Println(file, len(text) > 0, bytes.Contains(text, []byte("phc_")))
		}
		_ = client.Close()
	},
	// What is sent to all of a service is sent to its monitor as well.
	"tell the monitor to end, and panic": func(*posthog.ServerClient) {
		const sigterm = 1 << (syscall.SIGTERM - 1)
		for end := time.Now().Add(20 * time.Second); ignored(monitorID())&sigterm == 0; { // it is just being started
			if time.Now().After(end) {
				log.Fatal("the monitor does not ignore SIGTERM")
			}
		}
		for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
			if err := syscall.Kill(monitorID(), s); err != nil {
				log.Fatal(err)
			}
		}
		charge("out of tea")
	},
	// Of a monitor that does not answer, Close gets rid by itself.
	"stop the monitor, and Close": func(client *posthog.ServerClient) {
		if err := syscall.Kill(monitorID(), syscall.SIGSTOP); err != nil {
			log.Fatal(err)
		}
		_ = client.Close()
		_, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		fmt.Println("children:", err)
	},
	"stop the monitor, and wait": func(*posthog.ServerClient) {
		if err := syscall.Kill(monitorID(), syscall.SIGSTOP); err != nil {
			log.Fatal(err)
		}
		fmt.Println("monitor", monitorID())
		_, _ = io.Copy(io.Discard, os.Stdin) // until it is killed
	},
	"stop the monitor, and panic with a deferred Close": func(client *posthog.ServerClient) {
		if err := syscall.Kill(monitorID(), syscall.SIGSTOP); err != nil {
			log.Fatal(err)
		}
		fmt.Println("monitor", monitorID())
		defer client.Close()
		charge("out of tea")
	},
	"kill the monitor": func(client *posthog.ServerClient) {
		if err := syscall.Kill(monitorID(), syscall.SIGKILL); err != nil {
			log.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, os.Stdin) // until the log has told of it
		charge("out of tea")
	},
	"tell of the files of a child": func(client *posthog.ServerClient) {
		numbers, err := exec.Command("ls", "/proc/self/fd").Output()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("files: %q\n", strings.Fields(string(numbers)))
		_ = client.Close()
	},
	// Whatever a child of the process inherited would still be open.
	"panic, with a child that stays": func(*posthog.ServerClient) {
		child := exec.Command("cat")
		child.Stdin = os.Stdin
		if err := child.Start(); err != nil {
			log.Fatal(err)
		}
		charge("out of tea")
	},
	"leave an orphan, and wait until it is gone": func(*posthog.ServerClient) {
		read, write, err := os.Pipe()
		if err != nil {
			log.Fatal(err)
		}
		mother := exec.Command("sh", "-c", "cat <&3 >/dev/null 2>&1 & echo $!")
		mother.ExtraFiles = []*os.File{read}
		text, err := mother.Output()
		if err != nil {
			log.Fatal(err)
		}
		orphan, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			log.Fatal(err)
		}
		if parent := status(orphan, "PPid"); parent != strconv.Itoa(os.Getppid()) {
			log.Fatalf("the orphan came to %s, and not to the supervisor, %d", parent, os.Getppid())
		}
		_ = write.Close() // its end
		for end := time.Now().Add(20 * time.Second); syscall.Kill(orphan, 0) == nil; {
			if time.Now().After(end) {
				log.Fatal("the orphan is a zombie")
			}
		}
	},
	"take all memory":    exhaust,
	"take all addresses": exhaustRuntime,
	"move, and take all memory": func(client *posthog.ServerClient) {
		join(os.Args[2])
		exhaust(client)
	},
	"take all memory, but first that of the supervisor": func(client *posthog.ServerClient) {
		defer sacrifice(os.Getppid()).Close()
		exhaust(client)
	},
	"take all memory, but first that of the monitor": func(client *posthog.ServerClient) {
		defer sacrifice(monitorID()).Close()
		exhaust(client)
	},
	"have a helper take all memory, and kill -9": func(*posthog.ServerClient) {
		exhaustHelper()
		raise(syscall.SIGKILL)
	},
	"tell of the process": func(*posthog.ServerClient) {
		dir, err := os.Getwd()
		if err != nil {
			log.Fatal(err)
		}
		input, err := io.ReadAll(os.Stdin)
		if err != nil {
			log.Fatal(err)
		}
		_, marked := os.LookupEnv("POSTHOG_CRASH_PIPE")
		fmt.Printf("%s %q %q %t %s %t\n", dir, os.Args[2:], input, marked, os.Getenv("MONITOR_TEST_OTHER"), syscall.Getpgrp() == os.Getpid())
		fmt.Fprintln(os.Stderr, "an error")
	},
}
