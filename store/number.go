package store

import (
	"database/sql"
	"math"
)

// Kinds of numbers, since SQLite turns NaN into NULL and −0 into 0.
const (
	finite = iota
	notANumber
	plusInfinity
	minusInfinity
	minusZero
)

// encode gives the kind and value columns of a number.
func encode(v float64) (kind int, value sql.NullFloat64) {
	switch {
	case math.IsNaN(v):
		return notANumber, value
	case math.IsInf(v, 1):
		return plusInfinity, value
	case math.IsInf(v, -1):
		return minusInfinity, value
	case v == 0 && math.Signbit(v):
		return minusZero, value
	}
	return finite, sql.NullFloat64{Float64: v, Valid: true}
}

func decode(kind int, value sql.NullFloat64) float64 {
	switch kind {
	case plusInfinity:
		return math.Inf(1)
	case minusInfinity:
		return math.Inf(-1)
	case minusZero:
		return math.Copysign(0, -1)
	case finite:
		return value.Float64
	}
	return math.NaN()
}

// nullable stores NaN as NULL, for columns where the sign of zero does not matter.
func nullable(v float64) sql.NullFloat64 { return sql.NullFloat64{Float64: v, Valid: !math.IsNaN(v)} }

func fromNullable(v sql.NullFloat64) float64 {
	if !v.Valid {
		return math.NaN()
	}
	return v.Float64
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
