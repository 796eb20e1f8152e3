//go:build unix

package journal

import (
	"os"
	"syscall"
)

// systemLocks reports whether flock fails while the holder is alive.
const systemLocks = true

// flock locks a file for this process alone, at once or not at all. The system releases the
// lock when the process ends for any reason.
func flock(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
