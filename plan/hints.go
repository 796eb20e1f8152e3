package plan

// Hint says what an administrator can do about assignments that are blocked, wait or are
// held for a reason, or "" if its details say so or there is nothing to do.
func (r Reason) Hint() string { return hints[r] }

var hints = map[Reason]string{
	ReasonConflict:         "policies contradict each other: give one of them a higher priority, or except the user from one",
	ReasonLocationConflict: "policies name different usage locations: give one of them a higher priority",
	ReasonInherited:        "what a group gives is taken in the group only: take the user out of it, or the licence off it",
	ReasonGroupEnables:     "what a group turns on no direct licence can turn off: turn it off in the group's licence, or take the user out of the group",
	ReasonProtected:        "whoever is protected loses nothing: take the user out of the policies, or from `protect` in the settings",
	ReasonNoLocation:       "a licence needs a usage location: set one with `usage_location` in a policy, or in Entra ID",
	ReasonNotAssignable:    "the SKU accepts no assignments to users: renew its subscription, or take it out of the policies",
	ReasonInconsistent:     "the service contradicts itself, as it does for minutes after a change: plan again later",
	ReasonNoSeat:           "buy seats, or free some, and plan again",
	ReasonSpareSeat:        "buy or free the one seat that is named, for as long as the swaps take, and plan again",
	ReasonUntil:            "nothing is to be done but what the other SKU waits for: a swap is made whole or not at all",
	ReasonGroup:            "the group has to give it: wait, or look at the group's licences in Entra ID",
	ReasonChanged:          "look at this user: what the run did to him cannot be taken back as a whole",
	ReasonNoBaseline:       "compare with an earlier read by --baseline SNAPSHOT, or say --first-run once",
	ReasonNotOwned:         "buy the SKU that was to take its place, or take it out of the policy",
	ReasonJoin:             "see to it that one AD object has this anchor and objectSid, or wait for the next sync",
	ReasonGuard:            "a guard holds it: see the guards, and allow it if it is meant",
}
