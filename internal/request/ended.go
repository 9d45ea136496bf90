package request

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
)

// errEnded is the error of whatever is done to an answer that has ended.
var errEnded = errors.New("the request has ended")

// ended is the writer of an answer that has ended. It can do all that writers
// can, and does none of it.
type ended struct{}

func (ended) Header() http.Header                          { return http.Header{} }
func (ended) WriteHeader(int)                              {}
func (ended) Write([]byte) (int, error)                    { return 0, errEnded }
func (ended) ReadFrom(io.Reader) (int64, error)            { return 0, errEnded }
func (ended) Flush()                                       {}
func (ended) Push(string, *http.PushOptions) error         { return errEnded }
func (ended) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, errEnded }
