package directory

import (
	"slices"
	"strings"
)

// assignedPlan is Graph's assignedPlan.
type assignedPlan struct {
	AssignedDateTime string `json:"assignedDateTime"`
	CapabilityStatus string `json:"capabilityStatus"`
	Service          string `json:"service"`
	ServicePlanID    string `json:"servicePlanId"`
}

// provisionedPlan is Graph's provisionedPlan.
type provisionedPlan struct {
	CapabilityStatus   string `json:"capabilityStatus"`
	ProvisioningStatus string `json:"provisioningStatus"`
	Service            string `json:"service"`
}

// services names the services that plans belong to, by the first part of the plans' names.
// A tenant file does not name them, and Microsoft publishes no list.
var services = []struct{ prefix, service string }{
	{"EXCHANGE_", "exchange"},
	{"MCO", "MicrosoftCommunicationsOnline"},
	{"TEAMS", "TeamspaceAPI"},
	{"SHAREPOINT", "SharePoint"},
	{"INTUNE", "SCO"},
	{"AAD_PREMIUM", "AADPremiumService"},
	{"OFFICESUBSCRIPTION", "MicrosoftOffice"},
	{"YAMMER", "YammerEnterprise"},
	{"SWAY", "Sway"},
}

// serviceOf returns the service of a plan, or else the plan's own name.
func serviceOf(p servicePlan) string {
	for _, s := range services {
		if strings.HasPrefix(p.Name, s.prefix) {
			return s.service
		}
	}
	return p.Name
}

// AssignedPlans returns the property of that name: every service plan that is on, once even
// if several licenses hold it.
func (u *User) AssignedPlans() []assignedPlan {
	out := []assignedPlan{}
	for _, l := range u.State.Effective() {
		for _, p := range l.SKU.Plans {
			seen := slices.ContainsFunc(out, func(a assignedPlan) bool { return a.ServicePlanID == p.ID })
			if seen || !l.includesPlan(p.ID) {
				continue
			}
			out = append(out, assignedPlan{AssignedDateTime: Timestamp(l.updated), CapabilityStatus: "Enabled",
				Service: serviceOf(p), ServicePlanID: p.ID})
		}
	}
	return out
}

// ProvisionedPlans returns the property of that name, by service.
func (u *User) ProvisionedPlans() []provisionedPlan {
	out := []provisionedPlan{}
	for _, a := range u.AssignedPlans() {
		p := provisionedPlan{CapabilityStatus: a.CapabilityStatus, ProvisioningStatus: "Success", Service: a.Service}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}
