package experiments

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"workbench/nn/option"
)

// identityVersion grows whenever a run with an unchanged configuration would compute something else than before, so
// that old results are not taken for new ones. Reasons are a new key, another meaning of an option and another order of
// arithmetic. A new switch of a network needs no new version if it changes nothing at its default and says so (see
// option.Option.Later).
const identityVersion = 1

// frozenVersion is that of configurations with frozen parameter groups. Before it, a frozen batch norm normalised with
// the statistics of the batch, and its running statistics moved.
const frozenVersion = 2

// version returns the identity's version of a configuration.
func (c Config) version() int {
	if _, some := c.Frozen(); some {
		return frozenVersion
	}
	return identityVersion
}

// Runs returns every cell with every seed, cell by cell, and what several of them begin with (see share). The function
// digest returns the SHA-256 of a data set as a run sees it; it is called once for each data set with its settings. The
// configurations of the runs have every option filled in, so they say what was computed even after a default has
// changed.
func (s Study) Runs(digest func(Choice) (string, error)) ([]Run, error) {
	cells, err := s.Cells()
	if err != nil {
		return nil, err
	}
	digests := map[string]string{}
	taken := map[string]string{} // id → cell
	var runs []Run
	for _, cell := range cells {
		config, err := cell.Config.Resolved()
		if err != nil {
			return nil, fmt.Errorf("cell %s: %w", cell.Key, err)
		}
		sum, err := once(digests, config.Dataset, digest)
		if err != nil {
			return nil, err
		}
		for _, seed := range s.Seeds {
			r := Run{Study: s.Name, Cell: cell.Key, Levels: cell.Levels, Seed: seed, Config: config, DataDigest: sum}
			if r.ID, err = r.identity(); err != nil {
				return nil, fmt.Errorf("cell %s: %w", cell.Key, err)
			}
			if other, twice := taken[r.ID]; twice {
				return nil, fmt.Errorf("cells %s and %s are the same run with seed %d", other, cell.Key, seed)
			}
			taken[r.ID] = cell.Key
			runs = append(runs, r)
		}
	}
	return share(runs)
}

// once returns the known value of the key, or else asks for it and remembers it. Keys that are the same as JSON count
// as equal.
func once[K, V any](known map[string]V, key K, ask func(K) (V, error)) (V, error) {
	name, err := json.Marshal(key)
	if err != nil {
		var none V
		return none, fmt.Errorf("%v: %w", key, err)
	}
	if v, ok := known[string(name)]; ok {
		return v, nil
	}
	v, err := ask(key)
	if err == nil {
		known[string(name)] = v
	}
	return v, err
}

// Deciding is what of a configuration decides a run's records: every option has its value, but for later options at
// their defaults, and what shows in no result is empty.
//
// The evaluation interval belongs to it although it leaves the weights alone: it decides which points a run has, and
// with that its best evaluation. The checkpoint interval does not: a run that was interrupted continues bit for bit,
// so where it was saved cannot show in a result. Nor does the recomputation of activations, which changes no bit of
// any result.
func (c Config) Deciding() (Config, error) {
	c, err := c.Resolved()
	if err != nil {
		return c, err
	}
	c.Checkpoint, c.Recompute = CheckpointConfig{}, ""
	for i := range sections {
		name, options := sections[i].of(&c)
		declared, err := sections[i].options(*name)
		if err != nil {
			return c, err
		}
		*options = option.Identifying(declared, *options)
		if sections[i].lessening != nil {
			sections[i].lessening(*options)
		}
	}
	return c, nil
}

// identity is the first 16 hex digits of the SHA-256 of what decides the run's records: configuration, data and seed,
// as canonical JSON: keys are sorted, and whole numbers have no point.
func (r Run) identity() (string, error) {
	config, err := r.Config.Deciding()
	if err != nil {
		return "", err
	}
	text, err := Canonical(map[string]any{"version": config.version(), "data": r.DataDigest, "seed": r.Seed, "config": config})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])[:16], nil
}

// CheckID tells whether a run that comes from elsewhere is what its id says: an error names what it is by its
// configuration, data and seed. Of a configuration with options that this program does not have nothing can be said.
func (r Run) CheckID() error {
	if r.Seed > MaxSeed {
		return fmt.Errorf("run %s has the seed %d, want from 0 to %d", r.ID, r.Seed, uint64(MaxSeed))
	}
	if id, err := r.identity(); err == nil && id != r.ID {
		return fmt.Errorf("run %s is %s by its configuration, data and seed: one of them was changed", r.ID, id)
	}
	return nil
}

// Canonical writes v as JSON. It sorts the keys of structs like those of maps, so moving a field changes no identity.
func Canonical(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	return json.Marshal(tree)
}

// TrainsDigits are enough of Study.Trains to tell studies apart.
const TrainsDigits = 16

// Trains is the SHA-256 of what a study asks to be computed: its cells by name, each with what of its configuration
// decides a result. Two definitions with the same one are one version of a study; seeds, metric, report, baseline and
// texts may differ, since they change no run.
func (s Study) Trains() (string, error) {
	cells, err := s.Cells()
	if err != nil {
		return "", fmt.Errorf("study %s: %w", s.Name, err)
	}
	computed := map[string]Config{}
	for _, cell := range cells {
		if computed[cell.Key], err = cell.Config.Deciding(); err != nil {
			return "", fmt.Errorf("study %s, cell %s: %w", s.Name, cell.Key, err)
		}
	}
	text, err := Canonical(computed)
	if err != nil {
		return "", fmt.Errorf("study %s: %w", s.Name, err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
