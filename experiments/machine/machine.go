// Package machine describes the machine that computes, as far as a reader must know it to judge the times of a run.
package machine

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

// Facts returns what describes the machine of a run: what a reader needs to judge its times, and to know whether
// another machine can repeat it bit for bit.
func Facts() map[string]string {
	facts := map[string]string{"go": runtime.Version(), "os": runtime.GOOS + "/" + runtime.GOARCH}
	if name := Field("/proc/cpuinfo", "model name"); name != "" {
		facts["cpu"] = name
	}
	if host, err := os.Hostname(); err == nil {
		facts["host"] = host
	}
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, s := range build.Settings {
			switch {
			case s.Key == "vcs.revision":
				facts["revision"] = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				facts["revision"] += modified
			}
		}
	}
	return facts
}

// modified follows the revision of a program that was built from changed files; it comes after the revision.
const modified = " and changes"

// Field returns the value of the first line of a /proc file that begins with the key, or "" if there is none.
func Field(file, key string) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(content)) {
		name, value, ok := strings.Cut(line, ":")
		if ok && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// limit is where Linux says how many bytes the group of processes may use of which this one is (cgroup v2).
const limit = "/sys/fs/cgroup/memory.max"

// Memory is how many bytes of memory there are for this process; known is false where the machine does not say.
func Memory() (bytes int64, known bool) {
	kib, err := strconv.ParseInt(strings.TrimSuffix(Field("/proc/meminfo", "MemTotal"), " kB"), 10, 64)
	if err != nil {
		return 0, false
	}
	bytes = kib << 10
	if text, err := os.ReadFile(limit); err == nil {
		if most, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && most > 0 {
			bytes = min(bytes, most)
		}
	}
	return bytes, true
}
