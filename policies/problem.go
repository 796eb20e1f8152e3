package policies

import (
	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/policies/rows"
)

// The problems of files, and their places, are those of [diag].
type (
	Pos      = diag.Pos
	Problem  = diag.Problem
	Problems = diag.Problems
)

// Row names one user in a file or an inline list.
type Row = rows.Row
