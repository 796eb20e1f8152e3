package policies

import (
	"io/fs"

	"github.com/seatwright/seatwright/policies/guard"
)

// LoadSettingsBy loads settings with another table of guards.
func LoadSettingsBy(guards guard.Table, fsys fs.FS) (*Settings, error) {
	return loadSettings(fsys, guards)
}

// LoadBy loads policies with another table of guards.
func LoadBy(guards guard.Table, fsys fs.FS, t Tenant) (*Set, []Problem, error) {
	l := newLoader(fsys)
	l.guards = guards
	return l.load(t)
}
