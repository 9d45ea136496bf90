package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// sizes builds the three programs below size/ as for a release and compares what each library adds to the first.
func (b *bench) sizes() error {
	b.sayf("size of a program")
	without, err := b.built("without")
	if err != nil {
		return err
	}
	ours, err := b.built("hedgerow")
	if err != nil {
		return err
	}
	theirs, err := b.built("posthog-go")
	if err != nil {
		return err
	}
	b.add(figure{
		Group: groupSize, Name: "growth of a stripped program", Unit: "MB", Places: 2, Goal: goal{Text: "< 1.5 MB", Below: 1.5},
		Ours: series{ours - without}, Theirs: series{theirs - without},
	})
	return nil
}

// built builds one of the programs and returns its size in MB.
func (b *bench) built(program string) (float64, error) {
	folder, err := os.MkdirTemp("", "weigh")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // the system cleans its temporary folder
	file := filepath.Join(folder, program)
	cmd := exec.CommandContext(b.ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", file, "./size/"+program)
	if output, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build %s: %w\n%s", program, err, output)
	}
	info, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	return float64(info.Size()) / 1e6, nil
}
