package bench

import (
	"os"
	"strconv"
	"strings"
)

// peakMemory is the most memory that this process has had resident, in bytes; 0 if the kernel does not say. It is
// VmHWM. The number of getrusage would be wrong: a process inherits it from the process that started it.
func peakMemory() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			// The number is 0 if the text is none.
			kib, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kib << 10
		}
	}
	return 0
}
