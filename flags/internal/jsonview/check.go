package jsonview

import "fmt"

// SyntaxError is the first place where a text is not JSON.
type SyntaxError struct {
	// Offset counts the bytes before the place.
	Offset int
	// Message says what is there and what is wanted.
	Message string
}

// Error returns the message and the offset.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%s at byte %d", e.Message, e.Offset) }

// Check reports the first place where text is not one JSON value, as a [*SyntaxError], and nil if it is. It accepts
// what [encoding/json] accepts, invalid UTF-8 in strings included, and texts of any depth beside.
func Check(text []byte) error {
	c := checker{text: text}
	if err := c.check(); err != nil {
		return err
	}
	return nil
}

// checker walks a text once. Instead of calling itself it keeps the containers that are open.
type checker struct {
	text []byte
	at   int
	open stack
}

func (c *checker) check() *SyntaxError {
	for {
		opened, err := c.begin()
		if err != nil {
			return err
		}
		if opened {
			continue
		}
		if done, err := c.end(); done || err != nil {
			return err
		}
	}
}

// begin reads a value, or the beginning of one that has members or elements: then the next value is the first of
// them.
func (c *checker) begin() (opened bool, err *SyntaxError) {
	switch next := c.next(); {
	case next == '{':
		c.at++
		if c.next() == '}' {
			c.at++
			return false, nil
		}
		c.open.push(true)
		return true, c.name()
	case next == '[':
		c.at++
		if c.next() == ']' {
			c.at++
			return false, nil
		}
		c.open.push(false)
		return true, nil
	case next == '"':
		return false, c.string()
	case next == '-' || isDigit(next):
		return false, c.number()
	case next == 't':
		return false, c.literal("true")
	case next == 'f':
		return false, c.literal("false")
	case next == 'n':
		return false, c.literal("null")
	default:
		return false, c.unexpected("a value")
	}
}

// end reads what may follow a value: the ends of the containers that it is the last of, and either a comma or the
// end of the text, which makes the text done.
func (c *checker) end() (done bool, err *SyntaxError) {
	for {
		next := c.next()
		switch {
		case c.open.depth == 0:
			if c.at < len(c.text) {
				return false, c.unexpected("the end")
			}
			return true, nil
		case next == ',' && c.open.object():
			c.at++
			return false, c.name()
		case next == ',':
			c.at++
			return false, nil
		case next == '}' && c.open.object(), next == ']' && !c.open.object():
			c.at++
			c.open.pop()
		case c.open.object():
			return false, c.unexpected(`"," or "}"`)
		default:
			return false, c.unexpected(`"," or "]"`)
		}
	}
}

// name reads the name of a member and the colon.
func (c *checker) name() *SyntaxError {
	if c.next() != '"' {
		return c.unexpected("the name of a member")
	}
	if err := c.string(); err != nil {
		return err
	}
	if c.next() != ':' {
		return c.unexpected(`":"`)
	}
	c.at++
	return nil
}

// string reads a string, whose opening quote is next.
func (c *checker) string() *SyntaxError {
	for c.at++; c.at < len(c.text); c.at++ {
		switch next := c.text[c.at]; {
		case next == '"':
			c.at++
			return nil
		case next == '\\':
			c.at++
			if err := c.escape(); err != nil {
				return err
			}
		case next < ' ':
			return c.unexpected("an escaped character")
		}
	}
	return c.unexpected("the end of a string")
}

// escape reads what follows a backslash, up to its last character.
func (c *checker) escape() *SyntaxError {
	switch c.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return nil
	case 'u':
		for range 4 {
			c.at++
			if !isHex(c.peek()) {
				return c.unexpected("a hexadecimal digit")
			}
		}
		return nil
	default:
		return c.unexpected("an escape sequence")
	}
}

// number reads a number, whose first character is next.
func (c *checker) number() *SyntaxError {
	if c.peek() == '-' {
		c.at++
	}
	if c.peek() == '0' {
		c.at++
	} else if err := c.digits(); err != nil {
		return err
	}
	if c.peek() == '.' {
		c.at++
		if err := c.digits(); err != nil {
			return err
		}
	}
	if next := c.peek(); next == 'e' || next == 'E' {
		c.at++
		if next = c.peek(); next == '+' || next == '-' {
			c.at++
		}
		return c.digits()
	}
	return nil
}

// digits reads one digit or more.
func (c *checker) digits() *SyntaxError {
	if !isDigit(c.peek()) {
		return c.unexpected("a digit")
	}
	for isDigit(c.peek()) {
		c.at++
	}
	return nil
}

// literal reads the rest of a word, whose first character is next.
func (c *checker) literal(word string) *SyntaxError {
	for i := range len(word) {
		if c.peek() != word[i] {
			return c.unexpected(word)
		}
		c.at++
	}
	return nil
}

// next skips white space and returns the character after it, 0 at the end.
func (c *checker) next() byte {
	c.at = space(c.text, c.at)
	return c.peek()
}

// peek returns the character at hand, 0 at the end. A zero in the text is welcome nowhere either.
func (c *checker) peek() byte {
	if c.at < len(c.text) {
		return c.text[c.at]
	}
	return 0
}

func (c *checker) unexpected(want string) *SyntaxError {
	if c.at >= len(c.text) {
		return &SyntaxError{Offset: len(c.text), Message: "it ends where it needs " + want}
	}
	return &SyntaxError{Offset: c.at, Message: fmt.Sprintf("it has %q where it needs %s", c.text[c.at], want)}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// space returns the position of the first character from at on that is not white space.
func space(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r') {
		at++
	}
	return at
}
