package plan_test

import (
	"testing"

	"workbench/nn/nntest"
	"workbench/nn/plan"
)

func TestReferenceConforms(t *testing.T) { nntest.Run(t, plan.Reference{}) }
