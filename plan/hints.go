package plan

// Hint returns what an administrator can do about assignments that are blocked, waiting or
// held for the reason. It is "" if their details have it, or if there is nothing to do.
func (r Reason) Hint() string { return hints[r] }

var hints = map[Reason]string{
	ReasonConflict:         "policies contradict each other: give one of them a higher priority, or add the user to `except` of one",
	ReasonLocationConflict: "policies name different usage locations: give one of them a higher priority",
	ReasonInherited:        "only the group can remove what it gives: remove the user from the group, or the license from the group",
	ReasonGroupEnables:     "a direct license cannot turn off what a group turns on: turn it off in the group's license, or remove the user from the group",
	ReasonProtected:        "a protected user loses nothing: remove the user from the policies, or from `protect` in the settings",
	ReasonNoLocation:       "a license needs a usage location: set one with `usage_location` in a policy, or in Entra ID",
	ReasonNotAssignable:    "the SKU accepts no assignments to users: renew its subscription, or remove it from the policies",
	ReasonInconsistent:     "the service contradicts itself, as it does for minutes after a change: plan again later",
	ReasonNoSeat:           "buy seats, or free some, and plan again",
	ReasonSpareSeat:        "buy or free the one seat that the detail names until the swaps are done, and plan again",
	ReasonUntil:            "solve what the other SKU waits for: a swap is done as a whole or not at all",
	ReasonGroup:            "the group has to give it: wait, or check the group's licenses in Entra ID",
	ReasonChanged:          "check this user: the changes of the run cannot be undone as a whole",
	ReasonNoBaseline:       "compare with an earlier read by --baseline SNAPSHOT, or pass --first-run once",
	ReasonNotOwned:         "buy the SKU that replaces it, or remove that SKU from the policy",
	ReasonJoin:             "make sure that exactly one AD object has this anchor and objectSid, or wait for the next sync",
	ReasonGuard:            "a guard holds it: check the guards, and allow it if it is intended",
}
