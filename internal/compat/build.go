package compat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Module is what the programs are compiled against.
type Module struct {
	// ImportPath takes the place of posthog-go's.
	ImportPath string
	// GoMod and GoSum are the files of the module that the programs become a part of. They have to require what
	// ImportPath needs, so that nothing is downloaded.
	GoMod, GoSum []byte
}

// Binary is the programs, compiled.
type Binary struct{ path string }

// Build writes the programs into folder, which should be empty, and compiles them. The error has what the compiler says.
func Build(ctx context.Context, folder string, programs []Program, module Module) (*Binary, error) {
	files := map[string][]byte{"go.mod": module.GoMod, "go.sum": module.GoSum}
	var imports, cases bytes.Buffer
	for i := range programs {
		p := &programs[i]
		source, err := p.library(module.ImportPath)
		if err != nil {
			return nil, err
		}
		files[filepath.Join(p.Name, p.Name+".go")] = source
		fmt.Fprintf(&imports, "\t%q\n", "corpus/"+p.Name)
		fmt.Fprintf(&cases, "\t\t%q: %s.Main,\n", p.Name, p.Name)
	}
	files["main.go"] = fmt.Appendf(nil, "package main\n\nimport (\n\t\"os\"\n%s)\n\nfunc main() {\n"+
		"\tname := os.Args[1]\n\tos.Args = os.Args[1:]\n\tmap[string]func(){\n%s\t}[name]()\n}\n", imports.Bytes(), cases.Bytes())
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return nil, err
		}
	}
	binary := &Binary{filepath.Join(folder, "corpus.exe")}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-mod=mod", "-ldflags=-s -w", "-o", binary.path, ".")
	cmd.Dir = folder
	cmd.Env = append(cmd.Environ(), "GOWORK=off", "GOFLAGS=", "GOPROXY=off", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the programs: %w\n%s", err, out)
	}
	return binary, nil
}

// Result is how a run of a program ended.
type Result struct {
	// Stdout is what it printed.
	Stdout string
	// Stderr is what its log says, which nothing is wanted of.
	Stderr string
	// Exit is its exit status.
	Exit int
}

// Run runs a program against the PostHog at host. The error is about the program not having run.
func (b *Binary) Run(ctx context.Context, p *Program, host string) (Result, error) {
	cmd := exec.CommandContext(ctx, b.path, append([]string{p.Name}, p.Want.Args...)...)
	cmd.Dir = filepath.Dir(b.path)
	cmd.Env = append(cmd.Environ(), "POSTHOG_HOST="+host, "POSTHOG_API_KEY=phc_test", "POSTHOG_SECRET_KEY=phx_test")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if _, failed := errors.AsType[*exec.ExitError](err); failed {
		err = nil
	}
	return Result{Stdout: out.String(), Stderr: errs.String(), Exit: cmd.ProcessState.ExitCode()}, err
}
