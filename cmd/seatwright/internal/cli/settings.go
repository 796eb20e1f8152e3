package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/checkout"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies"
)

// trustSettings turns to the settings of a commit, whatever the checkout has: whoever
// opens a pull request may propose other ones, and is not served by them.
func (j *job) trustSettings(ctx context.Context) error {
	if err := checkout.NotInside(ctx, j.dir); err != nil {
		return err
	}
	revision, err := checkout.OpenRevision(ctx, j.dir, j.settingsFrom)
	if err != nil {
		return err
	}
	if _, err := fs.Stat(revision, policies.SettingsFile); errors.Is(err, fs.ErrNotExist) {
		return usage("merge the settings first: the first pull request has nobody's to go by", "take settings from %s: it has no %s in this folder", j.settingsFrom, policies.SettingsFile)
	}
	j.settings, j.trusted = revision, &plan.SettingsFrom{Name: revision.Name, Commit: revision.Commit}
	_ = view.Remark(j.Err, fmt.Sprintf("settings are those of %s (%.12s); of the checkout the policies alone count", j.settingsFrom, revision.Commit))
	return nil
}

// changedSettings are the files of settings that the checkout has otherwise.
func (j *job) changedSettings() []string {
	return slices.DeleteFunc(settingsFiles(j.tenant), func(name string) bool { return sameFile(j.settings, j.project, name) })
}

// sameFile compares a file of the settings, which was found small enough to be read.
func sameFile(settings, checkout fs.FS, name string) bool {
	before, errBefore := fs.Stat(settings, name)
	after, errAfter := fs.Stat(checkout, name)
	switch {
	case errBefore != nil || errAfter != nil:
		return errors.Is(errBefore, fs.ErrNotExist) && errors.Is(errAfter, fs.ErrNotExist)
	case before.Size() != after.Size():
		return false
	}
	a, errBefore := fs.ReadFile(settings, name)
	b, errAfter := fs.ReadFile(checkout, name)
	return errBefore == nil && errAfter == nil && bytes.Equal(a, b)
}

// reportSettings says which settings of the checkout do not count.
func (j *job) reportSettings() {
	if j.trusted == nil {
		return
	}
	j.trusted.Changed = j.changedSettings()
	if len(j.trusted.Changed) > 0 {
		_ = view.Warning(j.Err, "the checkout changes settings (%s): that does not count here, it would once it is merged", strings.Join(j.trusted.Changed, ", "))
	}
}

// settingsFiles are the files that belong to the settings of a tenant, sorted.
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
