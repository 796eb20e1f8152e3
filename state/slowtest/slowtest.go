package slowtest

import (
	"os"
	"testing"
)

// Variable is the environment variable that turns the slow tests on.
const Variable = "SEATWRIGHT_SLOW"

// Enabled reports whether slow tests are wanted. A test with a short and a long form asks
// it for the size.
func Enabled() bool {
	value := os.Getenv(Variable)
	return value != "" && value != "0"
}

// Require skips a slow test unless slow tests are wanted. What names the part that is left
// out, so that the skip says what was not tried.
func Require(t testing.TB, what string) {
	t.Helper()
	if !Enabled() {
		t.Skipf("%s: slow, left out; set %s=1 to run it", what, Variable)
	}
}
