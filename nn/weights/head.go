package weights

import (
	"slices"
	"strings"

	"workbench/nn"
)

// headNames are what libraries call a network's last layer.
var headNames = []string{"fc", "classifier", "head", "linear", "last_linear", "output", "logits", "cls"}

// isHead tells whether a module's path is one that libraries give a last layer: "head.fc", "classifier.1".
func isHead(path string) bool {
	parts := strings.Split(path, ".")
	last := len(parts) - 1
	if last > 0 && strings.Trim(parts[last], "0123456789") == "" {
		last--
	}
	return slices.Contains(headNames, parts[last])
}

// renameHead gives the last layer the network's name for it, if the file has one layer that is called like a last
// layer, takes as many features as the network's, and is nothing else of the network's. It returns the tensors that
// got a name.
func (f *File) renameHead(n *Network) map[*nn.Param]Entry {
	head, width, own := n.head(), 0, map[string]*nn.Param{}
	for _, p := range n.all() {
		own[p.Path] = p
		if p.Path == head+"weight" && len(p.Shape) > 1 {
			width = p.Shape[1]
		}
	}
	found := ""
	for _, e := range f.Entries {
		module, is := strings.CutSuffix(e.Name, ".weight")
		switch {
		case e.Name == head+"weight" || e.Name == head+"bias":
			return nil
		case is && own[e.Name] == nil && isHead(module) && len(e.Shape) > 1 && e.Shape[1:].Size() == width:
			if found != "" {
				return nil
			}
			found = module + "."
		}
	}
	if found == "" {
		return nil
	}
	renamed := map[*nn.Param]Entry{}
	for i := range f.Entries {
		e := &f.Entries[i]
		name, of := strings.CutPrefix(e.Name, found)
		if p := own[head+name]; of && p != nil {
			e.head = e.Name
			e.rename(p.Path)
			renamed[p] = *e
		}
	}
	return renamed
}

// ofHead tells whether what the file has beside the network's parameters belongs to another last layer.
func (n *Network) ofHead(name string) bool {
	return strings.HasPrefix(name, n.head()) || isHead(strings.TrimSuffix(strings.TrimSuffix(name, ".weight"), ".bias"))
}

// isOfHead tells whether a parameter is one of the last layer.
func (n *Network) isOfHead(p *nn.Param) bool { return strings.HasPrefix(p.Path, n.head()) }

// classes is how many the file's last layer tells apart, if it has the network's name for it and takes as many
// features.
func (f *File) classes(n *Network) int {
	for _, p := range n.Params {
		if p.Path != n.head()+"weight" {
			continue
		}
		for _, e := range f.Entries {
			if e.Name == p.Path && len(e.Shape) > 1 && e.Shape[1:].Size() == p.Shape[1:].Size() {
				return e.Shape[0]
			}
		}
	}
	return 0
}
