package image_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/hedgerow/posthog/internal/stack/image"
)

func TestAnImageIsRecalledFromItsJSON(t *testing.T) {
	t.Parallel()
	m := &image.Image{
		Type: "elf", DebugID: "D", CodeID: "c", Arch: "x86_64", CodeFile: "/app/shop",
		ImageAddr: "0x400000", ImageVmaddr: "0x400000", ImageSize: 0x1000, Start: 0x400000, End: 0x401000,
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := image.Recall(text); err != nil || !reflect.DeepEqual(got, m) {
		t.Errorf("Recall(%s): got %+v, %v, want %+v", text, got, err, m)
	}
}

// One malformed image loses the whole event.
func TestImagesThatPostHogCannotReadAreNotRecalled(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":                    ``,
		"null":                       `null`,
		"no JSON":                    `{`,
		"a member of another type":   `{"debug_id":1,"image_addr":"0x1"}`,
		"a size below zero":          `{"debug_id":"D","image_addr":"0x1","image_size":-1}`,
		"no id":                      `{"image_addr":"0x1","image_size":1}`,
		"an id of nothing":           `{"debug_id":" ","image_addr":"0x1","image_size":1}`,
		"no address":                 `{"debug_id":"D","image_size":1}`,
		"an address in decimal":      `{"debug_id":"D","image_addr":"4096","image_size":1}`,
		"an address in two parts":    `{"debug_id":"D","image_addr":"0x1_000","image_size":1}`,
		"an address that is none":    `{"debug_id":"D","image_addr":"0xg","image_size":1}`,
		"an end beyond the memory":   `{"debug_id":"D","image_addr":"0xffffffffffffffff","image_size":2}`,
		"a size that nothing can be": `{"debug_id":"D","image_addr":"0x1","image_size":9223372036854775808}`,
	} {
		if m, err := image.Recall([]byte(text)); m != nil || !errors.Is(err, image.ErrFormat) {
			t.Errorf("%s: Recall(%s): got %+v, %v, want %v", name, text, m, err, image.ErrFormat)
		}
	}
	m, err := image.Recall([]byte(`{"debug_id":"D","image_addr":"0x1000","image_vmaddr":"4096","image_size":16}`))
	if err != nil || m.ImageVmaddr != "" || m.Start != 0x1000 || m.End != 0x1010 {
		t.Errorf("got %+v, %v, want it without an address that is none", m, err)
	}
}
