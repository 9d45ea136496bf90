//go:build linux

package posthog_test

import (
	"strings"
	"testing"
)

// withBuildID is testdata/crash with the id under which symbols are uploaded.
var withBuildID = crashBuild("identified", "-ldflags=-B=gobuildid", "-buildmode=pie")

// A crash has native frames, and the binary that they are in, as the process that
// died wanted them, wherever the runtime tells addresses: of fatal errors and
// signals. Of a panic it does not, unless it is asked to. Proves EXC-25.
func TestCrashesWithNativeFrames(t *testing.T) {
	t.Parallel()
	for end, native := range map[string]bool{"stack overflow": true, "SIGABRT": true, "panic": false} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			w := newCrashWorld(t, "plain")
			program, err := withBuildID()
			if err != nil {
				t.Fatal(err)
			}
			w.program = program
			w.run(func(o *crashOrders) { o.End, o.Native = end, true })
			w.program = ""
			w.restart() // without native frames, at another address
			w.wantNoFiles()
			e := w.one()
			if warnings := w.server.Warnings(); len(warnings) > 0 {
				t.Errorf("PostHog warns of %v", warnings)
			}
			found := 0
			for _, f := range e.Exceptions()[0].Frames {
				if f.Platform == "native" {
					found++
				}
			}
			images, _ := e.Properties["$debug_images"].([]any)
			if native != (found > 0) || native != (len(images) == 1) {
				t.Fatalf("got %d native frames and images %v, want some: %t\n%s", found, images, native, e.Raw)
			}
			if !native {
				return
			}
			image, _ := images[0].(map[string]any)
			at, _ := image["image_addr"].(string)
			if file, _ := image["code_file"].(string); file != program || strings.Count(string(e.Raw), `"image_addr":"`+at+`"`) != found+1 {
				t.Errorf("got %d frames and image %v, want all in %s", found, image, program)
			}
		})
	}
}
