package pipelines_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestThePipelinesGiveNothingAway holds the files of examples/ci to what keeps a pull
// request from more than it may have.
func TestThePipelinesGiveNothingAway(t *testing.T) {
	t.Parallel()
	seen := 0
	err := filepath.WalkDir(ciExamples, func(file string, _ os.DirEntry, err error) error {
		if law := ciLaw(file); err == nil && law != nil {
			seen++
			for _, breach := range law(contents(t, file)) {
				t.Errorf("%s: %s", file, breach)
			}
		}
		return err
	})
	if err != nil || seen < 12 {
		t.Errorf("%d files were looked at: %v", seen, err)
	}
}

// ciLaw is what a file of examples/ci is held to.
func ciLaw(file string) func(string) []string {
	file = filepath.ToSlash(file)
	switch {
	case strings.Contains(file, "/.github/workflows/"):
		return githubBreaches
	case strings.HasSuffix(file, ".gitlab-ci.yml"):
		return gitlabBreaches
	case strings.HasSuffix(file, "azure-pipelines.yml"), strings.Contains(file, "/azure/"):
		return azureBreaches
	case strings.Contains(file, "/kubernetes/"):
		return kubernetesBreaches
	}
	return nil
}

// breachList collects what is wrong.
type breachList []string

func (b *breachList) add(wrong bool, format string, args ...any) {
	if wrong {
		*b = append(*b, fmt.Sprintf(format, args...))
	}
}

// applies are the lines of scripts that write to a tenant.
var applies = regexp.MustCompile(`(?m)^.*\bseatwright\b.* apply .*$`)

// scriptBreaches are those of any script: a shell does not hand a signal on.
func scriptBreaches(job, script string, b *breachList) {
	for _, line := range applies.FindAllString(joined(script), -1) {
		b.add(!strings.HasPrefix(strings.TrimSpace(line), "exec "), "%s: a signal does not reach %q", job, strings.TrimSpace(line))
	}
}

var (
	pinnedAction = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)
	secretNames  = regexp.MustCompile(`(?i)\bsecrets\b|secret|password|client_?assertion|private_?key`)
)

// parseYAML reads one document, or reports that it is not one.
func parseYAML(source string, b *breachList) map[string]any {
	var document map[string]any
	err := yaml.Unmarshal([]byte(source), &document)
	b.add(err != nil || document == nil, "it is no YAML mapping: %v", err)
	return document
}

// githubBreaches are those of a workflow.
func githubBreaches(source string) []string {
	var b breachList
	file := parseYAML(source, &b)
	b.add(strings.Contains(source, "pull_request_target:"), "pull_request_target hands secrets to the code of strangers")
	b.add(strings.Contains(fmt.Sprint(file["on"]), "workflow_dispatch"), "workflow_dispatch runs on any branch")
	permissions, set := file["permissions"]
	b.add(!set || fmt.Sprint(permissions) != "map[]", "permissions on top are %v, want {}", permissions)
	request, pull := mapping(file["on"])["pull_request"]
	b.add(pull && !slices.Equal(strs(mapping(request)["branches"]), []string{"main"}), "pull requests to any branch, which has settings of its own")
	for name, value := range mapping(file["jobs"]) {
		githubJobBreaches(name, mapping(value), pull, &b)
	}
	return b
}

func githubJobBreaches(name string, job map[string]any, pull bool, b *breachList) {
	may := texts(job["permissions"])
	all := fmt.Sprint(job)
	b.add(len(may) == 0, "%s: no permissions of its own", name)
	b.add(strings.Contains(all, "secrets"), "%s: secrets; sign in by OIDC", name)
	b.add(may["contents"] == "write" || may["actions"] == "write", "%s: may write to the repository", name)
	b.add(may["id-token"] != "" && strings.Contains(all, "github.token"), "%s: signs in and holds a token of the platform", name)
	writes := strings.Contains(all, " apply ")
	if job["uses"] == nil {
		b.add(job["timeout-minutes"] == nil, "%s: no timeout", name)
		b.add(writes && job["environment"] == nil, "%s: writes outside of an environment", name)
		b.add(writes && mapping(job["concurrency"])["cancel-in-progress"] != false, "%s: a run can be cut off by the next", name)
	}
	if pull {
		b.add(writes || job["environment"] != nil, "%s: a pull request that can write", name)
		b.add(secretNames.MatchString(all), "%s: a pull request with a secret", name)
		b.add(may["id-token"] != "" && text(job["if"]) != "github.event.pull_request.head.repo.full_name == github.repository", "%s: forks may sign in", name)
	}
	for _, value := range list(job["steps"]) {
		githubStepBreaches(name, mapping(value), b)
	}
}

func githubStepBreaches(job string, step map[string]any, b *breachList) {
	uses, with := text(step["uses"]), mapping(step["with"])
	scriptBreaches(job, text(step["run"]), b)
	b.add(strings.Contains(text(step["run"]), "${{"), "%s: an expression in a script: %s", job, text(step["run"]))
	b.add(uses != "" && !pinnedAction.MatchString(uses), "%s: %s is not pinned by hash", job, uses)
	b.add(strings.HasPrefix(uses, "actions/checkout@") && with["persist-credentials"] != false, "%s: the checkout keeps its token", job)
	b.add(strings.HasPrefix(uses, "actions/setup-go@") && with["cache"] != false, "%s: a cache that pull requests write to", job)
	days, _ := with["retention-days"].(int)
	b.add(strings.HasPrefix(uses, "actions/upload-artifact@") && (days < 1 || days > 5), "%s: an artifact is kept for %v days", job, with["retention-days"])
}

// gitlabBreaches are those of a .gitlab-ci.yml.
func gitlabBreaches(source string) []string {
	var b breachList
	file := parseYAML(source, &b)
	for _, rule := range list(mapping(file["workflow"])["rules"]) {
		when := text(mapping(rule)["if"])
		b.add(strings.Contains(when, "merge_request_event") && !strings.Contains(when, "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME == $CI_DEFAULT_BRANCH"), "merge requests to any branch, which has settings of its own")
	}
	for name := range file {
		job := gitlabKeys(file, name)
		if strings.HasPrefix(name, ".") || job["script"] == nil {
			continue
		}
		all, rules := fmt.Sprint(job), fmt.Sprint(job["rules"])
		script := strings.Join(slices.Concat(strs(job["before_script"]), strs(job["script"])), "\n")
		pull, writes, signs := strings.Contains(rules, "merge_request_event"), strings.Contains(script, " apply "), job["id_tokens"] != nil
		scriptBreaches(name, script, &b)
		b.add(job["rules"] == nil, "%s: runs whenever", name)
		b.add(job["timeout"] == nil, "%s: no timeout", name)
		b.add(pull && (writes || job["environment"] != nil), "%s: a merge request that can write", name)
		b.add(pull && secretNames.MatchString(all), "%s: a merge request with a secret", name)
		b.add(pull && (signs || strings.Contains(all, "GITLAB_TOKEN")) && !strings.Contains(rules, "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID"), "%s: forks may sign in", name)
		b.add(signs && strings.Contains(all, "GITLAB_TOKEN"), "%s: signs in and holds a token of the platform", name)
		b.add(writes && (text(job["resource_group"]) == "" || job["environment"] == nil || job["interruptible"] != false), "%s: a run can be cut off by the next, or is outside of an environment", name)
		b.add(signs && text(mapping(job["artifacts"])["access"]) != "developer", "%s: all users may read the artifacts", name)
	}
	return b
}

var azureMacro = regexp.MustCompile(`\$\([A-Za-z][\w.]*\)|\$\{\{|\$\[`)

// azureBreaches are those of a pipeline, or of a template of one.
func azureBreaches(source string) []string {
	var b breachList
	file := parseYAML(source, &b)
	if list(file["stages"]) == nil {
		azureStepBreaches("template", list(file["steps"]), &b)
		return b
	}
	for _, value := range list(file["stages"]) {
		stage := mapping(value)
		condition := text(stage["condition"])
		pull := strings.Contains(condition, "'PullRequest'")
		for _, value := range list(stage["jobs"]) {
			job := mapping(value)
			name := text(job["job"]) + text(job["deployment"])
			all := fmt.Sprint(job)
			writes := strings.Contains(all, " apply ")
			b.add(job["timeoutInMinutes"] == nil, "%s: no timeout", name)
			b.add(writes && (text(job["deployment"]) == "" || job["environment"] == nil || text(stage["lockBehavior"]) != "sequential"), "%s: writes outside of an environment, or beside another run", name)
			b.add(pull && (writes || strings.Contains(all, "seatwright-write")), "%s: a pull request that can write", name)
			b.add(pull && secretNames.MatchString(all), "%s: a pull request with a secret", name)
			b.add(pull && strings.Contains(all, "System.AccessToken") && !strings.Contains(condition, "ne(variables['System.PullRequest.IsFork'], 'True')"), "%s: forks may sign in", name)
			b.add(strings.Contains(all, "azureSubscription") && strings.Contains(all, "AZURE_DEVOPS_EXT_PAT"), "%s: signs in and holds a token of the platform", name)
			azureStepBreaches(name, list(job["steps"]), &b)
			azureStepBreaches(name, list(mapping(mapping(mapping(job["strategy"])["runOnce"])["deploy"])["steps"]), &b)
		}
	}
	return b
}

func azureStepBreaches(job string, steps []any, b *breachList) {
	for _, value := range steps {
		step := mapping(value)
		script := text(step["bash"]) + text(step["script"]) + text(mapping(step["inputs"])["inlineScript"])
		scriptBreaches(job, script, b)
		b.add(azureMacro.MatchString(script), "%s: an expression in a script: %s", job, azureMacro.FindString(script))
		b.add(text(step["checkout"]) == "self" && step["persistCredentials"] != false, "%s: the checkout keeps its token", job)
	}
}

// kubernetesBreaches are those of manifests.
func kubernetesBreaches(source string) []string {
	var b breachList
	for document := range strings.SplitSeq(source, "\n---\n") {
		object := parseYAML(document, &b)
		if text(object["kind"]) != "CronJob" {
			continue
		}
		spec := mapping(object["spec"])
		job := mapping(mapping(spec["jobTemplate"])["spec"])
		pod := mapping(mapping(job["template"])["spec"])
		b.add(text(spec["concurrencyPolicy"]) != "Forbid", "a run can be cut off by the next")
		b.add(job["activeDeadlineSeconds"] == nil, "no timeout")
		b.add(pod["automountServiceAccountToken"] != false, "the pod may talk to the cluster")
		b.add(mapping(pod["securityContext"])["runAsNonRoot"] != true, "it may run as root")
		b.add(text(pod["serviceAccountName"]) == "" || text(pod["serviceAccountName"]) == "default", "it has no service account of its own")
		for _, value := range list(pod["containers"]) {
			container := mapping(value)
			scriptBreaches("seatwright", strings.Join(strs(container["args"]), "\n"), &b)
			b.add(!regexp.MustCompile(`@sha256:[0-9a-f]{64}$`).MatchString(text(container["image"])), "the image %s is not pinned by digest", text(container["image"]))
			b.add(mapping(container["securityContext"])["allowPrivilegeEscalation"] != false, "it may gain privileges")
			b.add(secretNames.MatchString(fmt.Sprint(container["env"])) && strings.Contains(fmt.Sprint(container["env"]), "secretKeyRef"), "a secret in the environment")
		}
	}
	return b
}

// plantedBreaches are changes that would break a rule: one thing in the place of
// another, and what the law then has to say.
var plantedBreaches = []struct{ name, file, old, planted, want string }{
	{"pull_request_target", ".github/workflows/pull-request.yml", "  pull_request: #", "  pull_request_target: #", "code of strangers"},
	{"pull requests to any branch", ".github/workflows/pull-request.yml", "    branches: [main]", "    # [main]", "to any branch"},
	{"GitLab: merge requests to any branch", ".gitlab-ci.yml", " && $CI_MERGE_REQUEST_TARGET_BRANCH_NAME == $CI_DEFAULT_BRANCH", "", "to any branch"},
	{"a workflow that runs on any branch", ".github/workflows/apply.yml", "on:\n", "on:\n  workflow_dispatch:\n", "any branch"},
	{"permissions on top", ".github/workflows/night.yml", "permissions: {}\n", "permissions: write-all\n", "want {}"},
	{"no permissions on top", ".github/workflows/apply.yml", "permissions: {}\n", "", "want {}"},
	{"a job without permissions", ".github/workflows/pull-request.yml", "    permissions:\n      pull-requests: write\n", "", "comment: no permissions"},
	{"an expression in a script", ".github/workflows/pull-request.yml", `seatwright --tenant "$TENANT" plan`, `seatwright --tenant ${{ matrix.tenant }} plan`, "an expression in a script"},
	{"an action by its tag", ".github/workflows/night-tenant.yml", "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683", "actions/checkout@v4", "not pinned"},
	{"an action by a short hash", ".github/workflows/night-tenant.yml", "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683", "actions/checkout@11bd719", "not pinned"},
	{"a checkout with its token", ".github/workflows/apply-tenant.yml", "persist-credentials: false", "persist-credentials: true", "keeps its token"},
	{"a cache", ".github/workflows/pull-request.yml", "          cache: false\n", "", "a cache"},
	{"a secret in a pull request", ".github/workflows/pull-request.yml", "          TENANT: ${{ matrix.tenant }}\n", "          TENANT: ${{ matrix.tenant }}\n          AZURE_CLIENT_SECRET: ${{ secrets.WRITER }}\n", "plan: secrets"},
	{"an inherited secret", ".github/workflows/apply.yml", "    with:\n", "    secrets: inherit\n    with:\n", "tenant: secrets"},
	{"forks that sign in", ".github/workflows/pull-request.yml", "    if: github.event.pull_request.head.repo.full_name == github.repository\n", "", "plan: forks"},
	{"a pull request that writes", ".github/workflows/pull-request.yml", "seatwright show plan.json --format github\n", "seatwright apply plan.json\n", "plan: a pull request that can write"},
	{"a pull request in an environment", ".github/workflows/pull-request.yml", "    needs: validate\n", "    needs: validate\n    environment: apply-contoso\n", "plan: a pull request that can write"},
	{"comments by who signs in", ".github/workflows/pull-request.yml", "          TENANT: ${{ matrix.tenant }}\n", "          TENANT: ${{ matrix.tenant }}\n          GH_TOKEN: ${{ github.token }}\n", "plan: signs in and holds"},
	{"a job without a timeout", ".github/workflows/night-tenant.yml", "    timeout-minutes: 60\n", "", "drift: no timeout"},
	{"a run that is cut off", ".github/workflows/apply-tenant.yml", "cancel-in-progress: false", "cancel-in-progress: true", "cut off"},
	{"a run outside of an environment", ".github/workflows/apply-tenant.yml", "    environment: apply-${{ inputs.tenant }}\n", "", "outside of an environment"},
	{"an artifact for ever", ".github/workflows/apply-tenant.yml", "          retention-days: 5 # and", "          # and", "an artifact is kept"},
	{"a signal that ends with the shell", ".github/workflows/apply-tenant.yml", `exec seatwright --tenant "$TENANT" apply`, `seatwright --tenant "$TENANT" apply`, "apply: a signal does not reach"},
	{"GitLab: a signal that ends with the shell", ".gitlab-ci.yml", `- exec seatwright`, `- time seatwright`, "apply: a signal does not reach"},
	{"Azure: a signal that ends with the shell", "azure/night.yml", `exec seatwright`, `seatwright`, "hold: a signal does not reach"},
	{"Kubernetes: a signal that ends with the shell", "kubernetes/cronjob.yaml", `exec seatwright`, `seatwright`, "a signal does not reach"},
	{"GitLab: a merge request that writes", ".gitlab-ci.yml", "seatwright show plan.json --format gitlab > ", "seatwright --tenant x apply --auto-approve > ", "plan: a merge request that can write"},
	{"GitLab: a merge request with a secret", ".gitlab-ci.yml", "  variables:\n    TARGET:", "  variables:\n    AZURE_CLIENT_SECRET: $WRITER\n    TARGET:", "plan: a merge request with a secret"},
	{"GitLab: forks that sign in", ".gitlab-ci.yml", " && $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID\n", "\n", "plan: forks"},
	{"GitLab: forks that comment", ".gitlab-ci.yml", " && $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID && $GITLAB_TOKEN", " && $GITLAB_TOKEN", "note: forks"},
	{"GitLab: notes by who signs in", ".gitlab-ci.yml", "    - if: $CI_PIPELINE_SOURCE == \"push\"\n  script:", "    - if: $CI_PIPELINE_SOURCE == \"push\" && $GITLAB_TOKEN\n  script:", "holds a token of the platform"},
	{"GitLab: two runs at a time", ".gitlab-ci.yml", "  resource_group: seatwright-$TENANT #", "  #", "apply: a run can be cut off"},
	{"GitLab: artifacts for all users", ".gitlab-ci.yml", "    access: developer\n", "", "all users may read"},
	{"GitLab: a job that runs whenever", ".gitlab-ci.yml", "  rules:\n    - if: $CI_PIPELINE_SOURCE == \"merge_request_event\"\n  script:", "  script:", "validate: runs whenever"},
	{"GitLab: a job without a timeout", ".gitlab-ci.yml", "  timeout: 10 minutes\n", "", "no timeout"},
	{"Azure: an expression in a script", "azure/pull-request.yml", `seatwright --tenant "$TENANT" plan`, `seatwright --tenant ${{ parameters.tenant }} plan`, "an expression in a script"},
	{"Azure: a macro in a script", "azure/verdict.yml", `case "$EXIT_CODE" in`, `case "$(apply.exitCode)" in`, "an expression in a script"},
	{"Azure: a pull request with the writing connection", "azure/pull-request.yml", "seatwright-read-", "seatwright-write-", "plan: a pull request that can write"},
	{"Azure: forks that sign in", "azure/pull-request.yml", ", ne(variables['System.PullRequest.IsFork'], 'True'))", ")", "plan: forks"},
	{"Azure: a run outside of an environment", "azure/night.yml", "        environment: night-", "        # night-", "outside of an environment"},
	{"Azure: two runs at a time", "azure/apply.yml", "    lockBehavior: sequential", "    #", "beside another run"},
	{"Azure: a job without a timeout", "azure/night.yml", "        timeoutInMinutes: 60\n", "", "drift: no timeout"},
	{"Azure: a checkout with its token", "azure-pipelines.yml", "            persistCredentials: false\n", "", "keeps its token"},
	{"Azure: comments by who signs in", "azure/pull-request.yml", "              SYSTEM_ACCESSTOKEN: $(System.AccessToken)", "              AZURE_DEVOPS_EXT_PAT: $(System.AccessToken)", "plan: signs in and holds"},
	{"Kubernetes: an image by its tag", "kubernetes/cronjob.yaml", "@sha256:0000000000000000000000000000000000000000000000000000000000000000", ":latest", "not pinned"},
	{"Kubernetes: a run that is cut off", "kubernetes/indexed-job.yaml", "concurrencyPolicy: Forbid", "concurrencyPolicy: Replace", "cut off"},
	{"Kubernetes: a token of the cluster", "kubernetes/cronjob.yaml", "automountServiceAccountToken: false", "automountServiceAccountToken: true", "talk to the cluster"},
	{"Kubernetes: no timeout", "kubernetes/cronjob.yaml", "      activeDeadlineSeconds: 21600\n", "", "no timeout"},
	{"Kubernetes: root", "kubernetes/cronjob.yaml", "runAsNonRoot: true", "runAsNonRoot: false", "as root"},
	{"no YAML", "azure/install.yml", "steps:", "steps: [", "no YAML"},
}

func TestWhatGivesSomethingAwayIsFound(t *testing.T) {
	t.Parallel()
	for _, c := range plantedBreaches {
		file := filepath.Join(ciExamples, filepath.FromSlash(c.file))
		source := contents(t, file)
		if !strings.Contains(source, c.old) {
			t.Errorf("%s: %s has no %q to be replaced", c.name, c.file, c.old)
			continue
		}
		breaches := ciLaw(file)(strings.Replace(source, c.old, c.planted, 1))
		if !slices.ContainsFunc(breaches, func(breach string) bool { return strings.Contains(breach, c.want) }) {
			t.Errorf("%s: found %q, want %q", c.name, breaches, c.want)
		}
	}
}
