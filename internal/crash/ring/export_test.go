package ring

// CreateOn makes a ring on any system, with a salt that is known.
var CreateOn = create

// HeaderSize is where the area begins.
const HeaderSize = headerSize

// PutHeader writes the header of a file to the start of dst.
func PutHeader(dst []byte, salt uint32, area int) {
	clear(dst[:headerSize])
	header{salt: salt, area: area}.put(dst)
}
