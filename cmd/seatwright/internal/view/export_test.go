package view

import (
	"github.com/seatwright/seatwright/cmd/seatwright/internal/escape"
)

// EscapeText is the escaper of text, to be tried alone.
var EscapeText = escape.Text
