package screen

import (
	"testing"
	"time"
)

func TestProgressBarCountsSteps(t *testing.T) {
	t.Parallel()
	if got := barCount(180, 298, 12*time.Second); got != "180/298 steps, 12 s" {
		t.Errorf("got %q", got)
	}
}
