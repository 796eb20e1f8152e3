package session

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"

	"github.com/seatwright/seatwright/policies"
)

// changedSettings returns the files of a tenant's settings that differ between the
// trusted files and the checkout, sorted.
func changedSettings(trusted, checkout fs.FS, tenant policies.Tenant) []string {
	return slices.DeleteFunc(settingsFiles(tenant), func(name string) bool { return sameFile(trusted, checkout, name) })
}

// sameFile compares a file of the settings, which was found small enough to be read.
func sameFile(trusted, checkout fs.FS, name string) bool {
	before, errBefore := fs.Stat(trusted, name)
	after, errAfter := fs.Stat(checkout, name)
	switch {
	case errBefore != nil || errAfter != nil:
		return errors.Is(errBefore, fs.ErrNotExist) && errors.Is(errAfter, fs.ErrNotExist)
	case before.Size() != after.Size():
		return false
	}
	a, errBefore := fs.ReadFile(trusted, name)
	b, errAfter := fs.ReadFile(checkout, name)
	return errBefore == nil && errAfter == nil && bytes.Equal(a, b)
}

// settingsFiles returns the files that belong to the settings of a tenant, sorted.
func settingsFiles(t policies.Tenant) []string {
	files := []string{policies.SettingsFile, policies.WaiversFile, policies.AcceptFile}
	if t.Prices != "" {
		files = append(files, t.Prices)
	}
	for _, s := range t.Protect {
		if s.File != "" {
			files = append(files, s.File)
		}
	}
	for _, d := range t.Directories {
		if d.CAFile != "" && fs.ValidPath(d.CAFile) {
			files = append(files, d.CAFile)
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}
