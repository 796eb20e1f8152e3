package policies

import "github.com/seatwright/seatwright/policies/diag"

// The problems of files, and their places, are those of [diag].
type (
	Pos      = diag.Pos
	Problem  = diag.Problem
	Problems = diag.Problems
)
