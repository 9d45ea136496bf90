package file

// Die does to the file what the death of the process does.
func (f *File) Die() {
	f.keepSteps()
	f.abandon()
}

// ParseLeft reads what is in a file.
func ParseLeft(whole []byte) (*Left, error) {
	l := &Left{}
	err := l.parse(whole)
	return l, err
}
