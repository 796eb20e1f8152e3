package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/checkout"
	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan/session"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/state"
)

// call is one call of a command on one tenant.
type call struct {
	program Program
	globals globals
	files   *checkout.Project
	project *session.Project
	tenant  policies.Tenant // its settings
	run     string          // the name of the run in Microsoft's logs
	log     *slog.Logger    // of requests; nil: they are not logged
	closers []func() error  // of what is open
}

// onTenant calls do with the tenant that the settings and --tenant name.
func onTenant(ctx context.Context, p Program, g globals, do func(*call) error) error {
	files, err := checkout.Open(g.dir)
	if err != nil {
		return err
	}
	c := &call{program: p, globals: g, files: files, run: newRunID(p.Now()), log: logger(p, g), closers: []func() error{files.Close}}
	if c.project, err = session.Open(ctx, environment(p, g, files), g.tenant, g.settingsFrom); err != nil {
		_ = c.close() // of what was only read
		return err
	}
	c.tenant = c.project.Tenant()
	err = do(c)
	if closeErr := c.close(); err == nil {
		err = closeErr
	}
	return err
}

// close closes what is open, in reverse order.
func (c *call) close() error {
	var failed error
	for _, closer := range slices.Backward(c.closers) {
		failed = errors.Join(failed, closer())
	}
	return failed
}

// onClose keeps what must be closed at the end of the call.
func (c *call) onClose(closer func() error) { c.closers = append(c.closers, closer) }

// warn shows a warning. A warning that cannot be shown stops nothing.
func (c *call) warn(format string, args ...any) { _ = view.Warning(c.program.Err, format, args...) }

// warnings shows problems that are warnings.
func (c *call) warnings(problems []policies.Problem) { reporter{c.program.Err}.Problems(problems) }

// progress shows how far something is; total 0: not known.
func (c *call) progress(what string, total int) *view.Progress {
	return view.NewProgress(c.program.Err, c.program.ErrTerminal, c.program.Now, what, total)
}

// environment returns what a session needs from outside.
func environment(p Program, g globals, files *checkout.Project) session.Env {
	return session.Env{
		Files: files, Git: repository{g.dir}, Now: p.Now, Reporter: reporter{p.Err}, Snapshot: loadSnapshot, Version: p.Version,
		Directory: func(ctx context.Context, settings fs.FS, tenant policies.Tenant, snapshot *state.Snapshot, places []state.Place) (*state.Directory, error) {
			return readDirectory(ctx, p, settings, tenant, snapshot, places)
		},
	}
}

// logger returns what logs requests; nil without --verbose.
func logger(p Program, g globals) *slog.Logger {
	if !g.verbose {
		return nil
	}
	return slog.New(slog.NewTextHandler(p.Err, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// reporter shows what a session reports. What cannot be shown stops nothing.
type reporter struct{ w io.Writer }

func (r reporter) Warning(text string) { _ = view.Warning(r.w, "%s", text) }
func (r reporter) Remark(text string)  { _ = view.Remark(r.w, text) }
func (r reporter) Problems(problems []policies.Problem) {
	_ = view.Problems(r.w, "warning: ", problems)
}
func (r reporter) AdHocPolicy(text string) { _ = view.CommandLinePolicy(r.w, text) }

// repository is the git repository around a folder.
type repository struct{ dir string }

func (r repository) InCheckout() bool                    { return checkout.InCheckout(r.dir) }
func (r repository) Head(ctx context.Context) string     { return checkout.Commit(ctx, r.dir) }
func (r repository) NotInside(ctx context.Context) error { return checkout.NotInside(ctx, r.dir) }

func (r repository) TrackedFiles(ctx context.Context) (map[string]bool, error) {
	return checkout.TrackedFiles(ctx, r.dir)
}

func (r repository) MergeBase(ctx context.Context, name string) (string, error) {
	return checkout.MergeBase(ctx, r.dir, name)
}

func (r repository) Revision(ctx context.Context, name string) (session.Revision, error) {
	revision, err := checkout.OpenRevision(ctx, r.dir, name)
	if err != nil {
		return nil, err
	}
	return revision, nil
}

// positioned returns a problem for an error about a file that another file names.
func positioned(pos policies.Pos, name string, err error) error {
	var problems policies.Problems
	why := err.Error()
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		why = path.Err.Error()
	}
	problems.Add(pos, diag.RuleFile, "", "cannot read %q: %s", name, why)
	return problems.Err()
}

// maxTenantFile is the size of a sandbox tenant of about a million users.
const maxTenantFile = 1 << 30

func readLimited(r io.Reader, name string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxTenantFile+1))
	if err == nil && len(data) > maxTenantFile {
		err = fmt.Errorf("it is larger than %d bytes", maxTenantFile)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return data, nil
}
