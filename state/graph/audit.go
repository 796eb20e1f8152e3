package graph

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/seatwright/seatwright/state"
)

var _ state.AuditReader = (*Client)(nil)

// The requested activities ("Microsoft Entra audit log categories and activities",
// category UserManagement).
const (
	activityLicenses = "Change user license"
	activityUser     = "Update user"
)

// ReadAudit implements [state.AuditReader]. It needs AuditLog.Read.All, and a tenant with
// Microsoft Entra ID P1 ("List directoryAudits").
func (c *Client) ReadAudit(ctx context.Context, q state.AuditQuery) ([]state.AuditEvent, error) {
	since := "activityDateTime ge " + q.Since.UTC().Format(time.RFC3339)
	events, err := c.audits(ctx, since+" and activityDisplayName eq '"+activityLicenses+"'", licensesOf)
	if err != nil {
		return nil, err
	}
	for _, id := range q.Places { // one user at a time: all updates of all users would be too many
		moved, err := c.audits(ctx, since+" and activityDisplayName eq '"+activityUser+"' and targetResources/any(t: t/id eq '"+id.String()+"')", locationOf)
		if err != nil {
			return nil, err
		}
		events = append(events, moved...)
	}
	slices.SortStableFunc(events, func(a, b state.AuditEvent) int { return a.At.Compare(b.At) })
	return events, nil
}

// audits reads the entries that a filter selects, and of each the change that of
// extracts.
func (c *Client) audits(ctx context.Context, filter string, of func(map[string]wireModified, *state.AuditEvent) bool) ([]state.AuditEvent, error) {
	var events []state.AuditEvent
	address := c.root.to("/auditLogs/directoryAudits", "$top=999&$filter="+url.QueryEscape(filter))
	err := list(bulk(ctx), c, opAudit, address, func(w *wireAudit) error {
		found, err := w.events(of)
		events = append(events, found...)
		return err
	}, func() {})
	return events, err
}

// wireAudit is an entry of the log ("directoryAudit resource type").
type wireAudit struct {
	ID       string     `json:"id"`
	Activity string     `json:"activityDisplayName"`
	At       *time.Time `json:"activityDateTime"`
	Result   string     `json:"result"`
	By       struct {
		User *struct {
			ID   string `json:"id"`
			UPN  string `json:"userPrincipalName"`
			Name string `json:"displayName"`
		} `json:"user"`
		App *struct {
			ID        string `json:"appId"`
			Principal string `json:"servicePrincipalId"`
			Name      string `json:"displayName"`
		} `json:"app"`
	} `json:"initiatedBy"`
	Targets []wireTarget `json:"targetResources"`
}

// wireTarget is an object that an entry is about; targets can be groups and licenses too.
type wireTarget struct {
	ID       string         `json:"id"`
	Type     string         `json:"type"`
	Modified []wireModified `json:"modifiedProperties"`
}

// wireModified is a property before and after. Its values are JSON inside a string.
type wireModified struct {
	Name string  `json:"displayName"`
	Old  *string `json:"oldValue"`
	New  *string `json:"newValue"`
}

// events returns the changes of an entry. An entry that was refused changed nothing. An
// entry without time or target is not understood, and then the other entries cannot be
// trusted either.
func (w *wireAudit) events(of func(map[string]wireModified, *state.AuditEvent) bool) ([]state.AuditEvent, error) {
	if w.At == nil || w.Result == "" || w.Targets == nil {
		return nil, fmt.Errorf("%w: entry %q of the audit log has no time, result or target", ErrIncomplete, cut(w.ID))
	}
	if w.Result != "success" {
		return nil, nil
	}
	var events []state.AuditEvent
	for _, target := range w.Targets {
		if !strings.EqualFold(target.Type, "User") {
			continue
		}
		id, err := state.ParseID[state.User](target.ID)
		if err != nil {
			return nil, fmt.Errorf("%w: entry %q of the audit log is about the user %q", ErrIncomplete, cut(w.ID), cut(target.ID))
		}
		event := state.AuditEvent{ID: short(w.ID), At: w.At.UTC(), User: id, By: w.actor()}
		properties := map[string]wireModified{}
		for _, property := range target.Modified {
			properties[property.Name] = property
		}
		if of(properties, &event) {
			events = append(events, event)
		}
	}
	return events, nil
}

// actor returns the user if there is one: the user acted, by means of an application.
func (w *wireAudit) actor() state.Actor {
	if u := w.By.User; u != nil {
		if id, err := state.ParseID[state.User](u.ID); err == nil {
			return state.Actor{User: id, Name: short(cmp.Or(u.UPN, u.Name))}
		}
	}
	if a := w.By.App; a != nil {
		return state.Actor{App: strings.ToLower(short(cmp.Or(a.ID, a.Principal))), Name: short(a.Name)}
	}
	return state.Actor{}
}

// licensesOf reads the licenses of a user before and after. If the log leaves them out,
// the entry still proves that something changed.
func licensesOf(properties map[string]wireModified, event *state.AuditEvent) bool {
	property, found := properties["AssignedLicense"]
	if !found {
		return true
	}
	before, known := parseAuditedLicenses(property.Old)
	after, alsoKnown := parseAuditedLicenses(property.New)
	if known && alsoKnown {
		event.Licenses = &state.AuditedLicenses{Before: before, After: after}
	}
	return true
}

// auditedLicense is how the log writes one license: "[SkuName=ENTERPRISEPACK,
// AccountId=..., SkuId=..., DisabledPlans=[SWAY, ...]]".
var auditedLicense = regexp.MustCompile(`^\[SkuName=[^,\]]*, AccountId=[^,\]]*, SkuId=([0-9A-Fa-f-]{36}), DisabledPlans=\[([^\]]*)\]\]$`)

// parseAuditedLicenses reads a list of licenses, and reports whether it was understood. A
// missing value is an empty list.
func parseAuditedLicenses(value *string) ([]state.AuditedLicense, bool) {
	licenses := []state.AuditedLicense{}
	texts, ok := auditedTexts(value)
	if !ok {
		return nil, false
	}
	for _, text := range texts {
		match := auditedLicense.FindStringSubmatch(text)
		if match == nil {
			return nil, false
		}
		sku, err := state.ParseID[state.SKU](match[1])
		if err != nil {
			return nil, false
		}
		license := state.AuditedLicense{SKU: sku}
		for plan := range strings.SplitSeq(match[2], ",") {
			if plan = strings.TrimSpace(plan); plan != "" {
				license.Disabled = append(license.Disabled, short(plan))
			}
		}
		slices.Sort(license.Disabled)
		licenses = append(licenses, license)
	}
	return licenses, true
}

// locationOf reads a usage location before and after. It ignores updates of other
// properties.
func locationOf(properties map[string]wireModified, event *state.AuditEvent) bool {
	property, found := properties["UsageLocation"]
	if !found {
		return false
	}
	before, known := auditedTexts(property.Old)
	after, alsoKnown := auditedTexts(property.New)
	if !known || !alsoKnown || len(before) > 1 || len(after) > 1 {
		return false
	}
	event.Location = &state.AuditedLocation{Before: short(strings.Join(before, "")), After: short(strings.Join(after, ""))}
	return true
}

// auditedTexts reads a value of the log, which is a JSON list of texts; null and a
// missing value are an empty list.
func auditedTexts(value *string) ([]string, bool) {
	if value == nil || *value == "" {
		return nil, true
	}
	var texts []string
	err := json.Unmarshal([]byte(*value), &texts)
	return texts, err == nil
}

// short returns a foreign string of limited length and with whole characters.
func short(s string) string { return strings.ToValidUTF8(cut(s), "") }
