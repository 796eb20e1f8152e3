package pipelines_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"gopkg.in/yaml.v3"
)

// A machine runs the jobs of examples/ci as a platform does: a fresh checkout for each, what
// one step hands to the next, artifacts between jobs. What a tenant remembers, and the record of
// runs, is carried from one checkout to the next, as Microsoft and a container of blobs do.

// ciJob is a job of any platform, as its file says it.
type ciJob struct {
	name        string
	azure       bool
	gitlab      bool
	shell       string // what runs its scripts
	checkout    bool
	env         map[string]string
	steps       []ciStep
	allowedExit []int
	needs       []string // jobs whose artifacts it gets (GitLab)
	keeps       []string // paths that are an artifact (GitLab)
}

// ciStep is a script, or an artifact on its way.
type ciStep struct {
	id, name, condition string
	script              string
	env                 map[string]string
	goOn                bool // whatever becomes of it
	upload, download    string
	paths               []string
}

// machine is one project on one platform.
type machine struct {
	t         *testing.T
	top       string // of everything below
	origin    string // repository
	ref       string // what jobs check out
	bin       string
	values    map[string]string // of expressions
	artifacts map[string]string // name to folder
	kept      *checkout
	lines     *lineCount
}

// result is what became of a job.
type result struct {
	code    int // of the step that ended it; 0: it went well
	allowed bool
	outputs map[string]string // "plan.changes"
	summary string
	log     string
	side    string // folder of the agent, beside the checkout
}

// newMachine makes a project of examples/ci, with sandbox tenants in place of real ones.
func newMachine(t *testing.T, lines *lineCount) *machine {
	t.Helper()
	top := t.TempDir()
	m := &machine{t: t, top: top, origin: filepath.Join(top, "origin"), ref: "main", bin: tools(t), artifacts: map[string]string{}, kept: &checkout{}, lines: lines}
	if err := os.CopyFS(m.origin, os.DirFS(lines.project(t, m))); err != nil {
		t.Fatal(err)
	}
	m.setPlatform(platform{Me: "bot"})
	return m
}

// project is the repository that all machines begin with.
func (c *lineCount) project(t *testing.T, m *machine) string {
	c.begun.Do(func() {
		c.template = filepath.Join(c.top, "template")
		if err := os.CopyFS(c.template, os.DirFS(ciExamples)); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(c.template, ".seatwright")); err != nil { // left by a manual try in the checkout
			t.Fatal(err)
		}
		sandboxTenants(t, c.template)
		m.git(c.top, "init", "--quiet", "--template=", "--initial-branch=main", c.template)
		m.git(c.template, "add", "--all", "--force")
		m.git(c.template, "commit", "--quiet", "--message", "first")
	})
	return c.template
}

var ciExamples = filepath.Join("..", "..", "..", "..", "examples", "ci")

// sandboxTenants puts an embedded tenant where the settings name a real one.
func sandboxTenants(t *testing.T, dir string) {
	t.Helper()
	settings := readYAML(t, filepath.Join(dir, "seatwright.yaml"))
	sample, err := os.ReadFile(filepath.Join(dir, "tenant.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, tenant := range settings["tenants"].(map[string]any) {
		keys := tenant.(map[string]any)
		id, real := keys["id"].(string)
		if !real {
			continue
		}
		for _, key := range []string{"id", "credential", "records"} {
			delete(keys, key)
		}
		keys["sandbox"] = name + ".yaml"
		made := regexp.MustCompile(`(?m)^  id: .*$`).ReplaceAll(sample, []byte("  id: "+id))
		put(t, filepath.Join(dir, name+".yaml"), string(made))
	}
	data, err := yaml.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "seatwright.yaml"), string(data))
}

func readYAML(t *testing.T, file string) map[string]any {
	t.Helper()
	return readObjects(t, file)[0]
}

// readObjects are the documents of a file.
func readObjects(t *testing.T, file string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for decoder := yaml.NewDecoder(strings.NewReader(contents(t, file))); ; {
		var document map[string]any
		if err := decoder.Decode(&document); errors.Is(err, io.EOF) && len(all) > 0 {
			return all
		} else if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, document)
	}
}

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func contents(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data)
}

// git runs git with a made-up author, and returns what it prints.
func (m *machine) git(dir string, args ...string) string {
	m.t.Helper()
	cmd := exec.CommandContext(m.t.Context(), "git", append([]string{"-C", dir, "-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"}, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		m.t.Fatalf("git %v: %v\n%s", args, err, errs.String())
	}
	return out.String()
}

// commit adds a commit to a branch, which begins where main is.
func (m *machine) commit(branch string, change func(dir string)) {
	m.t.Helper()
	m.kept.dir = ""
	if branch != "main" {
		m.git(m.origin, "checkout", "--quiet", "-B", branch, "main")
	}
	change(m.origin)
	m.git(m.origin, "add", "--all", "--force")
	m.git(m.origin, "commit", "--quiet", "--message", "change")
	if branch != "main" {
		m.git(m.origin, "checkout", "--quiet", "main")
	}
}

// leavers is a change of the list of those who left.
func leavers(t *testing.T, names ...string) func(string) {
	return func(dir string) {
		text := ""
		for _, name := range names {
			text += name + "@contoso.example\n"
		}
		put(t, filepath.Join(dir, "data", "leavers.txt"), text)
	}
}

func (m *machine) platformFile() string { return filepath.Join(m.top, "platform.json") }

func (m *machine) setPlatform(p platform) {
	m.t.Helper()
	if err := writePlatform(m.platformFile(), &p); err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) platform() *platform {
	m.t.Helper()
	p, err := readPlatform(m.platformFile())
	if err != nil {
		m.t.Fatal(err)
	}
	return p
}

// with says what expressions stand for, for one job.
func (m *machine) with(values map[string]string) *machine {
	other := *m
	other.values = maps.Clone(m.values)
	if other.values == nil {
		other.values = map[string]string{}
	}
	maps.Copy(other.values, values)
	return &other
}

// run runs a job, if its condition says so, and wants no expression to be unknown.
func (m *machine) run(job ciJob) result {
	m.t.Helper()
	r := result{outputs: map[string]string{}, side: m.t.TempDir()}
	work := m.checkout(job)
	defer m.leave(work)
	m.fetch(job, work)
	failed := false
	for _, step := range job.steps {
		if failed && !strings.Contains(step.condition, "always()") {
			continue
		}
		code := m.step(job, step, work, &r)
		if code != 0 && !step.goOn && !failed {
			failed, r.code = true, code
		}
	}
	r.allowed = slices.Contains(job.allowedExit, r.code)
	m.keep(job, work)
	return r
}

// checkout is a clone that the next job of the same commit gets as it was: clones take long.
type checkout struct {
	dir, ref string
	names    []string // of what is in it
}

// checkout makes the folder of a job, with what was left by earlier ones.
func (m *machine) checkout(job ciJob) string {
	m.t.Helper()
	if !job.checkout {
		return m.t.TempDir()
	}
	if m.kept.dir == "" || m.kept.ref != m.ref {
		*m.kept = checkout{dir: m.t.TempDir(), ref: m.ref}
		m.git(m.kept.dir, "clone", "--quiet", "--template=", "--branch", m.ref, m.origin, ".")
		m.kept.names = m.namesIn(m.kept.dir)
	}
	for _, name := range m.namesIn(m.kept.dir) {
		if !slices.Contains(m.kept.names, name) {
			if err := os.RemoveAll(filepath.Join(m.kept.dir, name)); err != nil {
				m.t.Fatal(err)
			}
		}
	}
	if err := os.Rename(m.memory(), filepath.Join(m.kept.dir, ".seatwright")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		m.t.Fatal(err)
	}
	return m.kept.dir
}

func (m *machine) namesIn(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		m.t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// memory is what the tenants hold, and the record of runs.
func (m *machine) memory() string { return filepath.Join(m.top, ".seatwright") }

func (m *machine) leave(work string) {
	if err := os.Rename(filepath.Join(work, ".seatwright"), m.memory()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		m.t.Fatal(err)
	}
}

// fetch and keep are the artifacts of GitLab, which go by name of job and tenant.
func (m *machine) fetch(job ciJob, work string) {
	for _, name := range job.needs {
		if from, kept := m.artifacts[name]; kept {
			if err := os.CopyFS(work, os.DirFS(from)); err != nil {
				m.t.Fatal(err)
			}
		}
	}
}

func (m *machine) keep(job ciJob, work string) {
	if len(job.keeps) > 0 {
		m.upload(job.name, work, m.variables(job, job.keeps))
	}
}

// variables puts the variables of GitLab in their places.
func (m *machine) variables(job ciJob, texts []string) []string {
	var all []string
	for _, text := range texts {
		all = append(all, os.Expand(text, func(name string) string {
			if value, known := job.env[name]; known {
				return value
			}
			return m.environment()[name]
		}))
	}
	return all
}

// upload copies what is there of the paths.
func (m *machine) upload(name, work string, paths []string) {
	m.t.Helper()
	to := m.t.TempDir()
	found := 0
	for _, path := range paths {
		if text, err := os.ReadFile(filepath.Join(work, path)); err == nil {
			found++
			put(m.t, filepath.Join(to, path), string(text))
		}
	}
	delete(m.artifacts, name)
	if found > 0 {
		m.artifacts[name] = to
	}
}

// step runs one step and returns its exit status.
func (m *machine) step(job ciJob, step ciStep, work string, r *result) int {
	m.t.Helper()
	switch {
	case step.upload != "" && job.azure:
		m.artifacts[m.expand(step.upload, r)] = filepath.Join(r.side, "staging")
		return 0
	case step.upload != "":
		m.upload(m.expand(step.upload, r), work, m.expandAll(step.paths, r))
		return 0
	case step.download != "":
		from, kept := m.artifacts[m.expand(step.download, r)]
		if !kept {
			return 1
		}
		if err := os.CopyFS(m.target(work, m.expand(step.download, r), job, r), os.DirFS(from)); err != nil {
			m.t.Fatal(err)
		}
		return 0
	case step.script == "":
		return 0
	}
	return m.script(job, step, work, r)
}

// target is where a download goes.
func (m *machine) target(work, name string, job ciJob, r *result) string {
	if job.azure {
		return filepath.Join(r.side, "pipeline", name)
	}
	return work
}

func (m *machine) expandAll(texts []string, r *result) []string {
	var all []string
	for _, text := range texts {
		all = append(all, m.expand(text, r))
	}
	return all
}

// expression is what a platform puts in the place of, in a file.
var expression = regexp.MustCompile(`\$\{\{ *([^}]*?) *\}\}|\$\(([A-Za-z][A-Za-z._]*)\)`)

// expand puts values in the place of expressions. What Azure Pipelines does not know it
// leaves as it is.
func (m *machine) expand(text string, r *result) string {
	m.t.Helper()
	return expression.ReplaceAllStringFunc(text, func(found string) string {
		name := strings.Join(expression.FindStringSubmatch(found)[1:], "")
		if value, known := m.values[name]; known {
			return value
		}
		short := strings.TrimPrefix(strings.Replace(name, ".outputs.", ".", 1), "steps.")
		if value, known := r.outputs[short]; known {
			return value
		}
		switch {
		case strings.HasPrefix(found, "$("):
			return found
		case strings.HasPrefix(name, "steps."): // of a step without outputs
			return ""
		}
		m.t.Errorf("the expression %q is unknown", found)
		return ""
	})
}

// script runs a script in the way of its platform, and reads its outputs.
func (m *machine) script(job ciJob, step ciStep, work string, r *result) int {
	m.t.Helper()
	side := m.t.TempDir()
	env := map[string]string{
		"PATH": m.bin + ":" + os.Getenv("PATH"), "HOME": side, platformFile: m.platformFile(), "AZURE_CONFIG_DIR": side, "GORACE": promptly,
		"GITHUB_OUTPUT": filepath.Join(side, "output"), "GITHUB_STEP_SUMMARY": filepath.Join(side, "summary"),
		"PIPELINE_WORKSPACE": filepath.Join(r.side, "pipeline"), "BUILD_ARTIFACTSTAGINGDIRECTORY": filepath.Join(r.side, "staging"),
	}
	if err := os.MkdirAll(env["BUILD_ARTIFACTSTAGINGDIRECTORY"], 0o700); err != nil {
		m.t.Fatal(err)
	}
	for _, more := range []map[string]string{job.env, step.env} {
		for _, name := range slices.Sorted(maps.Keys(more)) {
			env[name] = m.expand(more[name], r)
			if job.gitlab {
				env[name] = m.variables(job, []string{more[name]})[0]
			}
		}
	}
	maps.Copy(env, m.environment())
	stdout, log, code := m.lines.run(m.t, job.shell, step.script, work, env)
	r.log += stdout + log
	r.summary += contents(m.t, env["GITHUB_STEP_SUMMARY"])
	for line := range strings.Lines(contents(m.t, env["GITHUB_OUTPUT"])) {
		name, value, found := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if !found {
			m.t.Errorf("%s, %s: the output %q is no output", job.name, step.name, line)
		}
		r.outputs[step.id+"."+name] = value
	}
	m.obey(job, step, stdout, r)
	return code
}

// environment are the values that are variables of the environment by themselves.
func (m *machine) environment() map[string]string {
	env := map[string]string{}
	for name, value := range m.values {
		if variable, is := strings.CutPrefix(name, "env."); is {
			env[variable] = value
		}
	}
	return env
}

// obey does what logging commands of Azure Pipelines say.
func (m *machine) obey(job ciJob, step ciStep, stdout string, r *result) {
	for _, command := range regexp.MustCompile(`(?m)^##vso\[task\.(\w+)(?: variable=(\w+);isOutput=true)?[^\]]*\](.*)$`).FindAllStringSubmatch(stdout, -1) {
		switch command[1] {
		case "setvariable":
			r.outputs[step.id+"."+command[2]] = command[3]
		case "uploadsummary":
			text := contents(m.t, command[3])
			if text == "" {
				m.t.Errorf("%s, %s: the summary %s is empty", job.name, step.name, command[3])
			}
			r.summary += text
		case "prependpath", "logissue":
		default:
			m.t.Errorf("%s, %s: %q", job.name, step.name, command[0])
		}
	}
}

// lineCount knows which lines of which scripts have been run.
type lineCount struct {
	mu  sync.Mutex
	ran map[string]map[int]bool

	top      string // folder of the project that all machines begin with
	begun    sync.Once
	template string
}

// joined is a script with lines that go on put together, as they are traced.
func joined(script string) string { return strings.ReplaceAll(script, "\\\n", " ") }

// run runs a script and notes the lines. Without a trace (dash has no line numbers) it
// is run all the same.
func (c *lineCount) run(t *testing.T, shell, script, dir string, env map[string]string) (stdout, stderr string, code int) {
	t.Helper()
	text := joined(script)
	words := strings.Fields(shell)
	file := filepath.Join(t.TempDir(), "script")
	trace, err := os.Create(file + ".trace")
	if err != nil {
		t.Fatal(err)
	}
	defer trace.Close()
	prologue := ""
	if words[0] == "bash" {
		prologue = "BASH_XTRACEFD=3; PS4='@${LINENO}@ '; set -x\n"
	}
	put(t, file, prologue+text)
	cmd := exec.CommandContext(t.Context(), words[0], append(words[1:], file)...)
	cmd.Dir, cmd.ExtraFiles = dir, []*os.File{trace}
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ran[script] == nil {
		c.ran[script] = map[int]bool{}
	}
	for _, found := range regexp.MustCompile(`(?m)^@+(\d+)@ `).FindAllStringSubmatch(contents(t, file+".trace"), -1) {
		n, _ := strconv.Atoi(found[1])
		c.ran[script][n-1] = true
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// structure is what a shell does not run by itself.
var structure = regexp.MustCompile(`^(fi|done|esac|else|\{|\}.*|;;|#.*|[^ (]+( \| [^ (]+)*\)( ;;)?( #.*)?)?$`)

// missing are the lines of a script that nothing has run.
func (c *lineCount) missing(script string) []string {
	var missing []string
	for i, line := range strings.Split(joined(script), "\n") {
		if line = strings.TrimSpace(line); !structure.MatchString(line) && !c.ran[script][i+1] {
			missing = append(missing, fmt.Sprintf("%d: %s", i+1, line))
		}
	}
	return missing
}
