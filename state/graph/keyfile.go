package graph

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
)

// maxKeyFile is far above any certificate chain with its key.
const maxKeyFile = 1 << 20

// readPrivateFile reads a file that holds a private key. The file must be regular, not
// larger than maxKeyFile, and (on unix) readable only by its owner.
func readPrivateFile(path string) ([]byte, error) {
	// Not blocking: opening a FIFO would wait forever before it can be refused.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("read key file: %w", err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read key file: %w", err)
	}
	switch mode := info.Mode(); {
	case !mode.IsRegular():
		return nil, fmt.Errorf("read key file %s: it is not a regular file", path)
	case runtime.GOOS != "windows" && mode.Perm()&0o077 != 0:
		return nil, fmt.Errorf("read key file %s: others can read it (mode %#o); run chmod 600 on it", path, mode.Perm())
	case info.Size() > maxKeyFile:
		return nil, fmt.Errorf("read key file %s: %d bytes, the most is %d", path, info.Size(), maxKeyFile)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxKeyFile))
	if err != nil {
		return nil, fmt.Errorf("read key file: %w", err)
	}
	return data, nil
}
