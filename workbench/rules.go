package main

import (
	"fmt"
	"strings"

	"workbench/nn/plan"
	"workbench/nn/plan/algorithms"
)

// rulesVariable names a file with rules for algorithms, which take the place of those that are built in.
const rulesVariable = "WORKBENCH_RULES"

// checkRules refuses a file that cannot be used before anything is computed by it.
func checkRules() error {
	_, err := chosenRules()
	return err
}

// chosenRules are those that the backend follows where a configuration leaves the algorithms to it; nil without a
// choice.
func chosenRules() (*algorithms.Table, error) {
	c, ok := backend(1).(plan.Chooser)
	if !ok {
		return nil, nil
	}
	t, err := c.Rules()
	if err != nil {
		return nil, usagef("%s: %w", rulesVariable, err)
	}
	return t, nil
}

// algorithmFinding tells which algorithms there are for convolutions, and which rules choose among them.
func algorithmFinding() finding {
	c, ok := backend(1).(plan.Chooser)
	if !ok {
		return finding{"algorithms", good, algorithms.Direct, ""}
	}
	f := finding{"algorithms", good, strings.Join(c.Algorithms(), ", "), ""}
	t, err := c.Rules()
	if err != nil {
		f.state, f.advice = bad, fmt.Sprintf("%s: %v", rulesVariable, err)
		return f
	}
	f.found += "; rules: " + t.String()
	return f
}
