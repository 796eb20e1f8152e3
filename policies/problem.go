package policies

import (
	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/policies/rows"
)

// Pos, Problem and Problems are those of [diag], which all packages of files share.
type (
	Pos      = diag.Pos
	Problem  = diag.Problem
	Problems = diag.Problems
)

// Row names one user in a file or an inline list.
type Row = rows.Row
