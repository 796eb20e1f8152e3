package pipelines_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/slowtest"
)

// everyDay are the situations that are also tried without the slow tests, on every platform.
var everyDay = []string{
	"a pull request that a guard stops is red, and its comment says what would open it",
	"a merge is planned again and applied",
	"a night that fails is red and leaves the issue alone",
}

// TestPipelines runs the scripts of examples/ci, word for word, for everything that can
// happen to a pull request, a merge and a night, and wants no line of them to be left out.
// Without the slow tests it tries what happens every day, and counts no lines.
func TestPipelines(t *testing.T) {
	t.Parallel()
	lines := &lineCount{ran: map[string]map[int]bool{}, top: t.TempDir()}
	platforms := map[string]func(*testing.T, *lineCount) ciPlatform{"GitHub": onGitHub, "GitLab": onGitLab, "GitLab with sh": onGitLabWithSh, "Azure": onAzure}
	t.Run("platforms", func(t *testing.T) {
		for name, platform := range platforms {
			for situation, try := range situations {
				if strings.HasSuffix(name, "sh") && !strings.Contains(situation, "comment") && !strings.Contains(situation, "issue") {
					continue // those are for bash anyway
				}
				t.Run(name+"/"+situation, func(t *testing.T) {
					t.Parallel()
					if !slices.Contains(everyDay, situation) {
						slowtest.Require(t, "the other situations of examples/ci")
					}
					try(t, platform(t, lines))
				})
			}
		}
		t.Run("Kubernetes", func(t *testing.T) {
			t.Parallel()
			nightsInACluster(t, lines)
		})
		t.Run("verdicts", func(t *testing.T) {
			t.Parallel()
			verdicts(t, lines)
		})
	})
	if !slowtest.Enabled() {
		return
	}
	for name, job := range allJobs(t) {
		for _, step := range job.steps {
			for _, line := range lines.missing(step.script) {
				t.Errorf("%s, %s: nothing has run line %s", name, step.name, line)
			}
		}
	}
}

func allJobs(t *testing.T) map[string]ciJob {
	all := map[string]ciJob{}
	for platform, jobs := range map[string]map[string]ciJob{"GitHub": githubJobs(t), "GitLab": gitlabJobs(t), "Azure": azureJobs(t), "Kubernetes": kubernetesJobs(t)} {
		for name, job := range jobs {
			all[platform+" "+name] = job
		}
	}
	return all
}

// ciPlatform is a project on a platform, and what its jobs are called there. A job gets
// the outputs of those before it.
type ciPlatform struct {
	*machine
	validate, plan, comment, planToApply, apply, drift, hold, issue func(*ciPlatform) result
	open, done                                                      string   // states of an issue
	lists                                                           []string // what asks for comments, and for issues
	tellsAnyway                                                     bool     // the issue's job runs where drift failed
}

const tenantHere = "contoso"

// onGitHub knows the values that GitHub puts in the place of expressions.
func onGitHub(t *testing.T, lines *lineCount) ciPlatform {
	jobs := githubJobs(t)
	m := newMachine(t, lines)
	m.values = map[string]string{
		"matrix.tenant": tenantHere, "inputs.tenant": tenantHere, "github.base_ref": "main", "github.server_url": "https://github.com", "github.repository": "contoso/licenses",
		"github.event.pull_request.number": "7", "github.event.pull_request.head.sha": "0123456789abcdef", "github.sha": "0123456789abcdef", "github.token": "token", "github.run_id": "99", "needs.hold.outputs.reason": "", "needs.hold.result": "",
	}
	m.rename("github-actions[bot]")
	run := func(name string) func(*ciPlatform) result {
		return func(p *ciPlatform) result {
			r := p.run(jobs[name])
			for output, expression := range map[string]string{"drift.code": "needs.drift.outputs.code", "apply.exit_reason": "needs.hold.outputs.reason"} {
				if value, known := r.outputs[output]; known {
					p.values[expression] = value
				}
			}
			if name == "night-tenant hold" {
				p.values["needs.hold.result"] = map[bool]string{true: "success", false: "failure"}[r.code == 0]
			}
			return r
		}
	}
	return ciPlatform{
		machine: m, validate: run("pull-request validate"), plan: run("pull-request plan"), comment: run("pull-request comment"),
		planToApply: run("apply-tenant plan"), apply: run("apply-tenant apply"), drift: run("night-tenant drift"), hold: run("night-tenant hold"), issue: run("night-tenant issue"),
		open: "open", done: "closed", lists: []string{"issues/7/comments --jq", "issues?state=all"},
	}
}

func onGitLab(t *testing.T, lines *lineCount) ciPlatform {
	jobs := gitlabJobs(t)
	for name, job := range jobs { // with a trace, as near to sh as bash comes
		if job.shell == "sh -e" {
			job.shell = "bash --posix -e"
			jobs[name] = job
		}
	}
	return gitLabWith(t, lines, jobs)
}

func onGitLabWithSh(t *testing.T, lines *lineCount) ciPlatform {
	return gitLabWith(t, lines, gitlabJobs(t))
}

func gitLabWith(t *testing.T, lines *lineCount, jobs map[string]ciJob) ciPlatform {
	m := newMachine(t, lines)
	m.values = map[string]string{
		"env.TENANT": tenantHere, "env.CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "env.CI_PROJECT_URL": "https://gitlab.com/contoso/licenses", "env.CI_COMMIT_SHA": "0123456789abcdef",
		"env.CI_SERVER_HOST": "gitlab.com", "env.CI_MERGE_REQUEST_PROJECT_ID": "11", "env.CI_MERGE_REQUEST_IID": "7", "env.CI_PROJECT_ID": "11", "env.CI_PIPELINE_URL": "https://gitlab.com/contoso/licenses/-/pipelines/99",
	}
	m.rename("project_11_bot")
	run := func(name string) func(*ciPlatform) result {
		return func(p *ciPlatform) result { return p.run(jobs[name]) }
	}
	return ciPlatform{
		machine: m, validate: run("validate"), plan: run("plan"), comment: run("note"), planToApply: run("plan to apply"), apply: run("apply"), drift: run("drift"), hold: run("hold"), issue: run("issue"),
		open: "opened", done: "closed", lists: []string{"notes?per_page", "issues?author_id"}, tellsAnyway: true,
	}
}

func onAzure(t *testing.T, lines *lineCount) ciPlatform {
	jobs := azureJobs(t)
	m := newMachine(t, lines)
	m.values = map[string]string{
		"parameters.tenant": tenantHere, "System.AccessToken": "token", "Build.Repository.Uri": "https://contoso@dev.azure.com/contoso/p/_git/licenses", "System.PullRequest.SourceCommitId": "0123456789abcdef",
		"Build.SourceVersion": "0123456789abcdef", "env.SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main", "env.SYSTEM_PULLREQUEST_PULLREQUESTID": "7", "env.SYSTEM_COLLECTIONURI": "https://dev.azure.com/contoso/",
		"env.SYSTEM_TEAMPROJECT": "licenses", "env.SYSTEM_TEAMPROJECTID": "p-1", "env.BUILD_REPOSITORY_ID": "r-1", "env.BUILD_BUILDID": "99",
	}
	m.rename("build-service")
	run := func(name string) func(*ciPlatform) result {
		return func(p *ciPlatform) result {
			r := p.run(jobs[name])
			for output, value := range map[string]string{"changesPresent": r.outputs["plan.changesPresent"], "code": r.outputs["drift.code"], "reason": r.outputs["apply.exitReason"]} {
				if value != "" {
					p.values[output] = value
				}
			}
			if name == "night hold" {
				p.values["hold"] = map[bool]string{true: "SucceededWithIssues", false: "Failed"}[r.code == 0]
			}
			return r
		}
	}
	return ciPlatform{
		machine: m, validate: run("azure-pipelines validate"), plan: run("pull-request plan"), comment: run("pull-request comment"),
		planToApply: run("apply plan"), apply: run("apply apply"), drift: run("night drift"), hold: run("night hold"), issue: run("night item"),
		open: "To Do", done: "Done", lists: []string{"pullRequestThreads --route-parameters", "boards query"},
	}
}

func (m *machine) rename(me string) {
	p := m.platform()
	p.Me = me
	m.setPlatform(*p)
}

// want is a job that ends with a code.
func (p *ciPlatform) want(code int, job func(*ciPlatform) result) result {
	p.t.Helper()
	r := job(p)
	if r.code != code {
		p.t.Fatalf("exit %d, want %d\n%s", r.code, code, r.log)
	}
	return r
}

// comments are those of the pull request that hold a text, by their authors.
func (p *ciPlatform) comments(part string) []string {
	var authors []string
	for _, comment := range p.platform().Texts {
		if comment.Kind == "comment" && strings.Contains(comment.Body, part) {
			authors = append(authors, comment.Author)
		}
	}
	return authors
}

// calls counts what the platform was asked.
func (p *ciPlatform) calls() int { return len(p.platform().Calls) }

const planMarker = "<!-- seatwright:plan:contoso -->"

// situations are what can happen, on any platform.
var situations = map[string]func(*testing.T, ciPlatform){
	"a pull request from a fork is checked, and planned for a made-up tenant": func(t *testing.T, p ciPlatform) {
		p.ref = "change"
		p.commit("change", leavers(t, "paul", "nina"))
		if r := p.want(0, p.validate); r.summary == "" && p.artifacts["validate"] == "" {
			t.Error("the plan for the made-up tenant is not shown")
		}
		p.commit("change", leavers(t, "paul", "nina", "mario", "lara", "kim", "jonas", "ida"))
		p.want(0, p.validate) // a guard matters more in a real tenant
		p.commit("change", wrong(t, "{name: wrong, users: {upns: [missing@contoso.example]}, licenses: [SPE_E3]}"))
		p.want(3, p.validate)
	},
	"a pull request with an invalid policy is red, with the reason": func(t *testing.T, p ciPlatform) {
		p.commit("change", wrong(t, "{name: wrong}"))
		p.ref = "change"
		p.want(3, p.validate)
		p.want(3, p.plan)
		p.want(0, p.comment)
		if all := p.platform().Texts; len(all) > 0 {
			t.Errorf("there are comments: %v", all)
		}
	},
	"a pull request with changes has one comment, and a comment of another author is left alone": func(t *testing.T, p ciPlatform) {
		forged := posting{Kind: "comment", Author: "mallory", Number: 1, Body: planMarker + "\n\nlooks good"}
		p.setPlatform(platform{Me: p.platform().Me, Texts: []posting{forged, {Kind: "comment", Author: p.platform().Me, Number: 2, Body: "about something else: " + planMarker}}})
		p.commit("change", leavers(t, "paul", "nina"))
		p.ref = "change"
		p.want(0, p.plan)
		p.want(0, p.comment)
		if authors := p.comments("Removals (1)"); !slices.Equal(authors, []string{p.platform().Me}) {
			t.Fatalf("comments of %q: %v", authors, p.platform().Texts)
		}
		p.commit("change", leavers(t, "paul", "nina", "mario"))
		p.want(0, p.plan)
		p.want(0, p.comment)
		if p.comments("Removals (1)") != nil || len(p.comments("Removals (2)")) != 1 || len(p.platform().Texts) != 3 || p.platform().Texts[0] != forged {
			t.Errorf("the comment was not brought up to date: %v", p.platform().Texts)
		}
		if text := p.platform().Texts[2].Body; strings.Contains(text, "@contoso") || !strings.HasPrefix(text, planMarker) {
			t.Errorf("the comment names people, or has no marker: %s", text)
		}
	},
	"a pull request without changes has no comment, and one that had some is updated": func(t *testing.T, p ciPlatform) {
		p.settle()
		p.commit("change", func(dir string) { put(t, filepath.Join(dir, "README.md"), "Licenses.\n") })
		p.ref = "change"
		p.want(0, p.plan)
		p.want(0, p.comment)
		if all := p.platform().Texts; len(all) > 0 {
			t.Fatalf("there are comments: %v", all)
		}
		p.setPlatform(platform{Me: p.platform().Me, Texts: []posting{{Kind: "comment", Author: p.platform().Me, Number: 1, Body: planMarker + "\n\n3 removals."}}})
		p.want(0, p.plan)
		p.want(0, p.comment)
		if len(p.comments("Nothing to do.")) != 1 || len(p.platform().Texts) != 1 {
			t.Errorf("the comment is not up to date: %v", p.platform().Texts)
		}
	},
	"a pull request that a guard stops is red, and its comment says what would open it": func(t *testing.T, p ciPlatform) {
		p.commit("change", leavers(t, "paul", "nina", "mario", "lara", "kim", "jonas", "ida"))
		p.ref = "change"
		p.want(5, p.plan)
		p.want(0, p.comment)
		if len(p.comments("or add this line to `waivers.yaml`")) != 1 {
			t.Errorf("no comment has the waiver: %v", p.platform().Texts)
		}
	},
	"a merge is planned again and applied": func(t *testing.T, p ciPlatform) {
		p.commit("main", leavers(t, "paul", "nina"))
		p.want(0, p.planToApply)
		before := p.calls()
		r := p.want(0, p.apply)
		if calls := p.platform().Calls[before:]; len(calls) > 0 {
			t.Errorf("the job that writes to the tenant also called %q", calls)
		}
		if strings.Contains(r.log, "@contoso") {
			t.Errorf("the log names people: %s", r.log)
		}
		p.want(0, p.planToApply)
		if !p.nothingToDo(p.want(0, p.planToApply)) {
			t.Error("a second plan has changes")
		}
		p.want(0, p.apply)
	},
	"a merge that a guard stops is red before approval": func(t *testing.T, p ciPlatform) {
		p.commit("main", leavers(t, "paul", "nina", "mario", "lara", "kim", "jonas", "ida"))
		p.want(5, p.planToApply)
	},
	"one issue follows the drift of a tenant": func(t *testing.T, p ciPlatform) {
		others := []posting{
			{Kind: "issue", Author: "mallory", Number: 1, Body: nightMarker, Title: nightTag, State: p.open},
			{Kind: "issue", Author: p.platform().Me, Number: 2, Body: "about something else", Title: "else", State: p.open},
		}
		p.setPlatform(platform{Me: p.platform().Me, Texts: others})
		p.settle()
		p.night(0, 0)
		if all := p.platform().Texts; !slices.Equal(all, others) {
			t.Errorf("a quiet night opens an issue: %v", all)
		}
		takeFromCarla := func() {
			p.somebody("POST", "/users/carla@contoso.example/assignLicense", `{"addLicenses": [], "removeLicenses": ["05e9a617-0261-4cee-bb44-138d3ef5d965"]}`)
		}
		takeFromCarla()
		p.night(2, 0)
		first := p.theIssue(p.open)
		p.night(0, 0)
		p.theIssue(p.done)
		takeFromCarla()
		p.drifted(2)
		p.want(0, p.issue) // nothing is put right
		p.theIssue(p.open)
		p.drifted(2)
		p.want(0, p.issue)
		again := p.theIssue(p.open)
		if all := p.platform().Texts; len(all) != 3 || !slices.Equal(all[:2], others) || again.Number != first.Number {
			t.Errorf("issues: %v", all)
		}
		if strings.Contains(again.Body, "@contoso") || !strings.Contains(again.Body, "c36337ce") && !strings.Contains(again.Body, "SPE_E3") {
			t.Errorf("the issue names people, or not what drifted: %s", again.Body)
		}
	},
	"an issue stays open while a guard holds something": func(t *testing.T, p ciPlatform) {
		p.commit("main", leavers(t, "paul", "nina"))
		p.settle()
		for _, name := range []string{"paul", "nina"} {
			p.somebody("POST", "/users/"+name+"@contoso.example/assignLicense", `{"addLicenses": [{"skuId": "c5928f49-12ba-48f7-ada3-0d743a3601d5"}], "removeLicenses": []}`)
		}
		p.night(2, 2)
		p.theIssue(p.open)
		p.drift(&p)
		p.hold(&p)
		p.want(0, p.issue)
		p.theIssue(p.open)
	},
	"an issue is not closed by a run that failed": func(t *testing.T, p ciPlatform) {
		p.settle()
		p.somebody("POST", "/users/carla@contoso.example/assignLicense", `{"addLicenses": [], "removeLicenses": ["05e9a617-0261-4cee-bb44-138d3ef5d965"]}`)
		p.night(2, 0)
		p.theIssue(p.open)
		lock := p.lockOut()
		p.drifted(0)
		if r := p.hold(&p); r.code == 0 || r.allowed {
			t.Fatalf("exit %d without a lock\n%s", r.code, r.log)
		}
		p.want(0, p.issue)
		p.theIssue(p.open)
		if err := os.Remove(lock); err != nil {
			t.Fatal(err)
		}
		p.night(0, 0)
		p.theIssue(p.done)
	},
	"a night that fails is red and leaves the issue alone": func(t *testing.T, p ciPlatform) {
		p.commit("main", wrong(t, "{name: wrong}"))
		p.want(3, p.drift)
		if p.tellsAnyway {
			before := p.calls()
			p.want(0, p.issue)
			if calls := p.platform().Calls[before:]; len(calls) > 0 {
				t.Errorf("it called %q", calls)
			}
		}
	},
	"a comment or an issue that cannot be looked for is no reason for a second": func(t *testing.T, p ciPlatform) {
		p.commit("change", leavers(t, "paul", "nina"))
		p.want(0, p.drift) // with nothing on record there is no news, and an issue to close
		p.ref = "change"
		p.want(0, p.plan)
		ours := []posting{{Kind: "issue", Author: p.platform().Me, Number: 1, Body: nightMarker, Title: nightTag, State: p.open}}
		for i, job := range []func(*ciPlatform) result{p.comment, p.issue} {
			p.setPlatform(platform{Me: p.platform().Me, Texts: ours, Down: p.lists[i]})
			if r := job(&p); r.code == 0 || !slices.Equal(p.platform().Texts, ours) {
				t.Errorf("exit %d, and there is %v\n%s", r.code, p.platform().Texts, r.log)
			}
		}
	},
	"a crash is not taken for drift": func(t *testing.T, p ciPlatform) {
		crashing := filepath.Join(p.bin, "seatwright")
		put(t, crashing, "#!/bin/sh\nexit 2\n")
		if err := os.Chmod(crashing, 0o700); err != nil {
			t.Fatal(err)
		}
		p.want(1, p.drift)
		if r := p.hold(&p); r.code == 0 && !strings.Contains(r.log, "error") {
			t.Errorf("the run is green\n%s", r.log)
		}
	},
	"a merge that a guard stops only when it is applied is red": func(t *testing.T, p ciPlatform) {
		p.want(0, p.planToApply)
		p.commit("main", leavers(t, "paul", "nina", "mario", "lara", "kim", "jonas", "ida"))
		p.want(5, p.apply)
	},
}

const (
	nightMarker = "<!-- seatwright:night:contoso -->\n"
	nightTag    = "seatwright-night-contoso " // in Azure Boards
)

// lockOut puts a folder where a run has its lock, so that none can begin.
func (p *ciPlatform) lockOut() string {
	p.t.Helper()
	locks, err := filepath.Glob(filepath.Join(p.memory(), "runs", "lock-*"))
	if err != nil || len(locks) != 1 {
		p.t.Fatalf("locks: %q, %v", locks, err)
	}
	if err := errors.Join(os.Remove(locks[0]), os.Mkdir(locks[0], 0o700)); err != nil {
		p.t.Fatal(err)
	}
	return locks[0]
}

// night is drift, what puts it right, and the issue. Held is how a run ends that had to
// leave something.
func (p *ciPlatform) night(drift, held int) {
	p.t.Helper()
	p.drifted(drift)
	if r := p.hold(p); r.code != held && (r.code != 0 || !strings.Contains(r.log, "warning")) || r.code != 0 && !r.allowed {
		p.t.Fatalf("it was put right with exit %d, want %d\n%s", r.code, held, r.log)
	}
	p.want(0, p.issue)
}

// drifted wants the job to go well, and to tell how drift ended.
func (p *ciPlatform) drifted(code int) {
	p.t.Helper()
	r := p.want(0, p.drift)
	reported := r.outputs["drift.code"]
	if kept := p.artifacts["drift"]; kept != "" {
		reported = strings.TrimSpace(contents(p.t, filepath.Join(kept, "drift-"+tenantHere+".code")))
	}
	if reported != fmt.Sprint(code) {
		p.t.Fatalf("drift ended with %q, want %d\n%s", reported, code, r.log)
	}
}

// theIssue is the one issue of ours about the tenant's nights.
func (p *ciPlatform) theIssue(state string) posting {
	p.t.Helper()
	var ours []posting
	for _, issue := range p.platform().Texts {
		if issue.Author == p.platform().Me && (strings.HasPrefix(issue.Body, nightMarker) || strings.HasPrefix(issue.Title, nightTag)) {
			ours = append(ours, issue)
		}
	}
	if len(ours) != 1 || ours[0].State != state {
		p.t.Fatalf("issues: %v, want one that is %q", ours, state)
	}
	return ours[0]
}

// wrong is a change that adds a policy.
func wrong(t *testing.T, policy string) func(string) {
	return func(dir string) { put(t, filepath.Join(dir, "policies", "wrong.yaml"), "policies: ["+policy+"]\n") }
}

// settle applies what main wants.
func (p *ciPlatform) settle() {
	p.t.Helper()
	p.want(0, p.planToApply)
	p.want(0, p.apply)
}

// nothingToDo reads the outputs of the planning job.
func (p *ciPlatform) nothingToDo(r result) bool {
	if kept := p.artifacts["plan to apply"]; kept != "" {
		return strings.Contains(contents(p.t, filepath.Join(kept, "outputs-"+tenantHere)), "changes=false\n")
	}
	return r.outputs["plan.changes"]+r.outputs["plan.changesPresent"] == "false"
}

// another writer changes the tenant behind the policies' back.
func (m *machine) somebody(method, path, body string) {
	m.t.Helper()
	file := m.git(m.origin, "show", "main:"+tenantHere+".yaml")
	tenant, err := sandbox.Parse("tenant.yaml", []byte(file))
	if err != nil {
		m.t.Fatal(err)
	}
	overlay := filepath.Join(m.memory(), "sandbox", tenantHere+".yaml.json")
	if kept := contents(m.t, overlay); kept != "" {
		if err := tenant.Restore([]byte(kept)); err != nil {
			m.t.Fatal(err)
		}
	}
	request := httptest.NewRequest(method, "http://127.0.0.1/v1.0"+path, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	tenant.Handler(sandbox.Options{}).ServeHTTP(answer, request)
	if answer.Code >= http.StatusBadRequest {
		m.t.Fatalf("%s %s: %d %s", method, path, answer.Code, answer.Body)
	}
	put(m.t, overlay, string(tenant.Overlay()))
}

// nightsInACluster runs what the pods run, each in a checkout of its own.
func nightsInACluster(t *testing.T, lines *lineCount) {
	jobs := kubernetesJobs(t)
	for index, name := range []string{"cronjob", "indexed-job"} {
		m := newMachine(t, lines)
		pod := m.with(map[string]string{"env.REPOSITORY": m.origin, "env.JOB_COMPLETION_INDEX": fmt.Sprint(index)})
		tenant := []string{"contoso", "fabrikam"}[index]
		r := pod.run(jobs[name])
		if r.code != 0 || !strings.Contains(r.log, "for tenant "+tenant) || !strings.Contains(r.log, "3 steps of 3 confirmed") || strings.Contains(r.log, "@contoso") {
			t.Errorf("%s: exit %d\n%s", name, r.code, r.log)
		}
		m.commit("main", leavers(t, "paul", "nina", "mario", "lara", "kim", "jonas", "ida"))
		if r := pod.run(jobs[name]); r.code != 2 || !strings.Contains(r.log, "exit_reason: guard_held (2)") {
			t.Errorf("%s: a guard that holds something ends it with %d\n%s", name, r.code, r.log)
		}
		m.commit("main", wrong(t, "{name: wrong}"))
		if r := pod.run(jobs[name]); r.code != 3 {
			t.Errorf("%s: an invalid policy ends it with %d", name, r.code)
		}
	}
}

// verdicts runs the scripts that turn the exit code of a run with continueOnError into a result.
func verdicts(t *testing.T, lines *lineCount) {
	ways := []struct {
		code   string // "": it has no output
		want   int
		expect string
	}{
		{"0", 0, ""}, {"2", 0, "warning"}, {"5", 5, "a guard"}, {"8", 8, "steps_failed"}, {"130", 130, "steps_failed"}, {"", 1, "before there was anything to carry out"},
	}
	github, azure := onGitHub(t, lines), onAzure(t, lines)
	for name, run := range map[string]struct {
		ciPlatform
		job          ciJob
		code, reason string // the expressions
	}{
		"GitHub, merge": {github, githubJobs(t)["apply-tenant apply"], "steps.apply.outputs.exit_code", "steps.apply.outputs.exit_reason"},
		"GitHub, night": {github, githubJobs(t)["night-tenant hold"], "steps.apply.outputs.exit_code", "steps.apply.outputs.exit_reason"},
		"Azure":         {azure, azureJobs(t)["apply apply"], "apply.exitCode", "apply.exitReason"},
	} {
		at := slices.IndexFunc(run.job.steps, func(s ciStep) bool { return s.name == "Verdict" })
		for _, way := range ways {
			m := run.machine
			if way.code != "" {
				m = m.with(map[string]string{run.code: way.code, run.reason: "steps_failed"})
			}
			job := run.job
			job.steps = job.steps[at : at+1]
			if r := m.run(job); r.code != way.want || !strings.Contains(r.log, way.expect) {
				t.Errorf("%s: exit %q is taken for %d, want %d\n%s", name, way.code, r.code, way.want, r.log)
			}
		}
	}
}
