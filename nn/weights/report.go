package weights

import (
	"fmt"
	"strings"
)

// Line is a fact of a report for people.
type Line struct{ What, Text string }

// Lines tells the report in the order in which one reads it, one fact a line.
func (r *Report) Lines() []Line {
	var all []Line
	add := func(what string, parts ...string) {
		if len(parts) > 0 {
			all = append(all, Line{what, strings.Join(parts, ", ")})
		}
	}
	add("read as", r.how())
	add("taken", fmt.Sprintf("%d of %d tensors, %s of the elements", len(r.Taken), r.Params, share(r.TakenElements, r.Elements)))
	add("changed", r.changed()...)
	add("missing", Grouped(r.Missing)...)
	add("not in the network", Grouped(r.Left)...)
	add("of another form", r.misshapen()...)
	add("last layer", r.Head[:min(len(r.Head), mostGroups)]...)
	add("allowed", Grouped(r.Allowed)...)
	if r.Counters > 0 {
		add("passed over", fmt.Sprintf("%d counters", r.Counters))
	}
	add("beside", Grouped(r.Beside)...)
	add("not read", r.Unread[:min(len(r.Unread), mostGroups)]...)
	add("fit equally", r.Fitting[:min(len(r.Fitting), mostGroups)]...)
	add("verdict", r.verdict())
	return all
}

// String is Lines as text.
func (r *Report) String() string {
	var b strings.Builder
	for _, l := range r.Lines() {
		fmt.Fprintf(&b, "%s: %s\n", l.What, l.Text)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Err is nil if the verdict is fine, else it says why it is not, in a few lines.
func (r *Report) Err() error {
	if r.Verdict.Fine() {
		return nil
	}
	return fmt.Errorf("the tensors are not %s's\n%s", r.name(), r)
}

func (r *Report) name() string {
	if r.Network == "" {
		return "the network"
	}
	return r.Network
}

// how says as what the file was read.
func (r *Report) how() string {
	text := r.Format
	if r.Part != "" {
		text += ", " + r.Part
	}
	if r.Prefix != "" {
		text += fmt.Sprintf(", names without %q", r.Prefix)
	}
	if r.Library != "" {
		text += ", as " + r.Library + " names them"
	}
	return text
}

// changed says what is done with tensors and with names that are not the library's.
func (r *Report) changed() []string {
	var all []string
	for _, t := range r.Taken {
		if t.How != "" && len(all) < mostGroups {
			all = append(all, t.Param.Path+": "+t.How)
		}
	}
	if from := r.renamedHead(); from != "" {
		all = append(all, from)
	}
	return all
}

// renamedHead says what the file calls the last layer, if that is a name of its own.
func (r *Report) renamedHead() string {
	for _, t := range r.Taken {
		if t.Tensor.head != "" && strings.HasSuffix(t.Param.Path, ".weight") {
			return t.Tensor.head + " as " + t.Param.Path
		}
	}
	return ""
}

func (r *Report) misshapen() []string {
	var all []string
	for _, m := range r.Misshapen {
		if len(all) == mostGroups {
			return append(all, fmt.Sprintf("… (%d more)", len(r.Misshapen)-mostGroups))
		}
		all = append(all, m.String())
	}
	return all
}

func (r *Report) verdict() string {
	text := string(r.Verdict)
	switch {
	case r.Verdict == Ambiguous:
		text += ": choose one by its name"
	case r.Verdict == Other && len(r.Nearest) > 0:
		text += "; they are those of " + strings.Join(r.Nearest, ", ")
	case r.Verdict == Other && len(r.Taken) > 0 && len(r.Missing)+len(r.Misshapen) == 0:
		text += " alone: what is left over must be allowed"
	}
	return text
}

// share is a part in percent. All is said to be so only if it is.
func share(part, whole int64) string {
	if part == whole {
		return "100 %"
	}
	return fmt.Sprintf("%.1f %%", min(99.9, 100*float64(part)/float64(whole)))
}
