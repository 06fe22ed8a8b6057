package zoo

import (
	"fmt"
	"regexp"
	"slices"

	"workbench/nn"
	"workbench/nn/option"
)

// contradiction returns an error if switches cannot be together in any family, else nil.
func (v Variant) contradiction(s Settings) error {
	is := func(name string, value any) bool { return s[name] == value }
	attends, position, drop := !is("attention", noAttention), s["se_position"], s["drop_path"]
	groups, grouping := s["cardinality"].(int)
	switch {
	case grouping && groups > 1 && is("convolution", separable):
		return fmt.Errorf("convolution=separable has a group for each channel, and cardinality=%d asks for %d groups; "+
			"want convolution=dense or cardinality=1", groups, groups)
	case groups == 1 && is("shuffle", true) && (v.grouped == nil || !v.grouped(s)):
		return fmt.Errorf("shuffle=true needs convolutions of groups, got cardinality=1: all channels meet already")
	case drop != nil && drop != 0.0 && is("shortcut", plain):
		return fmt.Errorf("drop_path=%v needs shortcuts, got shortcut=none: a dropped branch would leave nothing; "+
			"want drop_path=0 or another shortcut", drop)
	case position != nil && position != seStandard && !attends:
		return fmt.Errorf("se_position=%s needs attention=se, got attention=none", position)
	case is(squeezeOption.Name, squeezeMax) && !attends:
		return fmt.Errorf("se_squeeze=max needs attention=se, got attention=none")
	case !attends && v.changes(s, excitationName):
		return fmt.Errorf("se_excitation=%v needs attention=se, got attention=none", s[excitationName])
	case position == seIdentity && is("shortcut", plain):
		return fmt.Errorf("se_position=identity needs shortcuts, got shortcut=none")
	case position == sePost && is("shortcut", plain) && v.chained:
		return fmt.Errorf("se_position=post needs shortcuts, got shortcut=none: without an addition it is the standard position")
	}
	return nil
}

// changes tells whether an option that the network declares is not at its default.
func (v Variant) changes(s Settings, name string) bool {
	o, declared := option.Find(v.Options, name)
	return declared && s[name] != nil && s[name] != o.Default
}

// gates matches the first layers of squeeze and excitation, by the names that families give them.
var gates = regexp.MustCompile(`\b(se|block\.\d+)\.fc1\.weight$`)

// ineffective returns an error if the settings ask for attention and the built network has it nowhere, because the
// stage has no place for it.
func ineffective(b *nn.Builder, s Settings) error {
	kind, declared := s["attention"]
	if b.Err() != nil || !declared || kind == noAttention ||
		slices.ContainsFunc(b.Params(), func(p *nn.Param) bool { return gates.MatchString(p.Path) }) {
		return nil
	}
	if s["se_position"] == seIdentity {
		return fmt.Errorf("se_position=identity: se_stage=%v has no unit with a shortcut", s["se_stage"])
	}
	return fmt.Errorf("se_stage=%v: no unit of this stage has attention in the published network; want another stage", s["se_stage"])
}
