package dashboard

import (
	"sync"

	"workbench/experiments"
)

// mostFlat is how many flat configurations are remembered: those of a large listing, some 10 KB each.
const mostFlat = 12_000

// flatConfigs remembers the flat configurations of runs by their identity, which is that of the configuration. They are
// read only.
type flatConfigs struct {
	mu sync.Mutex
	of map[string]map[string]any
}

func (f *flatConfigs) config(r experiments.RunInfo) (map[string]any, error) {
	f.mu.Lock()
	flat, known := f.of[r.ID]
	f.mu.Unlock()
	if known {
		return flat, nil
	}
	flat, err := flatten(r.Config)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.of) >= mostFlat || f.of == nil {
		f.of = map[string]map[string]any{}
	}
	f.of[r.ID] = flat
	return flat, nil
}
