package session

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/policies"
)

// Project is the settings of one tenant, and the folder of its policies. Nothing but
// the settings has been read.
type Project struct {
	env      Env
	settings fs.FS              // where the settings are: the folder, or a commit
	trusted  *plan.SettingsFrom // the commit; nil: the settings are those of the folder
	digest   string             // of the file of settings
	tenant   policies.Tenant
}

// Open reads the settings, of the folder or of the revision settingsFrom, and finds the
// tenant in them. The name may be "" where the settings have only one tenant.
func Open(ctx context.Context, env Env, tenant, settingsFrom string) (*Project, error) {
	p := &Project{env: env}
	var err error
	if p.settings, p.trusted, err = FindSettings(ctx, env, settingsFrom); err != nil {
		return nil, err
	}
	settings, err := policies.LoadSettings(p.settings)
	if err != nil {
		return nil, err
	}
	p.digest = settings.Digest
	if p.tenant, err = settings.Tenant(tenant); err != nil {
		return nil, err
	}
	p.reportSettings()
	return p, nil
}

// Tenant returns the settings of the tenant.
func (p *Project) Tenant() policies.Tenant { return p.tenant }

// Settings returns the files among which the settings were found.
func (p *Project) Settings() fs.FS { return p.settings }

// Accepted returns the entries of accept.yaml for the tenant.
func (p *Project) Accepted() ([]policies.Acceptance, error) {
	return policies.LoadAccepted(p.settings, p.tenant)
}

// Policies reads the policies of the folder within the settings, and returns warnings
// without reporting them.
func (p *Project) Policies() (*policies.Set, []policies.Problem, error) {
	if p.trusted == nil {
		return policies.Load(p.env.Files, p.tenant)
	}
	return policies.LoadWith(p.settings, p.env.Files, p.tenant)
}

func (p *Project) warn(format string, args ...any) {
	p.env.Reporter.Warning(fmt.Sprintf(format, args...))
}

// FindSettings returns the files among which the settings are: the folder, or the
// revision that a flag names. Then the settings of the checkout do not count: the author
// of a pull request may propose others, but must not choose those that check the request.
func FindSettings(ctx context.Context, env Env, from string) (fs.FS, *plan.SettingsFrom, error) {
	if from == "" {
		return env.Files, nil, nil
	}
	if err := env.Git.NotInside(ctx); err != nil {
		return nil, nil, err
	}
	revision, err := env.Git.Revision(ctx, from)
	if err != nil {
		return nil, nil, err
	}
	if _, err := fs.Stat(revision, policies.SettingsFile); errors.Is(err, fs.ErrNotExist) {
		return nil, nil, usage("merge the settings first: the first pull request has no settings to be checked with", "read settings from %s: it has no %s in this folder", from, policies.SettingsFile)
	}
	env.Reporter.Remark(fmt.Sprintf("settings are those of %s (%.12s); only the policies are those of the checkout", from, revision.Commit()))
	return revision, &plan.SettingsFrom{Name: from, Commit: revision.Commit()}, nil
}

// reportSettings reports which settings of the checkout do not count.
func (p *Project) reportSettings() {
	if p.trusted == nil {
		return
	}
	p.trusted.Changed = changedSettings(p.settings, p.env.Files, p.tenant)
	if len(p.trusted.Changed) > 0 {
		p.warn("the checkout changes settings (%s): they are not used here, only after the merge", strings.Join(p.trusted.Changed, ", "))
	}
}
