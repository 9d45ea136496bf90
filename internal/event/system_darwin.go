package event

import "syscall"

func operatingSystem() (name, version, distro string) {
	version, _ = syscall.Sysctl("kern.osproductversion")
	return "Mac OS X", version, ""
}
