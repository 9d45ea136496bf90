//go:build !linux && !darwin && !windows

package event

import "runtime"

func operatingSystem() (name, version, distro string) {
	switch runtime.GOOS {
	case "freebsd":
		return "FreeBSD", "", ""
	default:
		return runtime.GOOS, "", ""
	}
}
