package evaluate

import (
	"encoding/json"
	"os"
	"testing"
)

// More libraries agree on the recorded rows: netcal on the calibration error and the temperature, lightly on the
// nearest neighbours' votes, and RankMe's formula, whose ε is too small to show, on the effective rank.
func TestMorePeersAgree(t *testing.T) {
	text, err := os.ReadFile("testdata/peers.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		ECE    float64 `json:"netcal_ece"`
		Netcal float64 `json:"netcal_temperature"`
		Scipy  float64 `json:"scipy_temperature"`
		RankMe map[string]float64
		KNN    struct {
			K           int
			Temperature float64
			Predictions []int
		}
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	f := recorded(t)
	logits := input{rows: f.Logits, labels: f.Labels, bank: f.FitLogits, bankLabels: f.FitLabels, width: f.Classes}
	value := func(in input, u Use, classes int, quantity string) float64 {
		t.Helper()
		r, err := in.run(t, u, classes)
		if err != nil {
			t.Fatal(err)
		}
		return r.value(t, quantity)
	}
	near(t, "netcal's ECE", value(logits, Use{Name: "calibration"}, f.Classes, "ece"), want.ECE, 1e-6)
	fitted := value(logits, Use{Name: "temperature"}, f.Classes, "temperature")
	near(t, "scipy's temperature", fitted, want.Scipy, 1e-6)
	near(t, "netcal's temperature", fitted, want.Netcal, 1e-5) // whose optimizer ends sooner
	for name, rows := range map[string][]float32{"test": f.Test, "bank": f.Bank} {
		in := input{rows: rows, labels: make([]int32, len(rows)/f.Width), width: f.Width}
		near(t, "RankMe of "+name, value(in, Use{Name: "collapse"}, 0, "effective_rank"), want.RankMe[name], 1e-5)
	}
	if want.KNN.K != 200 || want.KNN.Temperature != 0.1 || len(want.KNN.Predictions) != len(f.TestLabels) {
		t.Fatalf("the recording of lightly is incomplete: %+v", want.KNN)
	}
	// With lightly's predictions as labels all answers are right, and with others none.
	use := Use{Name: "knn", Options: map[string]any{"k": want.KNN.K, "temperature": want.KNN.Temperature}}
	for shift, top1 := range []float64{1, 0} {
		in := input{rows: f.Test, bank: f.Bank, bankLabels: f.BankLabels, width: f.Width}
		for _, k := range want.KNN.Predictions {
			in.labels = append(in.labels, int32((k+shift)%f.Classes))
		}
		near(t, "lightly's predictions", value(in, use, f.Classes, "knn_top1"), top1, 0)
	}
}
