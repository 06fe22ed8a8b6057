package weights

import (
	"fmt"
	"testing"

	"workbench/nn"
	"workbench/nn/op"
)

// A report tells all that it has, six of a kind at most, and in this order.
func TestReportsAreToldWhole(t *testing.T) {
	r := &Report{Verdict: Other, Network: "net", Format: "PyTorch", Part: "ema", Prefix: "module.", Library: "timm", Params: 20,
		Elements:      1000,
		TakenElements: 999, Counters: 1, Missing: []string{"a", "b"}, Left: []string{"c"}, Allowed: []string{"d"}, Beside: []string{"e", "f"},
		Nearest: []string{"one", "two"}}
	for i := range 8 {
		p := &nn.Param{Path: fmt.Sprintf("p%d.weight", i), Shape: op.Shape{i}}
		r.Taken = append(r.Taken, Taken{Param: p, Tensor: Entry{Name: p.Path}, How: "changed"})
		r.Misshapen = append(r.Misshapen, Misshapen{Param: p, Tensor: Entry{Shape: op.Shape{9}}})
		r.Head, r.Unread = append(r.Head, fmt.Sprint("head", i)), append(r.Unread, fmt.Sprint("unread", i))
		r.Fitting = append(r.Fitting, fmt.Sprint("fit", i))
	}
	r.Taken[2].How = ""
	r.Taken[6].Tensor.head = "cls.weight"
	r.Taken[7].Param.Path, r.Taken[7].Tensor.head = "p7.bias", "cls.bias"
	r.Misshapen[1].Why = "is odd"
	want := `read as: PyTorch, ema, names without "module.", as timm names them
taken: 8 of 20 tensors, 99.9 % of the elements
changed: p0.weight: changed, p1.weight: changed, p3.weight: changed, p4.weight: changed, p5.weight: changed, p6.weight: changed, ` +
		`cls.weight as p6.weight
missing: a, b
not in the network: c
of another form: p0.weight is (9), the network's is (0), p1.weight: is odd, p2.weight is (9), the network's is (2), ` +
		`p3.weight is (9), the network's is (3), p4.weight is (9), the network's is (4), p5.weight is (9), the network's is (5), … (2 more)
last layer: head0, head1, head2, head3, head4, head5
allowed: d
passed over: 1 counters
beside: e, f
not read: unread0, unread1, unread2, unread3, unread4, unread5
fit equally: fit0, fit1, fit2, fit3, fit4, fit5
verdict: not this network's; they are those of one, two`
	if got := r.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	r.Misshapen = r.Misshapen[:6]
	if got := r.misshapen(); len(got) != 6 || got[5] != "p5.weight is (9), the network's is (5)" {
		t.Errorf("six of another form are %v", got)
	}
	if err := r.Err(); err == nil || err.Error() != "the tensors are not net's\n"+r.String() {
		t.Errorf("got %v", err)
	}
	r.Network = ""
	if err := r.Err(); err == nil || err.Error() != "the tensors are not the network's\n"+r.String() {
		t.Errorf("got %v", err)
	}
}

// What follows from what a file has: the first of these that is so.
func TestJudgements(t *testing.T) {
	one, taken := []string{"a"}, []Taken{{}}
	for _, test := range []struct {
		r       Report
		verdict Verdict
		says    string
	}{
		{Report{Taken: taken}, Complete, "complete"},
		{Report{}, Other, "not this network's"},
		{Report{Taken: taken, Fitting: one, Missing: one, Head: one}, Ambiguous, "several networks of the file fit: choose one by its name"},
		{Report{Taken: taken, Missing: one, Head: one, Allowed: one}, Other, "not this network's"},
		{Report{Taken: taken, Left: one, Head: one, Allowed: one}, Other, "not this network's alone: what is left over must be allowed"},
		{Report{Taken: taken, Left: one, Missing: one}, Other, "not this network's"},
		{Report{Taken: taken, Misshapen: []Misshapen{{}}, Head: one}, Other, "not this network's"},
		{Report{Taken: taken, Left: one, Misshapen: []Misshapen{{}}}, Other, "not this network's"},
		{Report{Taken: taken, Head: one, Allowed: one}, AllButHead, "complete but for the last layer"},
		{Report{Taken: taken, Allowed: one}, AllButGiven, "complete but for what is allowed"},
		{Report{Head: one}, Other, "not this network's"},
		{Report{Taken: taken, Left: one, Nearest: one}, Other, "not this network's; they are those of a"},
		{Report{Taken: taken, Nearest: one}, Complete, "complete"},
	} {
		test.r.judge()
		if got := test.r.verdict(); test.r.Verdict != test.verdict || got != test.says {
			t.Errorf("%+v: %s, %q, want %s, %q", test.r, test.r.Verdict, got, test.verdict, test.says)
		}
		if fine := test.verdict != Ambiguous && test.verdict != Other; test.r.Verdict.Fine() != fine {
			t.Errorf("%s is fine: %v", test.verdict, !fine)
		}
	}
}
