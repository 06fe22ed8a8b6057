package experiments

// RecordedPaths are the options that configurations held when identities were first pinned.
func RecordedPaths() []string {
	var paths []string
	for section, keys := range recorded {
		for _, k := range keys {
			paths = append(paths, section+"."+k.name)
		}
	}
	return paths
}
