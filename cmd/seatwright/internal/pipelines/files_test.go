package pipelines_test

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The jobs of examples/ci, read out of the files of each platform.

// githubJobs are the jobs of all workflows, by "FILE JOB".
func githubJobs(t *testing.T) map[string]ciJob {
	t.Helper()
	jobs := map[string]ciJob{}
	files, err := filepath.Glob(filepath.Join(ciExamples, ".github", "workflows", "*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		workflow := readYAML(t, file)
		for name, value := range mapping(workflow["jobs"]) {
			job := ciJob{name: name, shell: "bash -e", env: texts(workflow["env"])}
			for _, value := range list(mapping(value)["steps"]) {
				step := mapping(value)
				uses, with := text(step["uses"]), texts(step["with"])
				s := ciStep{id: text(step["id"]), name: text(step["name"]), condition: text(step["if"]), script: text(step["run"]), env: texts(step["env"]), goOn: step["continue-on-error"] == true}
				switch action, _, _ := strings.Cut(uses, "@"); action {
				case "actions/checkout":
					job.checkout = true
				case "actions/upload-artifact":
					s.upload, s.paths = with["name"], strings.Fields(with["path"])
				case "actions/download-artifact":
					s.download = with["name"]
				}
				job.steps = append(job.steps, s)
			}
			jobs[strings.TrimSuffix(filepath.Base(file), ".yml")+" "+name] = job
		}
	}
	return jobs
}

// gitlabJobs are the jobs of .gitlab-ci.yml.
func gitlabJobs(t *testing.T) map[string]ciJob {
	t.Helper()
	file := readYAML(t, filepath.Join(ciExamples, ".gitlab-ci.yml"))
	jobs := map[string]ciJob{}
	for name := range file {
		keys := gitlabKeys(file, name)
		if keys["script"] == nil || strings.HasPrefix(name, ".") {
			continue
		}
		job := ciJob{name: name, gitlab: true, shell: "bash -eo pipefail", checkout: true, env: map[string]string{}}
		maps.Copy(job.env, texts(file["variables"]))
		maps.Copy(job.env, texts(keys["variables"]))
		if text(keys["image"]) == "alpine:3.22" { // has no bash
			job.shell, job.checkout = "sh -e", job.env["GIT_STRATEGY"] != "none"
		}
		job.needs, job.keeps = strs(keys["needs"]), strs(mapping(keys["artifacts"])["paths"])
		for _, report := range texts(mapping(keys["artifacts"])["reports"]) {
			job.keeps = append(job.keeps, report)
		}
		for _, code := range list(mapping(keys["allow_failure"])["exit_codes"]) {
			job.allowedExit = append(job.allowedExit, code.(int))
		}
		job.steps = []ciStep{{script: strings.Join(slices.Concat(strs(keys["before_script"]), strs(keys["script"])), "\n")}}
		jobs[name] = job
	}
	return jobs
}

// gitlabKeys are the keys of a job with those that it extends.
func gitlabKeys(file map[string]any, name string) map[string]any {
	own := mapping(file[name])
	all := map[string]any{}
	parents := strs(own["extends"])
	if parent, one := own["extends"].(string); one {
		parents = []string{parent}
	}
	for _, parent := range parents {
		merge(all, gitlabKeys(file, parent))
	}
	merge(all, own)
	return all
}

// merge puts the keys of one mapping over those of another, mappings in it too.
func merge(into, from map[string]any) {
	for key, value := range from {
		if below, is := value.(map[string]any); is {
			merged := maps.Clone(mapping(into[key]))
			if merged == nil {
				merged = map[string]any{}
			}
			merge(merged, below)
			into[key] = merged
			continue
		}
		into[key] = value
	}
}

// azureJobs are the jobs of azure-pipelines.yml and its templates, by "FILE JOB".
func azureJobs(t *testing.T) map[string]ciJob {
	t.Helper()
	jobs := map[string]ciJob{}
	for _, file := range []string{"azure-pipelines.yml", "azure/pull-request.yml", "azure/apply.yml", "azure/night.yml"} {
		document := readYAML(t, filepath.Join(ciExamples, file))
		for _, stage := range list(document["stages"]) {
			for _, value := range list(mapping(stage)["jobs"]) {
				keys := mapping(value)
				name := text(keys["job"]) + text(keys["deployment"])
				steps := list(keys["steps"])
				if steps == nil {
					steps = list(mapping(mapping(mapping(keys["strategy"])["runOnce"])["deploy"])["steps"])
				}
				job := ciJob{name: name, azure: true, shell: "bash --noprofile --norc", env: texts(readYAML(t, filepath.Join(ciExamples, "azure-pipelines.yml"))["variables"])}
				addAzureSteps(t, &job, steps)
				jobs[strings.TrimPrefix(strings.TrimSuffix(file, ".yml"), "azure/")+" "+name] = job
			}
		}
	}
	return jobs
}

func addAzureSteps(t *testing.T, job *ciJob, steps []any) {
	t.Helper()
	for _, value := range steps {
		step := mapping(value)
		if template := text(step["template"]); template != "" {
			addAzureSteps(t, job, list(readYAML(t, filepath.Join(ciExamples, "azure", filepath.Base(template)))["steps"]))
			continue
		}
		job.checkout = job.checkout || text(step["checkout"]) == "self"
		s := ciStep{
			id: text(step["name"]), name: text(step["displayName"]), condition: text(step["condition"]), script: text(step["bash"]) + text(mapping(step["inputs"])["inlineScript"]),
			env: texts(step["env"]), goOn: step["continueOnError"] == true,
		}
		if step["publish"] != nil {
			s.upload = text(step["artifact"])
		}
		if step["download"] != nil {
			s.download = text(step["artifact"])
		}
		job.steps = append(job.steps, s)
	}
}

// kubernetesJobs are the containers of the cron jobs, by file.
func kubernetesJobs(t *testing.T) map[string]ciJob {
	t.Helper()
	jobs := map[string]ciJob{}
	for _, file := range []string{"cronjob", "indexed-job"} {
		for _, object := range readObjects(t, filepath.Join(ciExamples, "kubernetes", file+".yaml")) {
			pod := mapping(mapping(mapping(mapping(mapping(object["spec"])["jobTemplate"])["spec"])["template"])["spec"])
			for _, value := range list(pod["containers"]) {
				container := mapping(value)
				command := strs(container["command"])
				job := ciJob{name: file, shell: strings.Join(command[:len(command)-1], " "), env: map[string]string{}}
				if command[len(command)-1] != "-c" {
					t.Errorf("%s: the command ends in %q", file, command)
				}
				for _, variable := range list(container["env"]) {
					job.env[text(mapping(variable)["name"])] = text(mapping(variable)["value"])
				}
				job.steps = []ciStep{{script: strings.Join(strs(container["args"]), "\n")}}
				jobs[file] = job
			}
		}
	}
	return jobs
}

func mapping(value any) map[string]any {
	m, _ := value.(map[string]any)
	return m
}

func list(value any) []any {
	l, _ := value.([]any)
	return l
}

func text(value any) string {
	s, _ := value.(string)
	return s
}

// texts are the entries of a mapping that are text.
func texts(value any) map[string]string {
	all := map[string]string{}
	for key, entry := range mapping(value) {
		if s, is := entry.(string); is {
			all[key] = s
		}
	}
	return all
}

// strs is a list of text, or what is one text.
func strs(value any) []string {
	if one, is := value.(string); is {
		return []string{one}
	}
	var all []string
	for _, entry := range list(value) {
		all = append(all, text(entry))
	}
	return all
}
