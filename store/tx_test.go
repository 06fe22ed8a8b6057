package store

import (
	"encoding/json"
	"math"
	"testing"
	"time"
)

func TestTimesCanBeTold(t *testing.T) {
	now := time.Date(2026, 3, 14, 9, 26, 53, 589_000, time.UTC)
	if got := fromMicros(micros(now)); !got.Equal(now) {
		t.Errorf("got %v, want %v", got, now)
	}
	for _, us := range []int64{0, 1, -1, math.MinInt64, math.MaxInt64} {
		if _, err := json.Marshal(fromMicros(us)); err != nil {
			t.Errorf("%d: %v", us, err)
		}
	}
}
