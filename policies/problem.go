package policies

import (
	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/policies/rows"
)

// Pos is a place in a file.
type Pos = diag.Pos

// Problem is one thing that is wrong with a file.
type Problem = diag.Problem

// Problems collects what is wrong with files.
type Problems = diag.Problems

// Row names one user in a file or an inline list.
type Row = rows.Row
