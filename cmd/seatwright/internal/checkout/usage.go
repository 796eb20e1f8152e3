package checkout

import "fmt"

// UsageError is the error of a call that cannot be carried out on these files, with what to
// do instead.
type UsageError struct {
	Fix string // what to do; "" for nothing
	Err error
}

func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *UsageError) Unwrap() error { return e.Err }

// Hint returns what to do instead.
func (e *UsageError) Hint() string { return e.Fix }

// usage returns a [*UsageError].
func usage(hint, format string, args ...any) error {
	return &UsageError{Fix: hint, Err: fmt.Errorf(format, args...)}
}
