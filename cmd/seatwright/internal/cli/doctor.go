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
	"github.com/seatwright/seatwright/policies/selector"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

func doctorCommand(p Program, g *globals) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check settings, sign-in, permissions and clock, with the fix for each trouble",
		Long: `Doctor says what is configured, who answers for each credential, which tenant that is, and which
permissions it has, lacks, or has too many of, for plan and for apply. It writes nothing, and
signs in with the write credential only to look at its permissions.

` + exitMeanings,
		Example: "  seatwright doctor\n  seatwright doctor --tenant contoso --format json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, "text", "json"); err != nil {
				return err
			}
			return onTenant(cmd.Context(), p, *g, func(c *call) error { return doctor(cmd.Context(), c, view.Format(format)) })
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

// examination collects what doctor finds.
type examination struct {
	call     *call
	set      *policies.Set // nil: they cannot be loaded
	findings []view.Finding
	code     ExitCode // of the first problem
}

func (e *examination) well(topic, format string, args ...any) {
	e.findings = append(e.findings, view.Finding{Health: view.Well, Topic: topic, Text: fmt.Sprintf(format, args...)})
}

func (e *examination) ailing(topic, fix, format string, args ...any) {
	e.findings = append(e.findings, view.Finding{Health: view.Ailing, Topic: topic, Text: fmt.Sprintf(format, args...), Fix: fix})
}

func (e *examination) ill(code ExitCode, topic, fix, format string, args ...any) {
	e.findings = append(e.findings, view.Finding{Health: view.Ill, Topic: topic, Text: fmt.Sprintf(format, args...), Fix: fix})
	if e.code == ExitOK || e.code == ExitError { // what says more than "error" goes before it
		e.code = code
	}
}

// failed takes down an error in the way in which it would end the program.
func (e *examination) failed(topic string, err error) {
	how := classify(err)
	e.ill(how.code, topic, how.hint, "%v", err)
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
		err = &exit{code: e.code, reason: "unwell"}
	}
	return err
}

// examineSettings says what is configured, and loads the policies: what they use
// decides which permissions are needed.
func (e *examination) examineSettings() {
	t := e.call.tenant
	if t.IsSandbox() {
		e.well("settings", "tenant %s is a sandbox: %s", t.Name, t.Sandbox)
	} else {
		e.well("settings", "tenant %s is %s in cloud %s; credentials: %s to read, %s to write", t.Name, t.ID, t.Cloud, t.Read.Kind, t.Write.Kind)
		if t.Write.Kind == state.CredentialDefault {
			e.ailing("settings", "name one: credential: {write: {kind: ...}}", "whoever is signed in on this machine would write; without a terminal that is refused")
		}
	}
	set, warnings, err := e.call.project.Policies()
	problems := diag.ProblemsIn(err)
	switch {
	case len(problems) > 0:
		e.ill(ExitUsage, "policies", "seatwright validate names them all", "problems: %d, the first: %v", len(problems), problems[0])
	case err != nil:
		e.failed("policies", err)
	default:
		e.set = set
		e.well("policies", "valid: %d in files: %d; warnings: %d", len(set.Policies), len(set.Inputs), len(warnings))
	}
}

// examineTenant signs in and looks around.
func (e *examination) examineTenant(ctx context.Context) {
	backend, err := e.call.connectToExamine(ctx)
	if err != nil {
		e.failed("sign-in to read", err)
		return
	}
	reads, writes := neededToRead(e.set), neededToApply(e.set)
	same := e.call.tenant.IsSandbox() || e.call.tenant.Read == withPos(e.call.tenant.Write, e.call.tenant.Read.Pos)
	allowed := slices.Concat(reads, usefulToRead)
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
		if id, err := backend.reader.Identity(ctx); err == nil { // else it has been said above
			e.examinePermissions("write", id, writes)
		}
		return
	}
	writer, err := backend.identify()
	if err != nil {
		e.failed("sign-in to write", err)
		return
	}
	e.examineIdentity(ctx, "write", writer, writes, writes)
}

// withPos compares credentials by what they say, not by where.
func withPos(c policies.Credential, pos policies.Pos) policies.Credential {
	c.Pos = pos
	return c
}

// commands are what each of the two credentials is for.
var commands = map[string]string{"read": "plan", "write": "apply"}

// examineIdentity says who answers for a credential and compares his permissions
// with those needed. Those that are allowed are not called too many.
func (e *examination) examineIdentity(ctx context.Context, use string, client *graph.Client, needed, allowed []graph.Permission) bool {
	topic, permissions := "sign-in to "+use, "permissions for "+commands[use]
	id, err := client.Identity(ctx)
	switch {
	case errors.Is(err, graph.ErrOpaque) && e.call.tenant.IsSandbox():
		e.well(topic, "a sandbox asks for none, and allows everything")
		return true
	case errors.Is(err, graph.ErrOpaque):
		e.ailing(permissions, "look at the API permissions of the application in the Entra admin centre", "the token cannot be read, so they are not known")
		return true
	case err != nil:
		e.failed(topic, err)
		return false
	}
	e.well(topic, "%s", describe(id))
	e.examinePermissions(use, id, needed)
	if excess := id.Excess(allowed); len(excess) > 0 {
		e.ailing(permissions, "take them away: whoever gets hold of the credential has them too", "has more than is needed: %s", strings.Join(excess, ", "))
	}
	return true
}

// examinePermissions compares what an identity may do with what is needed.
func (e *examination) examinePermissions(use string, id graph.Identity, needed []graph.Permission) {
	topic := "permissions for " + commands[use]
	if lacks := id.Lacks(needed); len(lacks) > 0 {
		e.ill(ExitCredentials, topic, "grant the application "+joined(lacks)+" (Microsoft Graph, with admin consent)", "lacks %s", joined(lacks))
	} else {
		e.well(topic, "has what is needed: %s", joined(needed))
	}
	if use == "read" && !id.Allows(graph.ReadGroups) && !slices.Contains(needed, graph.ReadGroups) {
		e.ailing(topic, "grant the application "+string(graph.ReadGroups), "lacks %s: what plan cannot see of groups that give licences or roles, it notes", graph.ReadGroups)
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
		e.failed("organization", err)
		return
	}
	if wrong := plan.WrongTenant(e.call.tenant, snapshot.Organization); wrong != "" {
		e.ill(ExitGuard, "organization", "correct `id` of the tenant in seatwright.yaml, or its `credential`", "%s", wrong)
	} else {
		e.well("organization", "%s (%s)", snapshot.Organization.DisplayName, snapshot.Organization.ID)
	}
}

// examineSKUs looks at what the tenant owns.
func (e *examination) examineSKUs(ctx context.Context, reader state.Reader) {
	snapshot, err := reader.Read(ctx, state.Query{SKUs: true})
	if err != nil {
		e.failed("SKUs", err)
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
		e.ill(ExitError, "SKUs", "buy a subscription, or check that this is the right tenant", "none of %d can be assigned to users", len(skus))
		return
	}
	e.well("SKUs", "%d, of which %d can be assigned to users", len(skus), assignable)
	if len(overused) > 0 {
		e.ailing("SKUs", "buy seats or free some: nothing can be assigned until then", "more used than bought: %s", strings.Join(overused, ", "))
	}
	if len(ended) > 0 {
		e.ailing("SKUs", "renew them, or take the licences away", "held, but no longer valid: %s", strings.Join(ended, ", "))
	}
}

// examineClock compares the clocks. Sign-ins fail from five minutes on.
func (e *examination) examineClock(client *graph.Client) {
	skew, known := client.Skew()
	const fix = "set the clock of this machine by NTP"
	apart := fmt.Sprintf("%v ahead of the service's", skew)
	if skew < 0 {
		apart = fmt.Sprintf("%v behind the service's", -skew)
	}
	switch {
	case !known:
		e.ailing("clock", "none: a proxy may have taken the date out of the answers", "the service did not tell its time")
	case skew.Abs() >= session.ClockSkew:
		e.ill(ExitError, "clock", fix, "%s", apart)
	case skew.Abs() >= time.Minute:
		e.ailing("clock", fix, "%s", apart)
	default:
		e.well("clock", "as the service's, to %v", max(skew.Abs(), time.Second))
	}
}

// neededToRead are the permissions that plan needs for these policies; all that it
// could need where they are not known.
func neededToRead(set *policies.Set) []graph.Permission {
	needed := []graph.Permission{graph.ReadUsers, graph.ReadLicenses}
	if set == nil || len(selector.Needs(set).Everyone) > 0 {
		needed = append(needed, graph.ReadGroups)
	}
	return needed
}

// usefulToRead are permissions that plan can do without: it knows less then of groups
// that give licences or roles, or of the members that groups hide, and says so.
var usefulToRead = []graph.Permission{graph.ReadGroups, graph.ReadHidden, graph.ReadAudits}

// neededToApply are the permissions that carrying out plans for these policies
// needs.
func neededToApply(set *policies.Set) []graph.Permission {
	needed := []graph.Permission{graph.Assign}
	if set == nil || slices.ContainsFunc(set.Policies, func(p policies.Policy) bool { return p.Location != nil }) {
		needed = append(needed, graph.Locate)
	}
	return needed
}
