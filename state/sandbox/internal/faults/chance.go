package faults

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
)

// Chance returns a number in [0, 1). It depends only on the seed, the purpose and the
// number of earlier draws, so that a run can be repeated.
func Chance(seed uint64, what string, n uint64) float64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintln(h, what, n)                         // a hash never fails
	return rand.New(rand.NewPCG(seed, h.Sum64())).Float64() //nolint:gosec // chance that can be repeated, not a secret
}

// happens reports whether something of a certain chance happens this time.
func happens(likely float64, seed uint64, what string, n uint64) bool {
	return likely > 0 && Chance(seed, what, n) < likely
}
