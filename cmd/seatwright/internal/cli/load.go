package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/apply/journal"
	"github.com/seatwright/seatwright/plan/explain"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/catalog"
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
)

// job is one call on one tenant, on the way through the stages.
type job struct {
	Program
	globals
	project  *project
	settings fs.FS              // where the settings are read: the project, or a commit
	trusted  *plan.SettingsFrom // the commit; nil: they are the project's
	log      *slog.Logger       // of requests; nil: none
	run      string             // names the run in Microsoft's logs
	stated   string             // digest of the settings
	tenant   policies.Tenant
	set      *policies.Set
	base     *base  // the policies that a change begins from; nil: nobody asked
	commit   string // of the policies, or ""
	catalog  *catalog.Catalog
	backend  *backend
	file     string // a snapshot to take the tenant from; "": the service is read
	snapshot *state.Snapshot
	matches  *selector.Matches
	past     history
	taking   func() error // locks the tenant before it is read; nil: this call writes nothing
	held     journal.Lock // of the tenant; nil: this call writes nothing
}

// onTenant does something on the tenant that the settings and --tenant name.
func (p Program) onTenant(ctx context.Context, g globals, do func(*job) error) error {
	j, err := p.open(ctx, g)
	if err != nil {
		return err
	}
	err = do(j)
	if closeErr := j.close(); err == nil {
		err = closeErr
	}
	return err
}

// open finds the settings and the tenant.
func (p Program) open(ctx context.Context, g globals) (*job, error) {
	fsys, err := openProject(g.dir)
	if err != nil {
		return nil, err
	}
	j := &job{Program: p, globals: g, project: fsys, settings: fsys, run: newRunID(p.Now()), log: p.logger(g)}
	if err := j.findTenant(ctx); err != nil {
		_ = fsys.Close() // of what was only read
		return nil, err
	}
	return j, nil
}

// logger shows requests, where that is asked for; nil: it is not.
func (p Program) logger(g globals) *slog.Logger {
	if !g.verbose {
		return nil
	}
	return slog.New(slog.NewTextHandler(p.Err, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// findTenant reads the settings, of the checkout or of a commit that is trusted more.
func (j *job) findTenant(ctx context.Context) error {
	if j.settingsFrom != "" {
		if err := j.trustSettings(ctx); err != nil {
			return err
		}
	}
	settings, err := policies.LoadSettings(j.settings)
	if err == nil {
		j.stated = settings.Digest
		j.tenant, err = settings.Tenant(j.globals.tenant)
	}
	if err == nil {
		j.reportSettings()
	}
	return err
}

// close ends whatever the stages have opened.
func (j *job) close() error {
	var failed error
	if j.held != nil {
		if err := j.held.Release(); err != nil { // what is done is done
			_ = view.Warning(j.Err, "the tenant was not given back: %s", err)
		}
	}
	if j.past.close != nil {
		failed = errors.Join(failed, j.past.close())
	}
	if j.backend != nil {
		failed = errors.Join(failed, j.backend.close())
	}
	return errors.Join(failed, j.project.Close())
}

// load reads the policies and what they refer to.
func (j *job) load() error {
	set, warnings, err := j.loadPolicies(j.project)
	j.warn(warnings)
	j.set = set
	return err
}

// loadPolicies reads policies of the checkout, or of a commit, within the settings.
func (j *job) loadPolicies(fsys fs.FS) (*policies.Set, []policies.Problem, error) {
	if j.trusted == nil {
		return policies.Load(fsys, j.tenant)
	}
	return policies.LoadWith(j.settings, fsys, j.tenant)
}

// read reads the tenant.
func (j *job) read(ctx context.Context, query state.Query) error {
	if j.file != "" {
		return j.readFile(query)
	}
	progress := view.NewProgress(j.Err, j.ErrTerminal, j.Now, "reading users", 0)
	defer progress.Close()
	if j.backend == nil {
		backend, err := j.connect(ctx, progress.Reach)
		if err != nil {
			return err
		}
		j.backend = backend
	}
	if j.taking != nil {
		if err := j.taking(); err != nil {
			return err
		}
	}
	began := j.Now()
	snapshot, err := j.backend.reader.Read(ctx, query)
	if err != nil {
		return fmt.Errorf("read tenant %s: %w", j.tenant.Name, err)
	}
	snapshot.ReadAt = began // by the clock that SOURCE_DATE_EPOCH can stop
	j.snapshot = snapshot
	j.catalog = catalog.Builtin().ForTenant(snapshot.SKUs)
	return j.checkTenant()
}

// checkTenant goes no step further in a tenant that the settings do not name: its
// people and SKUs would only look like mistakes in the policies.
func (j *job) checkTenant() error {
	if wrong := plan.WrongTenant(j.tenant, j.snapshot.Organization); wrong != "" {
		hint := "correct `id` of the tenant in seatwright.yaml, or its `credential`"
		if len(j.snapshot.Organization.Domains) == 0 {
			hint = "its domain names could not be read: write the tenant's GUID as `id` in seatwright.yaml, or grant the application Organization.Read.All"
		}
		return &exit{code: ExitGuard, reason: "guard", err: fmt.Errorf("tenant %s: %s", j.tenant.Name, wrong), hint: hint}
	}
	return nil
}

// resolve binds names to what the tenant owns and finds the users that policies pick.
func (j *job) resolve() error {
	bound, err := policies.Bind(j.set, j.catalog)
	if err != nil {
		return err
	}
	j.set = bound
	matches, warnings, err := selector.Resolve(bound, j.snapshot)
	j.warn(warnings)
	j.matches = matches
	return err
}

// compute makes the plan from all that was read.
func (j *job) compute(flags planFlags, approved *plan.Plan) (*plan.Plan, error) {
	in, err := j.input(flags)
	if err != nil {
		return nil, err
	}
	in.Filters.Approved = approved
	return explain.Plan(in), nil
}

// input is all that a plan is made from.
func (j *job) input(flags planFlags) (plan.Input, error) {
	overrides, err := parseOverrides(flags.allow, j.catalog, j.set)
	if err != nil {
		return plan.Input{}, err
	}
	only, err := j.parseTerms("--only", flags.only)
	if err != nil {
		return plan.Input{}, err
	}
	exclude, err := j.parseTerms("--exclude", flags.exclude)
	if err != nil {
		return plan.Input{}, err
	}
	baseline, err := j.readBaseline(flags.baseline)
	if err != nil {
		return plan.Input{}, err
	}
	if baseline == nil {
		baseline = j.recordedBaseline()
	}
	return plan.Input{
		Set: j.set, Matches: j.matches, Snapshot: j.snapshot, Catalog: j.catalog, Now: j.Now(),
		Filters:   plan.Filters{NoRemovals: flags.noRemovals, Only: only, Exclude: exclude},
		Overrides: append(overrides, j.waiverOverrides()...), Baseline: baseline, Recent: journal.Removals(j.past.runs, j.Now().Add(-journal.RemovalsFor)),
		FirstRun: flags.firstRun, Hold: flags.hold, Rate: float64(flags.rate) / 100 * plan.QuotaRate, ToolVersion: j.Version, Commit: j.commit, Settings: j.trusted,
	}, nil
}

// stages goes the whole way up to the matches, with the policies of the settings or
// with the one that words say.
func (j *job) stages(ctx context.Context, words policies.PolicyWords) error {
	load := j.load
	if !words.None() {
		if j.settingsFrom != "" {
			return usage("leave one of the two out", "--settings-from is for reviews of policies in git, not for one on the command line")
		}
		load = func() error { return j.loadWords(words) }
	}
	if err := load(); err != nil {
		return err
	}
	j.commit = commit(ctx, j.dir)
	if err := j.read(ctx, j.needs()); err != nil {
		return err
	}
	if err := j.remember(ctx); err != nil {
		return err
	}
	if err := j.readPlaces(ctx); err != nil {
		return err
	}
	return j.resolve()
}

func (j *job) warn(warnings []policies.Problem) {
	_ = view.Problems(j.Err, "warning: ", warnings) // a warning that cannot be shown stops nothing
}

// readTenantFile reads a sandbox tenant out of the project.
func readTenantFile(fsys fs.FS, name string) ([]byte, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readLimited(file, name)
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

// positioned makes a problem of an error about a file that another file names.
func positioned(pos policies.Pos, name string, err error) error {
	var problems policies.Problems
	why := err.Error()
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		why = path.Err.Error()
	}
	problems.Add(pos, policies.RuleFile, "", "cannot read %q: %s", name, why)
	return problems.Err()
}
