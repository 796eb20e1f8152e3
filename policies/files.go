package policies

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/diag"
)

// maxRowsBytes is the most that is read of a CSV file or a list.
const maxRowsBytes = 64 << 20

// readFile reads a whole file of at most limit bytes. It reports problems at the position
// that names the file.
func readFile(fsys fs.FS, name string, limit int64, at Pos, problems *Problems) ([]byte, bool) {
	data, fault := openRegular(fsys, name, limit)
	if fault == "" {
		return data, true
	}
	hint := ""
	if fault == faultMissing {
		hint = nearestFile(fsys, name)
	}
	problems.Add(at, diag.RuleFile, hint, "%s %s", diag.Quote(name), fault)
	return nil, false
}

const faultMissing = "does not exist"

// openRegular reads a regular file, or returns why it cannot. It inspects the file before
// it opens it, since opening a pipe would wait for its writer.
func openRegular(fsys fs.FS, name string, limit int64) (data []byte, fault string) {
	if fault := linkFault(fsys, name); fault != "" {
		return nil, fault
	}
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, readFault(err)
	}
	if fault := fileFault(info, limit); fault != "" {
		return nil, fault
	}
	file, err := fsys.Open(name)
	if err != nil {
		return nil, readFault(err)
	}
	defer file.Close()
	info, err = file.Stat()
	if err != nil {
		return nil, readFault(err)
	}
	if fault := fileFault(info, limit); fault != "" {
		return nil, fault
	}
	data, err = io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, readFault(err)
	}
	if int64(len(data)) > limit {
		return nil, tooLarge(limit)
	}
	return data, ""
}

func fileFault(info fs.FileInfo, limit int64) string {
	switch {
	case info.IsDir():
		return "is a directory"
	case !info.Mode().IsRegular():
		return "is not a regular file"
	case info.Size() > limit:
		return tooLarge(limit)
	}
	return ""
}

func tooLarge(limit int64) string { return fmt.Sprintf("is larger than %d MiB", limit>>20) }

// readFault returns why a file could not be read, without repeating its path.
func readFault(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return faultMissing
	case errors.Is(err, fs.ErrPermission):
		return "may not be read: permission denied"
	}
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathError.Err
	}
	return fmt.Sprintf("cannot be read: %v", err)
}

// nearestFile suggests a file of the same directory.
func nearestFile(fsys fs.FS, name string) string {
	entries, err := fs.ReadDir(fsys, path.Dir(name))
	if err != nil {
		return ""
	}
	var names []string
	for _, entry := range entries {
		if !entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") {
			names = append(names, path.Join(path.Dir(name), entry.Name()))
		}
	}
	return catalog.DidYouMean(name, names)
}

// digest returns "sha256:<hex>" of the bytes.
func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}
