// Package compat builds and runs the programs below its testdata, which are written for posthog-go, with another import
// path in its place.
//
// It owns what a program is, how it is compiled, the PostHog that it talks to and how its behaviour is compared with what
// is wanted of it. Programs compile into one binary, because linking is what takes long:
// each becomes a package, main its exported function, and nothing else of it changes. It starts the go command and the
// binary, and no goroutine; it writes only into the folder it is given, and nothing of the library depends on it.
package compat
