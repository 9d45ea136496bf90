package main

// stackDepth is how many calls the stack of a reported error has.
const stackDepth = 32

// atDepth calls f on a goroutine of its own, so far down that a function which f calls is the last of stackDepth calls. Each
// of these is at another place in the program, as those of a real stack are.
func atDepth(f func() error) error {
	var next []func() error
	next = []func() error{
		func() error { return next[1]() }, func() error { return next[2]() }, func() error { return next[3]() },
		func() error { return next[4]() }, func() error { return next[5]() }, func() error { return next[6]() },
		func() error { return next[7]() }, func() error { return next[8]() }, func() error { return next[9]() },
		func() error { return next[10]() }, func() error { return next[11]() }, func() error { return next[12]() },
		func() error { return next[13]() }, func() error { return next[14]() }, func() error { return next[15]() },
		func() error { return next[16]() }, func() error { return next[17]() }, func() error { return next[18]() },
		func() error { return next[19]() }, func() error { return next[20]() }, func() error { return next[21]() },
		func() error { return next[22]() }, func() error { return next[23]() }, func() error { return next[24]() },
		func() error { return next[25]() }, func() error { return next[26]() }, func() error { return next[27]() },
		func() error { return next[28]() }, func() error { return next[29]() },
		f,
	}
	failed := make(chan error, 1) // sent once by the goroutine
	go func() { failed <- next[0]() }()
	return <-failed
}
