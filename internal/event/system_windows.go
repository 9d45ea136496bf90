package event

import (
	"syscall"
	"unicode/utf16"
)

// operatingSystem reads the build number from the registry, because the
// version call of the system answers what a program's manifest asks for.
func operatingSystem() (name, version, distro string) {
	return "Windows", "10.0." + currentBuild(), ""
}

func currentBuild() string {
	const unknown = "0"
	path, err := syscall.UTF16PtrFromString(`SOFTWARE\Microsoft\Windows NT\CurrentVersion`)
	if err != nil {
		return unknown
	}
	var key syscall.Handle
	if err := syscall.RegOpenKeyEx(syscall.HKEY_LOCAL_MACHINE, path, 0, syscall.KEY_READ, &key); err != nil {
		return unknown
	}
	defer syscall.RegCloseKey(key)
	value, err := syscall.UTF16PtrFromString("CurrentBuildNumber")
	if err != nil {
		return unknown
	}
	var kind uint32
	buffer := make([]byte, 64)
	size := uint32(len(buffer))
	if err := syscall.RegQueryValueEx(key, value, nil, &kind, &buffer[0], &size); err != nil || kind != syscall.REG_SZ {
		return unknown
	}
	var units []uint16
	for i := 0; i+1 < int(size); i += 2 {
		if unit := uint16(buffer[i]) | uint16(buffer[i+1])<<8; unit != 0 {
			units = append(units, unit)
		}
	}
	return string(utf16.Decode(units))
}
