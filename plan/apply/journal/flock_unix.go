//go:build unix

package journal

import (
	"os"
	"syscall"
)

// systemLocks says that flock tells whether the holder is alive.
const systemLocks = true

// flock takes a file for this process alone, at once or not at all. The system gives
// it back when the process ends, however it does.
func flock(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
