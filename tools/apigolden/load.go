package main

import (
	"bytes"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// load compiles the package in folder and returns a line for each of its exported names, sorted.
func load(folder string) ([]string, error) {
	cmd := exec.Command("go", "list", "-export", "-deps", "-f", "{{if .Export}}{{.ImportPath}} {{.Export}}{{end}}", ".") //nolint:noctx // it ends by itself
	cmd.Dir = folder
	cmd.Env = append(cmd.Environ(), "GOWORK=off", "GOOS=linux", "GOARCH=amd64")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list in %s: %w\n%s", folder, err, errs.String())
	}
	compiled, last := map[string]string{}, ""
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		compiled[path], last = file, path // the package comes after what it imports
	}
	pkg, err := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(compiled[path])
	}).Import(last)
	if err != nil {
		return nil, fmt.Errorf("read the compiled package %s: %w", last, err)
	}
	return describe(pkg), nil
}

// describe returns a line for each exported name of a package, sorted.
func describe(pkg *types.Package) []string {
	p := printer{pkg}
	var lines []string
	for _, name := range pkg.Scope().Names() {
		if object := pkg.Scope().Lookup(name); object.Exported() {
			lines = append(lines, p.object(object)...)
		}
	}
	slices.Sort(lines)
	return lines
}

// printer writes the names of one package without its own name in front of them.
type printer struct{ pkg *types.Package }

func (p printer) qualify(other *types.Package) string {
	if other == p.pkg {
		return ""
	}
	return other.Name()
}

func (p printer) text(t types.Type) string { return types.TypeString(t, p.qualify) }

// signature is a function's type without the word func.
func (p printer) signature(f types.Object) string {
	return strings.TrimPrefix(p.text(f.Type()), "func")
}

func (p printer) object(object types.Object) []string {
	switch o := object.(type) {
	case *types.Const:
		return []string{fmt.Sprintf("const %s %s = %s", o.Name(), p.text(o.Type()), o.Val().ExactString())}
	case *types.Var:
		return []string{fmt.Sprintf("var %s %s", o.Name(), p.text(o.Type()))}
	case *types.Func:
		return []string{"func " + o.Name() + p.signature(o)}
	case *types.TypeName:
		return p.typeName(o)
	}
	return nil
}

func (p printer) typeName(o *types.TypeName) []string {
	if o.IsAlias() {
		target := types.Unalias(o.Type())
		return []string{fmt.Sprintf("type %s = %s", o.Name(), p.text(target))}
	}
	var lines []string
	switch t := o.Type().Underlying().(type) {
	case *types.Struct:
		lines = append(lines, "type "+p.text(o.Type())+" struct")
		for field := range t.Fields() {
			if field.Exported() {
				lines = append(lines, fmt.Sprintf("field %s.%s %s", o.Name(), field.Name(), p.text(field.Type())))
			}
		}
	case *types.Interface:
		lines = append(lines, "type "+p.text(o.Type())+" interface")
		for method := range t.Methods() {
			lines = append(lines, "method "+o.Name()+"."+method.Name()+p.signature(method))
		}
		return lines
	default:
		lines = append(lines, "type "+p.text(o.Type())+" "+p.text(t))
	}
	values := types.NewMethodSet(o.Type())
	for selection := range types.NewMethodSet(types.NewPointer(o.Type())).Methods() {
		method, receiver := selection.Obj(), o.Name()
		if values.Lookup(method.Pkg(), method.Name()) == nil {
			receiver = "(*" + receiver + ")"
		}
		if method.Exported() {
			lines = append(lines, "method "+receiver+"."+method.Name()+p.signature(method))
		}
	}
	return lines
}
