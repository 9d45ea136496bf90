package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/zstd"
)

// A tally is what a sink saw.
type tally struct {
	Events      int   // events received, duplicates included
	Distinct    int   // different event ids among them
	Requests    int   // requests that carried events
	Connections int   // connections accepted
	PeakOpen    int   // most connections open at one time
	WireBytes   int64 // bytes received, headers included
	Unreadable  int   // bodies whose compression was broken
}

// sink is an HTTP server that throws events away and counts them. To leave the processor to the client it does little
// while requests arrive: it picks the ids out of plain bodies, and keeps compressed ones for later. It is safe for
// concurrent use.
type sink struct {
	hang        string // never answer below this path; "" answers everywhere
	buffers     sync.Pool
	connections atomic.Int64
	open        atomic.Int64
	peak        atomic.Int64
	wire        atomic.Int64

	mu         sync.Mutex // guards the fields below
	requests   int
	ids        [][16]byte
	compressed [][]byte
	unreadable int
	sample     []byte // the first plain body since samplePath was asked
}

// serveSink is the body of the sink's process. It writes its URL to out, serves until in ends, and returns the exit status.
func serveSink(hang string, in io.Reader, out, errs io.Writer) int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(errs, "sink:", err)
		return 1
	}
	s := &sink{hang: hang}
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute, ConnState: s.connection}
	go server.Serve(countingListener{listener, &s.wire}) //nolint:errcheck // it ends with the process
	fmt.Fprintf(out, "http://%s\n", listener.Addr())
	io.Copy(io.Discard, in) //nolint:errcheck // the parent has gone, whatever the reason
	server.Close()          //nolint:errcheck // the process ends
	return 0
}

// connection counts connections as they come and go.
func (s *sink) connection(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.connections.Add(1)
		for now := s.open.Add(1); ; {
			peak := s.peak.Load()
			if now <= peak || s.peak.CompareAndSwap(peak, now) {
				return
			}
		}
	case http.StateClosed, http.StateHijacked:
		s.open.Add(-1)
	case http.StateActive, http.StateIdle:
	}
}

// ServeHTTP takes events at every path but /tally and /sample, where it reports.
func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == tallyPath {
		json.NewEncoder(w).Encode(s.tally()) //nolint:errcheck // the asker sees a broken answer
		return
	}
	if r.URL.Path == samplePath {
		w.Write(s.takeSample()) //nolint:errcheck // the asker sees a broken answer
		return
	}
	if s.hang != "" && strings.HasPrefix(r.URL.Path, s.hang) {
		io.Copy(io.Discard, r.Body) //nolint:errcheck // nothing is done with it
		<-r.Context().Done()
		return
	}
	buffer, _ := s.buffers.Get().(*bytes.Buffer)
	if buffer == nil {
		buffer = new(bytes.Buffer)
	}
	buffer.Reset()
	if _, err := buffer.ReadFrom(r.Body); err != nil {
		return
	}
	if r.URL.Path == analyticsPath {
		s.answerEach(w, r.Header.Get("Content-Encoding"), buffer.Bytes())
		s.buffers.Put(buffer)
		return
	}
	s.take(buffer.Bytes())
	s.buffers.Put(buffer)
	io.WriteString(w, `{"status":"Ok"}`) //nolint:errcheck // the client sees a broken answer
}

// take notes one body.
func (s *sink) take(body []byte) {
	if bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		kept := bytes.Clone(body)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.requests++
		s.compressed = append(s.compressed, kept)
		return
	}
	var room [256][16]byte
	found := appendIDs(room[:0], body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	s.ids = append(s.ids, found...)
	if s.sample == nil && len(found) > 0 {
		s.sample = bytes.Clone(body)
	}
}

// takeSample returns the first plain body with events since it was called before, or null.
func (s *sink) takeSample() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	sample := s.sample
	if s.sample = nil; sample == nil {
		return []byte("null")
	}
	return sample
}

// The paths that are more than a place to leave events at.
const (
	analyticsPath = "/i/v1/analytics/events"
	aiPath        = "/i/v0/ai/batch/"
)

// answerEach notes one body, and answers "ok" for each of its events.
func (s *sink) answerEach(w io.Writer, encoding string, body []byte) {
	plain, err := undo(encoding, body)
	var room [256][16]byte
	found := appendIDs(room[:0], plain)
	s.mu.Lock()
	s.requests++
	s.ids = append(s.ids, found...)
	if err != nil {
		s.unreadable++
	}
	s.mu.Unlock()
	answer := []byte(`{"results":{`)
	for i, id := range found {
		if i > 0 {
			answer = append(answer, ',')
		}
		answer = fmt.Appendf(answer, `"%x-%x-%x-%x-%x":{"result":"ok"}`, id[0:4], id[4:6], id[6:8], id[8:10], id[10:16])
	}
	w.Write(append(answer, "}}"...)) //nolint:errcheck // the client sees a broken answer
}

// undo decompresses a body.
func undo(encoding string, body []byte) ([]byte, error) {
	switch encoding {
	case "gzip":
		return inflate(body)
	case "zstd":
		r, err := zstd.NewReader(bytes.NewReader(body), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		defer r.Close()
		return io.ReadAll(r)
	}
	return body, nil
}

// tally counts what has arrived so far. It does the work that take put off.
func (s *sink) tally() tally {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := tally{
		Requests:    s.requests,
		Connections: int(s.connections.Load()) - 1, // without the one that asks
		PeakOpen:    int(s.peak.Load()),
		WireBytes:   s.wire.Load(),
	}
	for _, body := range s.compressed {
		plain, err := inflate(body)
		if err != nil {
			s.unreadable++
		}
		s.ids = appendIDs(s.ids, plain)
	}
	s.compressed = nil
	t.Unreadable = s.unreadable
	t.Events = len(s.ids)
	distinct := make(map[[16]byte]struct{}, len(s.ids))
	for _, id := range s.ids {
		distinct[id] = struct{}{}
	}
	t.Distinct = len(distinct)
	return t
}

// inflate decompresses a gzip body.
func inflate(body []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
