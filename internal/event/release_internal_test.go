//go:build linux

package event

import "testing"

func TestParseRelease(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ text, version, distro string }{
		"an empty file":         {"", "", ""},
		"quoted values":         {"NAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\n", "24.04", "Ubuntu"},
		"plain values":          {"NAME=Fedora\nVERSION_ID=41", "41", "Fedora"},
		"single quotes":         {"NAME='Alpine Linux'\nVERSION_ID=3.20", "3.20", "Alpine Linux"},
		"other keys around":     {"PRETTY_NAME=\"Debian 13\"\nNAME=Debian\nVERSION=13\nVERSION_ID=13\nID=debian\n", "13", "Debian"},
		"no version":            {"NAME=\"Arch Linux\"\nBUILD_ID=rolling\n", "", "Arch Linux"},
		"comments and nonsense": {"# NAME=x\n\nNAME\n=\nVERSION_ID=1=2\n", "1=2", ""},
		"lines of Windows":      {"NAME=x\r\nVERSION_ID=1\r\n", "1", "x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if version, distro := parseRelease(tc.text); version != tc.version || distro != tc.distro {
				t.Errorf("parseRelease(%q): got %q, %q, want %q, %q", tc.text, version, distro, tc.version, tc.distro)
			}
		})
	}
}

func FuzzParseRelease(f *testing.F) {
	f.Add("NAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\n")
	f.Add("NAME='")
	f.Fuzz(func(t *testing.T, text string) {
		version, distro := parseRelease(text)
		if len(version)+len(distro) > len(text) {
			t.Errorf("parseRelease(%q): got %q and %q, want parts of it", text, version, distro)
		}
	})
}
