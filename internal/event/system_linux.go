package event

import (
	"os"
	"strings"
)

func operatingSystem() (name, version, distro string) {
	release, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return "Linux", "", ""
	}
	version, distro = parseRelease(string(release))
	return "Linux", version, distro
}

// parseRelease finds VERSION_ID and NAME in the text of an os-release file.
func parseRelease(text string) (version, distro string) {
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		value = strings.Trim(value, `"'`)
		switch key {
		case "VERSION_ID":
			version = value
		case "NAME":
			distro = value
		}
	}
	return version, distro
}
