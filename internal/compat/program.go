package compat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// ImportPath is what the programs import.
const ImportPath = "github.com/posthog/posthog-go"

// Program is one program and what is wanted of it.
type Program struct {
	// Name is the folder it is in.
	Name string
	// Source is its text.
	Source []byte
	// Want is its behaviour.
	Want Want
}

// Programs returns the programs below a folder, by name. Each is a main.go beside a want.json.
func Programs(folder string) ([]Program, error) {
	sources, err := filepath.Glob(filepath.Join(folder, "*", "main.go"))
	if err != nil {
		return nil, err
	}
	programs := make([]Program, 0, len(sources))
	for _, path := range sources {
		p := Program{Name: filepath.Base(filepath.Dir(path))}
		if p.Source, err = os.ReadFile(path); err != nil {
			return nil, err
		}
		text, err := os.ReadFile(filepath.Join(filepath.Dir(path), "want.json"))
		if err != nil {
			return nil, err
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		decoder.UseNumber()
		if err := decoder.Decode(&p.Want); err != nil {
			return nil, fmt.Errorf("read want.json of %s: %w", p.Name, err)
		}
		programs = append(programs, p)
	}
	if len(programs) == 0 {
		return nil, errors.New("no programs in " + folder)
	}
	return programs, nil
}

var (
	packageClause = regexp.MustCompile(`(?m)^package main$`)
	mainFunction  = regexp.MustCompile(`(?m)^func main\(\)`)
)

// library is the program as a package that imports from path, with main as its function Main.
func (p *Program) library(path string) ([]byte, error) {
	quoted := []byte(`"` + ImportPath + `"`)
	if bytes.Count(p.Source, quoted) != 1 || len(packageClause.FindAll(p.Source, -1)) != 1 || len(mainFunction.FindAll(p.Source, -1)) != 1 {
		return nil, fmt.Errorf("%s is not a program of one file that imports %s", p.Name, ImportPath)
	}
	source := bytes.Replace(p.Source, quoted, []byte(`"`+path+`"`), 1)
	source = packageClause.ReplaceAll(source, []byte("package "+p.Name))
	return mainFunction.ReplaceAll(source, []byte("func Main()")), nil
}
