// Command doccheck prints every exported name of a module that has no comment, and fails if there is one.
//
//	doccheck [folder]
//
// It reads the Go files below the folder (default "."), leaving out tests, testdata, hidden folders and nested
// modules. Packages need a package comment. Exported functions, methods, types, constants and variables need a comment
// of their own or on the group that declares them. In packages that others can import, so do the fields of exported
// structs and the methods of exported interfaces. It runs on one goroutine and changes nothing.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	os.Exit(run(root, os.Stdout, os.Stderr))
}

// run checks the module at root, prints the findings to out, and returns the exit status.
func run(root string, out, errs io.Writer) int {
	findings, err := Check(root)
	if err != nil {
		fmt.Fprintln(errs, "doccheck:", err)
		return 2
	}
	for _, f := range findings {
		fmt.Fprintln(out, f)
	}
	if len(findings) > 0 {
		return 1
	}
	return 0
}
