package flags

// ProblemsFound are the problems that Parse found, without those that Compile adds.
func ProblemsFound(d *Definitions) []Problem { return d.problems }

// Off reports whether a flag is false for everybody, whatever else is wrong with it.
func Off(f *Flag) bool { return f.off() }
