package slowtest

import (
	"os"
	"testing"
)

// Variable is the environment variable that turns the slow tests on.
const Variable = "SEATWRIGHT_SLOW"

// Enabled reports whether slow tests are wanted. A test with a short and a long form uses
// it to choose the size.
func Enabled() bool {
	value := os.Getenv(Variable)
	return value != "" && value != "0"
}

// Require skips a slow test unless slow tests are wanted. The text what names the part
// that is left out, so that the skip message has it.
func Require(t testing.TB, what string) {
	t.Helper()
	if !Enabled() {
		t.Skipf("%s: slow, left out; set %s=1 to run it", what, Variable)
	}
}
