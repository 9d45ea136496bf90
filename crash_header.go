package posthog

import (
	"cmp"
	"encoding/json"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/stack/image"
	"github.com/hedgerow/posthog/internal/wire"
)

// crashHeader says who is about to write a crash file.
func (c *ServerClient) crashHeader(now time.Time) file.Header {
	h := file.Header{
		UUID:       c.ids.New(now).String(),
		PID:        os.Getpid(),
		Start:      now.UTC().Format(time.RFC3339Nano),
		Go:         runtime.Version(),
		ReleaseID:  c.config.ErrorTracking.ReleaseID,
		DistinctID: c.config.Crash.DistinctId,
	}
	if info := buildInfo(); info != nil {
		h.Main = info.Main.Path
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				h.VCS = setting.Value
			}
		}
	}
	h.Host, _ = os.Hostname()          // it is left out
	h.Exe, _ = os.Executable()         // the same
	h.BuildID, h.Slide = whereabouts() // the same
	if m := c.tracking().image; m != nil {
		h.Image, _ = json.Marshal(m) // it is left out
	}
	var e wire.Encoder
	props := append(e.AppendProperties([]byte("{"), c.everyProperty()), '}')
	if json.Valid(props) {
		h.Props = props
	}
	return h
}

// whereabouts returns the build id of the running binary, and how far from where it was
// linked for it is loaded, in hexadecimal. What is not known is empty.
func whereabouts() (buildID, slide string) {
	binary, end := openBinary("")
	if binary == nil {
		return "", ""
	}
	defer end()
	if _, start, err := image.Place(); err == nil {
		slide = "0x" + strconv.FormatUint(start-binary.Addr, 16)
	}
	return identity(binary), slide
}

// identity tells builds from one another, if it is not empty.
func identity(b *image.Binary) string { return cmp.Or(b.GoID, b.DebugID) }

// openBinary opens the binary with that path, or the running one, to be ended
// by end. It returns nil if there is none that can be read.
func openBinary(path string) (binary *image.Binary, end func()) {
	if path == "" {
		path = "/proc/self/exe" // stays the running binary, even if another one took its place
		if _, err := os.Stat(path); err != nil {
			path, _ = os.Executable()
		}
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() { // to open a pipe is to wait for its writer
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil
	}
	if binary, err = image.Read(f); err != nil {
		_ = f.Close() // it was only read
		return nil, nil
	}
	return binary, func() { _ = f.Close() }
}
