package quantity

import "math"

func init() {
	Register(Quantity{Name: "log2", Call: "log2(X)", Doc: "logarithm to base 2: the exponent of a cost that was measured at twice a factor",
		Types: []any{new(func(float64) float64)},
		Of:    func(_ *Networks, arguments []any) (any, error) { return math.Log2(arguments[0].(float64)), nil }})
}
