package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/planfile"
	"github.com/seatwright/seatwright/state/ad/adtest"
)

// TestTheHybridExample plans and applies examples/hybrid with its own tree in a
// directory: one table for the look-alike and for a real domain controller.
func TestTheHybridExample(t *testing.T) {
	t.Parallel()
	t.Run("look-alike", func(t *testing.T) {
		t.Parallel()
		testHybrid(t, hybridLab(t))
	})
	t.Run("samba", func(t *testing.T) {
		t.Parallel()
		dc := adtest.Samba(t, "--realm", "CORP.CONTOSO.COM", "--no-tree")
		dc.Load(t, hybridTree(t))
		testHybrid(t, dc.Lab)
	})
}

func testHybrid(t *testing.T, lab adtest.Lab) {
	t.Run("both sources give the same plan", func(t *testing.T) { sameFromBoth(t, newHybrid(t, lab)) })
	t.Run("it comes to rest", func(t *testing.T) { comesToRest(t, newHybrid(t, lab)) })
	t.Run("a user that the directory moved is planned again before the sync", func(t *testing.T) { movedBeforeSync(t, newHybrid(t, lab)) })
	t.Run("a user of two minds is blocked", func(t *testing.T) { blockedJoin(t, newHybrid(t, lab)) })
	t.Run("doctor", func(t *testing.T) { doctorLooks(t, newHybrid(t, lab), lab) })
	t.Run("troubles", func(t *testing.T) { hybridTroubles(t, lab) })
}

func hybridTree(t *testing.T) string {
	t.Helper()
	ldif, err := os.ReadFile(filepath.Join("..", "..", "examples", "hybrid", "directory.ldif"))
	if err != nil {
		t.Fatal(err)
	}
	return string(ldif)
}

// hybridLab is the tree of the example in the look-alike.
func hybridLab(t *testing.T) adtest.Lab {
	t.Helper()
	tree, err := adtest.NewTree("DC=corp,DC=contoso,DC=com", "S-1-5-21-1-2-3")
	if err == nil {
		err = tree.LoadLDIF(hybridTree(t))
	}
	if err != nil {
		t.Fatal(err)
	}
	const user, password = "svc-ldap@corp.contoso.com", "Svc-Passw0rd!"
	lab, _ := adtest.Serve(t, tree, map[string]adtest.Account{user: {Password: password}}, "127.0.0.1")
	lab.User, lab.Password = user, password
	return lab
}

// hybrid is a copy of the example that knows a directory.
type hybrid struct {
	dir string
	env []string
}

func newHybrid(t *testing.T, lab adtest.Lab) hybrid {
	t.Helper()
	h := hybrid{
		dir: filepath.Join(copyOfExamples(t), "examples", "hybrid"),
		env: []string{"SEATWRIGHT_AD_USER=" + lab.User, "SEATWRIGHT_AD_PASSWORD=" + lab.Password, "SOURCE_DATE_EPOCH=1795420800"},
	}
	if err := os.WriteFile(filepath.Join(h.dir, "corp-ca.pem"), lab.CA, 0o600); err != nil {
		t.Fatal(err)
	}
	h.change(t, "seatwright.yaml", "url: [ldaps://dc1.corp.contoso.com, ldaps://dc2.corp.contoso.com]", "url: "+lab.LDAPS)
	return h
}

// change replaces something in a file, which must be there once.
func (h hybrid) change(t *testing.T, file, old, replacement string) {
	t.Helper()
	name := filepath.Join(h.dir, filepath.FromSlash(file))
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(data), old) != 1 {
		t.Fatalf("%s does not have %q once", file, old)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(data), old, replacement, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run calls the program and wants it to end so.
func (h hybrid) run(t *testing.T, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "seatwright", append([]string{"-C", h.dir}, args...)...)
	cmd.Env = append(os.Environ(), h.env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if exited, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatal(err)
	} else if code := cmd.ProcessState.ExitCode(); code != want {
		t.Fatalf("seatwright %v: exit %d, want %d (%v)\n%s%s", args, code, want, exited, out.String(), errs.String())
	}
	return out.String(), errs.String()
}

// plan makes a plan of one of the example's tenants.
func (h hybrid) plan(t *testing.T, tenant string) (*plan.Plan, string) {
	t.Helper()
	out, errs := h.run(t, 0, "--tenant", tenant, "plan", "--first-run", "--format", "json")
	p, err := planfile.Read(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	return p, errs
}

// stepsOf are the ids of all steps, and outcomes in words.
func stepsOf(p *plan.Plan) []string {
	var all []string
	for _, step := range p.Steps {
		all = append(all, step.User.UserPrincipalName+" "+step.ID)
	}
	for _, o := range slices.Concat(p.Outcomes.Blocked, p.Outcomes.Waiting, p.Outcomes.Held) {
		all = append(all, o.User.UserPrincipalName+" "+o.PartNumber+" "+string(o.Reason))
	}
	return all
}

func sourceOf(p *plan.Plan, prefix string) (plan.InputRecord, bool) {
	i := slices.IndexFunc(p.Inputs, func(r plan.InputRecord) bool { return strings.HasPrefix(r.Source, prefix) })
	if i < 0 {
		return plan.InputRecord{}, false
	}
	return p.Inputs[i], true
}

func sameFromBoth(t *testing.T, h hybrid) {
	live, warnings := h.plan(t, "corp")
	synced, _ := h.plan(t, "synced")
	if len(live.Steps) < 8 {
		t.Errorf("only %d steps", len(live.Steps))
	}
	if diff := cmp.Diff(stepsOf(synced), stepsOf(live)); diff != "" {
		t.Errorf("the directory gives another plan than what was synced (-synced +live):\n%s", diff)
	}
	if source, found := sourceOf(live, plan.SourceDirectory); !found || !strings.Contains(source.Source, "directory corp (127.0.0.1:") || source.Rows != 9 {
		t.Errorf("the plan says of its source: %+v", live.Inputs)
	}
	if source, found := sourceOf(synced, plan.SourceSynced); !found || source.ReadAt.Format("15:04") != "07:30" {
		t.Errorf("the plan says of its source: %+v", synced.Inputs)
	}
	if !strings.Contains(warnings, "\"OU=Staff,DC=corp,DC=contoso,DC=com\" has users that cannot be matched with the tenant (1): CN=Nora Weiss,OU=Staff,DC=corp,DC=contoso,DC=com") {
		t.Errorf("no warning names Nora Weiss:\n%s", warnings)
	}
}

func comesToRest(t *testing.T, h hybrid) {
	h.run(t, 0, "--tenant", "corp", "validate")
	listed, _ := h.run(t, 0, "--tenant", "corp", "users", "--ou", `OU=Sales\, EMEA,OU=Staff,DC=corp,DC=contoso,DC=com`)
	if !strings.Contains(listed, "anna.berger@") || !strings.Contains(listed, "ben.okafor@") || strings.Contains(listed, "clara") {
		t.Errorf("users of the OU:\n%s", listed)
	}
	shown, _ := h.run(t, 0, "--tenant", "corp", "explain", "ivan.petrov@contoso.com", "--first-run")
	if !strings.Contains(shown, "guid:") {
		t.Errorf("explain does not name the OU:\n%s", shown)
	}
	h.run(t, 0, "--tenant", "corp", "snapshot", "-o", filepath.Join(h.dir, "before.snap"))
	h.run(t, 0, "--tenant", "corp", "plan", "--baseline", filepath.Join(h.dir, "before.snap"))
	h.run(t, 0, "--tenant", "corp", "apply", "--auto-approve", "--first-run")
	for _, tenant := range []string{"corp", "synced"} {
		if out, _ := h.run(t, 0, "--tenant", tenant, "plan", "--first-run", "--detailed-exitcode"); !strings.Contains(out, "Nothing to do.") {
			t.Errorf("the second plan of %s is not empty:\n%s", tenant, out)
		}
	}
}

// movedBeforeSync lets the tenant lag: it has Dana Lindqvist in OU=Leavers and Fay Moreau in
// OU=Staff, and the directory has them the other way round.
func movedBeforeSync(t *testing.T, h hybrid) {
	h.change(t, "tenant.yaml", "CN=Fay Moreau,OU=Leavers,", "CN=Fay Moreau,OU=Staff,")
	h.change(t, "tenant.yaml", `CN=Dana Lindqvist,OU=R\+D,OU=Staff,`, "CN=Dana Lindqvist,OU=Leavers,")
	p, _ := h.plan(t, "corp")
	for _, step := range p.Steps {
		switch step.User.UserPrincipalName {
		case "fay.moreau@contoso.com":
			if step.Kind != plan.KindRemove {
				t.Errorf("the leaver gets %s", step.Kind)
			}
		case "dana.lindqvist@contoso.com":
			if step.Kind != plan.KindReplace {
				t.Errorf("who is in OU=R+D gets %s", step.Kind)
			}
		}
	}
	synced, _ := h.plan(t, "synced")
	if cmp.Equal(stepsOf(synced), stepsOf(p)) {
		t.Error("the directory made no difference")
	}
}

// blockedJoin gives Anna Berger another security identifier: the user is blocked, and
// nothing is removed from Ben Okafor in the same OU.
func blockedJoin(t *testing.T, h hybrid) {
	h.change(t, "tenant.yaml", "S-1-5-21-1111111111-2222222222-66171475-5001", "S-1-5-21-9-9-9-5001")
	p, _ := h.plan(t, "corp")
	blocked := map[string]bool{}
	for _, o := range p.Outcomes.Blocked {
		if o.Reason == plan.ReasonJoin {
			blocked[o.User.UserPrincipalName] = true
		}
	}
	if !blocked["ben.okafor@contoso.com"] || len(p.Steps) == 0 {
		t.Errorf("blocked is %v, with %d steps", blocked, len(p.Steps))
	}
	for _, step := range p.Steps {
		if name := step.User.UserPrincipalName; name == "anna.berger@contoso.com" || name == "ben.okafor@contoso.com" && step.Kind != plan.KindAdd {
			t.Errorf("%s gets %s", name, step.Kind)
		}
	}
}

// doctorLooks at a directory of which one server answers, and then none.
func doctorLooks(t *testing.T, h hybrid, lab adtest.Lab) {
	h.change(t, "seatwright.yaml", "url: "+lab.LDAPS, "url: ["+lab.LDAPS+", ldaps://127.0.0.1:1]")
	out, _ := h.run(t, 0, "--tenant", "corp", "doctor")
	if !strings.Contains(out, "answers for the domain corp.contoso.com") || !strings.Contains(out, "127.0.0.1:1): unreachable") {
		t.Errorf("doctor says:\n%s", out)
	}
	h.env[1] = "SEATWRIGHT_AD_PASSWORD=very wrong"
	if out, _ := h.run(t, 4, "--tenant", "corp", "doctor"); !strings.Contains(out, "wrong password") || strings.Contains(out, "very wrong") {
		t.Errorf("doctor says:\n%s", out)
	}
}

// hybridTroubles wants each trouble to end with its exit code and words.
func hybridTroubles(t *testing.T, lab adtest.Lab) {
	for _, c := range []struct {
		name   string
		change func(*testing.T, *hybrid)
		code   int
		want   string
	}{
		{"an OU that does not exist", func(t *testing.T, h *hybrid) {
			h.change(t, "policies/leavers.yaml", `ou: "OU=Leavers`, `ou: "OU=Levers`)
		}, 3, "policies/leavers.yaml:6:17: find place: directory corp"},
		{"a domain without a directory", func(t *testing.T, h *hybrid) {
			h.change(t, "policies/leavers.yaml", "DC=corp", "DC=crop")
		}, 3, "add the directory of that domain under `directories`"},
		{"a wrong password", func(_ *testing.T, h *hybrid) { h.env[1] = "SEATWRIGHT_AD_PASSWORD=very wrong" }, 4, "the password was tried only once"},
		{"no password", func(_ *testing.T, h *hybrid) { h.env[1] = "SEATWRIGHT_AD_PASSWORD=" }, 4, "SEATWRIGHT_AD_PASSWORD are not both set"},
		{"another CA", func(t *testing.T, h *hybrid) {
			_, ca, err := adtest.Certificate(time.Now().Add(time.Hour), "127.0.0.1")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(h.dir, "corp-ca.pem"), ca, 0o600); err != nil {
				t.Fatal(err)
			}
		}, 4, "unknown ca"},
		{"no CA file", func(t *testing.T, h *hybrid) { h.change(t, "seatwright.yaml", "corp-ca.pem ", "other.pem ") }, 3, `cannot read "other.pem"`},
		{"no server there", func(t *testing.T, h *hybrid) { h.change(t, "seatwright.yaml", lab.LDAPS, "ldaps://127.0.0.1:1") }, 1, "unreachable"},
		{"an OU without users, from which users were synced", func(t *testing.T, h *hybrid) {
			h.change(t, "pinned/interns.yaml", "guid:bf2c5bd7-8892-589e-a318-34a64daf0c08", "OU=Domain Controllers,DC=corp,DC=contoso,DC=com")
			h.change(t, "tenant.yaml", "CN=Ivan Petrov,OU=Interns,", "CN=Ivan Petrov,OU=Domain Controllers,")
		}, 4, "it returned no users, but the tenant has users that were synced from it (1)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHybrid(t, lab)
			c.change(t, &h)
			out, errs := h.run(t, c.code, "--tenant", "corp", "plan")
			if !strings.Contains(errs, c.want) || !strings.Contains(errs, "hint") && c.code != 3 || out != "" {
				t.Errorf("got %s%s, want %q", out, errs, c.want)
			}
			if strings.Contains(errs, "very wrong") || strings.Contains(errs, lab.Password) {
				t.Errorf("the password is shown:\n%s", errs)
			}
		})
	}
}
