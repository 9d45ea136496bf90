package monitor_test

import (
	"testing"
	"testing/fstest"

	"github.com/hedgerow/posthog/internal/crash/monitor"
)

const events = "low 0\nhigh 0\nmax 812\noom 3\noom_kill 2\noom_group_kill 0\n"

func TestKills(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		want  uint64
		known bool
	}{
		"a service of systemd": {map[string]string{
			"proc/self/cgroup": "0::/system.slice/shop.service\n", "sys/fs/cgroup/system.slice/shop.service/memory.events": events,
		}, 2, true},
		"a container that sees itself alone": {map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.events": events}, 2, true},
		"a container that is named by its host": {map[string]string{
			"proc/self/cgroup": "0::/kubepods/pod1/c2\n", "sys/fs/cgroup/memory.events": "oom_kill 7",
		}, 7, true},
		"a group outside of the container": {map[string]string{"proc/self/cgroup": "0::/../shop\n", "sys/fs/cgroup/memory.events": events}, 2, true},
		"both versions": {map[string]string{
			"proc/self/cgroup": "5:memory:/old\n0::/new\n", "sys/fs/cgroup/new/memory.events": events,
		}, 2, true},
		"version 1 alone":               {map[string]string{"proc/self/cgroup": "5:memory:/old\n", "sys/fs/cgroup/old/memory.events": events}, 0, false},
		"the root, which has none":      {map[string]string{"proc/self/cgroup": "0::/\n"}, 0, false},
		"no control groups":             {map[string]string{}, 0, false},
		"a kernel that does not count":  {map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.events": "low 0\noom 3\n"}, 0, false},
		"a count that is no number":     {map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.events": "oom_kill many\n"}, 0, false},
		"a name that is no name at all": {map[string]string{"proc/self/cgroup": "0::/\x00\n\n0::", "sys/fs/cgroup/memory.events": events}, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			system := fstest.MapFS{}
			for path, text := range c.files {
				system[path] = &fstest.MapFile{Data: []byte(text)}
			}
			if n, known := monitor.Kills(system); n != c.want || known != c.known {
				t.Errorf("got %d, %t; want %d, %t", n, known, c.want, c.known)
			}
		})
	}
}
