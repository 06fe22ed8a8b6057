package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"workbench/nn/zoo"
)

func (a *app) modelsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "models [PATTERN]", Short: "List the networks with size, paper and published accuracy",
		Long: `List the networks that a study can name in model.name. PATTERN is a part of a name or of a family, such as vgg, or a name
with * and ?, such as 'resnet*_cifar'. Multiply-adds are those of convolutions and linear layers for one image of the given size.
Of the accuracies that were published for a network, one is shown: the error of a single network on a single crop where there
is one. --format json has all of them.`,
		Example:           "  workbench models\n  workbench models 'resnet*_cifar'\n  workbench models DenseNet --format csv",
		Args:              wantArgs(0, 1, "at most one pattern"),
		ValidArgsFunction: names(zoo.Names),
		RunE: func(_ *cobra.Command, args []string) error {
			pattern := ""
			if len(args) == 1 {
				pattern = args[0]
			}
			found, err := zoo.Find(pattern)
			if err != nil {
				return usageError{err}
			}
			return a.showModels(found)
		},
	}
	a.formatFlag(cmd)
	return cmd
}

func (a *app) showModels(found []zoo.Variant) error {
	l := listing{key: "models", leave: []string{"weight_layers", "family", "citation", "parameters"}, columns: []column{
		{"model", "model", false}, {"family", "family", false}, {"citation", "paper", false}, {"input", "images", true},
		{"weight_layers", "layers", true}, {"parameters", "parameters", true}, {"macs", "mult-adds", true},
		{"top1_error", "top-1 error %", true}, {"top5_error", "", true}, {"data", "", false}, {"evaluation", "", false}, {"source", "", false},
		{"classes", "", true}, {"year", "", true}, {"paper", "", false},
	}}
	var notes footnotes
	for _, v := range found {
		settings, err := v.Resolve(nil)
		if err != nil {
			return err
		}
		cost, err := zoo.Cost(v, settings, v.Input, v.Classes)
		if err != nil {
			return err
		}
		p, known := v.Headline()
		top1 := errorRate(p.Top1)
		if known {
			top1.text += notes.mark(p.Data + " " + p.Evaluation + ": " + p.Source)
		}
		l.rows = append(l.rows, []cell{text(v.Name), text(v.Family), text(v.Citation()), text(shape(v.Input[:])),
			counted(int64(cost.WeightLayers)), counted(cost.Params), {cost.MACs, magnitude(float64(cost.MACs))},
			top1, errorRate(p.Top5), text(p.Data), text(p.Evaluation), text(p.Source),
			counted(int64(v.Classes)), {v.Year, strconv.Itoa(v.Year)}, text(v.Paper)})
	}
	objects := l.table().Objects()
	for i, v := range found {
		objects[i]["published"] = v.Published()
	}
	l.data = objects
	d := document{listings: []listing{l}}
	if a.format != "json" { // whose rows have the sources
		d.remarks = notes
	}
	return a.show(d)
}

// errorRate is an error with the decimals that its source gives, at most two, aligned; unknown if 0.
func errorRate(e float64) cell {
	if e == 0 {
		return text("")
	}
	s := decimal(e, 2)
	if exact, zero := strings.CutSuffix(s, "0"); zero {
		s = exact + " "
	}
	return cell{e, s}
}

// footnotes are remarks that cells refer to by number.
type footnotes []string

// mark is the reference to a remark, which is added if it is new.
func (f *footnotes) mark(remark string) string {
	for i, known := range *f {
		if strings.HasSuffix(known, "] "+remark) {
			return fmt.Sprintf(" %4s", fmt.Sprintf("[%d]", i+1))
		}
	}
	number := fmt.Sprintf("[%d]", len(*f)+1)
	*f = append(*f, number+" "+remark)
	return fmt.Sprintf(" %4s", number)
}
