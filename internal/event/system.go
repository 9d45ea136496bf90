package event

import "runtime"

// System returns the properties that describe where the program runs: $os,
// $os_version and $os_distro where they are known, and $go_version. On Linux
// it reads /etc/os-release.
func System() map[string]any {
	name, version, distro := operatingSystem()
	m := map[string]any{"$os": name, "$go_version": runtime.Version()}
	if version != "" {
		m["$os_version"] = version
	}
	if distro != "" {
		m["$os_distro"] = distro
	}
	return m
}
