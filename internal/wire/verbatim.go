package wire

// Verbatim is the value of a property, or of a member of a map or a list, that the library has encoded already: JSON
// without a flaw, which is copied as it is. It must never hold what came from a caller of the library;
// [encoding/json.RawMessage] is for that, and is checked. Nil is null, and no text at all is a flaw.
//
// Like any other value, it is refused where the property gets larger than 16 MiB.
type Verbatim []byte

func (e *Encoder) appendVerbatim(dst []byte, v Verbatim) ([]byte, bool) {
	if v == nil {
		return append(dst, "null"...), true
	}
	if e.nesting.full(len(dst) + len(v)) {
		return e.refuse(dst, reasonSize)
	}
	return append(dst, v...), true
}
