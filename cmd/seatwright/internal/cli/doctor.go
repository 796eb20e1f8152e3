package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan"
	"github.com/seatwright/seatwright/plan/session"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

func doctorCommand(p Program, g *globals) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check settings, sign-in, permissions and clock, with fixes",
		Long: `Doctor shows what is configured, which application or user signs in with each credential, and which tenant
answers. It lists the permissions that plan and apply have, lack, or do not need. It writes nothing: it signs in with
the write credential only to look at its permissions.`,
		Example: "  seatwright doctor\n  seatwright doctor --tenant contoso --format json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, factFormats); err != nil {
				return err
			}
			return onTenant(cmd.Context(), p, *g, func(c *call) error { return doctor(cmd.Context(), c, view.Format(format)) })
		},
	}
	addFormat(cmd, &format, factFormats)
	return cmd
}

// examination collects what doctor finds.
type examination struct {
	call     *call
	set      *policies.Set // nil: they cannot be loaded
	findings []view.Finding
	code     ExitCode // of the first problem
}

func (e *examination) addOK(topic, format string, args ...any) {
	e.findings = append(e.findings, view.Finding{Health: view.Well, Topic: topic, Text: fmt.Sprintf(format, args...)})
}

func (e *examination) addWarning(topic, fix, format string, args ...any) {
	e.findings = append(e.findings, view.Finding{Health: view.Ailing, Topic: topic, Text: fmt.Sprintf(format, args...), Fix: fix})
}

func (e *examination) addProblem(code ExitCode, topic, fix, format string, args ...any) {
	e.findings = append(e.findings, view.Finding{Health: view.Ill, Topic: topic, Text: fmt.Sprintf(format, args...), Fix: fix})
	if e.code == ExitOK || e.code == ExitError { // a code with a meaning of its own goes before "error"
		e.code = code
	}
}

// addError adds an error as a problem, with the exit code that it would have.
func (e *examination) addError(topic string, err error) {
	end := classify(err)
	e.addProblem(end.code, topic, end.hint, "%v", err)
}

func doctor(ctx context.Context, c *call, format view.Format) error {
	e := &examination{call: c}
	e.examineSettings()
	e.examineTenant(ctx)
	e.examineRecords(ctx)
	e.examineDirectory(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	err := view.Doctor(c.program.Out, format, e.findings)
	if err == nil && e.code != ExitOK {
		err = ends(reasonUnwell, nil, "").as(e.code)
	}
	return err
}

// examineSettings reports what is configured, and loads the policies: they decide which
// permissions are needed.
func (e *examination) examineSettings() {
	t := e.call.tenant
	if t.IsSandbox() {
		e.addOK("settings", "tenant %s is a sandbox: %s", t.Name, t.Sandbox)
	} else {
		e.addOK("settings", "tenant %s is %s in cloud %s; credentials: %s to read, %s to write", t.Name, t.ID, t.Cloud, t.Read.Kind, t.Write.Kind)
		if t.Write.Kind == state.CredentialDefault {
			e.addWarning("settings", "name one: credential: {write: {kind: ...}}", "the default credential writes as any identity that is signed in on this machine; it is refused without a terminal")
		}
	}
	set, warnings, err := e.call.project.Policies()
	problems := diag.ProblemsIn(err)
	switch {
	case len(problems) > 0:
		e.addProblem(ExitUsage, "policies", "seatwright validate lists all of them", "problems: %d, the first: %v", len(problems), problems[0])
	case err != nil:
		e.addError("policies", err)
	default:
		e.set = set
		e.addOK("policies", "valid: %d in files: %d; warnings: %d", len(set.Policies), len(set.Inputs), len(warnings))
	}
}

// examineTenant signs in and checks the tenant.
func (e *examination) examineTenant(ctx context.Context) {
	backend, err := e.call.connectToExamine(ctx)
	if err != nil {
		e.addError("sign-in to read", err)
		return
	}
	reads, writes := neededToRead(e.set), neededToApply(e.set)
	same := e.call.tenant.IsSandbox() || e.call.tenant.Read == withPos(e.call.tenant.Write, e.call.tenant.Read.Pos)
	allowed := slices.Concat(reads, usefulToRead())
	if same {
		allowed = slices.Concat(allowed, writes)
	}
	if !e.examineIdentity(ctx, "read", backend.reader, reads, allowed) {
		return
	}
	e.examineOrganization(ctx, backend.reader)
	e.examineSKUs(ctx, backend.reader)
	e.examineClock(backend.reader)
	if same {
		if id, err := backend.reader.Identity(ctx); err == nil { // else examineIdentity reported it
			e.examinePermissions("write", id, writes)
		}
		return
	}
	writer, err := backend.identify()
	if err != nil {
		e.addError("sign-in to write", err)
		return
	}
	e.examineIdentity(ctx, "write", writer, writes, writes)
}

// withPos returns a credential with another position, so that only what it names is compared.
func withPos(c policies.Credential, pos policies.Pos) policies.Credential {
	c.Pos = pos
	return c
}

// commands has what each of the two credentials is for.
var commands = map[string]string{"read": "plan", "write": "apply"}

// examineIdentity reports which identity signs in with a credential, and compares its
// permissions with those needed. Permissions that are allowed are not reported as excess.
func (e *examination) examineIdentity(ctx context.Context, use string, client *graph.Client, needed, allowed []graph.Permission) bool {
	topic, permissions := "sign-in to "+use, "permissions for "+commands[use]
	id, err := client.Identity(ctx)
	switch {
	case errors.Is(err, graph.ErrOpaque) && e.call.tenant.IsSandbox():
		e.addOK(topic, "a sandbox needs no sign-in, and allows everything")
		return true
	case errors.Is(err, graph.ErrOpaque):
		e.addWarning(permissions, "look at the API permissions of the application in the Entra admin center", "not known, because the token cannot be read")
		return true
	case err != nil:
		e.addError(topic, err)
		return false
	}
	e.addOK(topic, "%s", describe(id))
	e.examinePermissions(use, id, needed)
	if excess := id.Excess(allowed); len(excess) > 0 {
		e.addWarning(permissions, "remove them, since a stolen credential has them too", "has more than is needed: %s", strings.Join(excess, ", "))
	}
	return true
}

// examinePermissions compares the permissions of an identity with those needed.
func (e *examination) examinePermissions(use string, id graph.Identity, needed []graph.Permission) {
	topic := "permissions for " + commands[use]
	if lacks := id.Lacks(needed); len(lacks) > 0 {
		e.addProblem(ExitCredentials, topic, "grant the application "+joinPermissions(lacks)+" (Microsoft Graph, with admin consent)", "lacks %s", joinPermissions(lacks))
	} else {
		e.addOK(topic, "has what is needed: %s", joinPermissions(needed))
	}
	if use == "read" && !id.Allows(graph.ReadGroups) && !slices.Contains(needed, graph.ReadGroups) {
		e.addWarning(topic, "grant the application "+string(graph.ReadGroups), "lacks %s: plan cannot see everything about licensing groups and roles, and notes that", graph.ReadGroups)
	}
}

func describe(id graph.Identity) string {
	who := "application " + id.App
	if id.AppName != "" {
		who += " (" + id.AppName + ")"
	}
	if id.Delegated() {
		who += " for user " + id.UserName + " (" + id.User.String() + ")"
	}
	if !id.Tenant.IsZero() {
		who += " in tenant " + id.Tenant.String()
	}
	return who
}

// examineOrganization compares the tenant that answers with the settings.
func (e *examination) examineOrganization(ctx context.Context, reader state.Reader) {
	snapshot, err := reader.Read(ctx, state.Query{Organization: true})
	if err != nil {
		e.addError("organization", err)
		return
	}
	if wrong := plan.WrongTenant(e.call.tenant, snapshot.Organization); wrong != "" {
		e.addProblem(ExitGuard, "organization", "correct `id` of the tenant in seatwright.yaml, or its `credential`", "%s", wrong)
	} else {
		e.addOK("organization", "%s (%s)", snapshot.Organization.DisplayName, snapshot.Organization.ID)
	}
}

// examineSKUs checks the SKUs of the tenant.
func (e *examination) examineSKUs(ctx context.Context, reader state.Reader) {
	snapshot, err := reader.Read(ctx, state.Query{SKUs: true})
	if err != nil {
		e.addError("SKUs", err)
		return
	}
	skus := snapshot.SKUs
	assignable := 0
	var overused, ended []string
	for _, sku := range skus {
		switch {
		case sku.Assignable() && sku.Consumed > sku.Units():
			assignable++
			overused = append(overused, fmt.Sprintf("%s (%d of %d)", sku.PartNumber, sku.Consumed, sku.Units()))
		case sku.Assignable():
			assignable++
		case sku.AppliesTo == state.ScopeUser && sku.Consumed > 0:
			ended = append(ended, fmt.Sprintf("%s (%s)", sku.PartNumber, sku.Capability))
		}
	}
	if assignable == 0 {
		e.addProblem(ExitError, "SKUs", "buy a subscription, or check that this is the right tenant", "none of %d can be assigned to users", len(skus))
		return
	}
	e.addOK("SKUs", "%d, of which %d can be assigned to users", len(skus), assignable)
	if len(overused) > 0 {
		e.addWarning("SKUs", "buy seats or free some: nothing can be assigned until then", "more seats used than bought: %s", strings.Join(overused, ", "))
	}
	if len(ended) > 0 {
		e.addWarning("SKUs", "renew them, or remove the licenses", "users have licenses that are no longer valid: %s", strings.Join(ended, ", "))
	}
}

// examineClock compares the clocks. Sign-ins fail from five minutes on.
func (e *examination) examineClock(client *graph.Client) {
	skew, known := client.Skew()
	const fix = "set the clock of this machine by NTP"
	apart := fmt.Sprintf("%v ahead of the service", skew)
	if skew < 0 {
		apart = fmt.Sprintf("%v behind the service", -skew)
	}
	switch {
	case !known:
		e.addWarning("clock", "none: a proxy may remove the date from the answers", "the time of the service is not known")
	case skew.Abs() >= session.ClockSkew:
		e.addProblem(ExitError, "clock", fix, "%s", apart)
	case skew.Abs() >= time.Minute:
		e.addWarning("clock", fix, "%s", apart)
	default:
		e.addOK("clock", "differs from the service by less than %v", max(skew.Abs(), time.Second))
	}
}
