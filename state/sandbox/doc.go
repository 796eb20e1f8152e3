// Package sandbox is an embedded Microsoft 365 tenant with Microsoft Graph's
// HTTP face: a server with rules, not a mock. It counts seats, asks for usage
// locations, inherits licences from groups, pages, projects, batches, and refuses
// in the words of the service. There is no live tenant to test with, so whatever
// passes here should work there; where the service's behaviour is not known, the
// sandbox is strict.
//
// # Words
//
//   - A [Tenant] is what a tenant file says ([Parse]) and what was changed since.
//   - The overlay is those changes ([Tenant.Overlay], [Tenant.Restore]). The file
//     itself never changes.
//   - The face is the tenant over HTTP ([Tenant.Handler]), below /v1.0/; its routes
//     are below.
//   - A [Variant] is a way of answering that some sources have and others have not.
//   - The weather is what stands between a client and the directory: [Quota],
//     [Collisions], [Lag] and a list of [Fault], from Go or by [ParseWeather] from a
//     file. It is fair in the zero [Options].
//   - The [Authority] answers as Microsoft Entra ID does, at the same address, and
//     issues tokens to each [App]. Roles in a token decide what is allowed, whoever
//     signed it.
//   - The [Record] is what no client can see: every request and every write with its
//     outcome, the seats that were refused, the fewest that were free, what worked for
//     each user over time. [Invariants] is what it comes to.
//
// # Routes
//
//   - organization, domains, directory/subscriptions, subscribedSkus, one or all.
//   - users: list, $count, delta, one by id or principal name; licenseDetails,
//     memberOf, transitiveMemberOf; PATCH of usageLocation; assignLicense,
//     reprocessLicenseAssignment.
//   - groups: list, $count, one; members, transitiveMembers, memberOf,
//     transitiveMemberOf, membersWithLicenseErrors, each also behind a type
//     ("microsoft.graph.user") and with /$count; assignLicense.
//   - directoryObjects/getByIds, auditLogs/directoryAudits (changes of licences since
//     the process began), $batch.
//
// $select, $top, $count, $skiptoken and, on users, groups and audits, $filter are
// supported. $orderby, $search, $expand, /me, changes of members and everything
// else of Graph are not, and are refused.
//
// # Groups
//
// A group that is told to give a licence is queued. [Options.GroupDelay] later, by
// [Options.Now], its direct members get all of it or nothing, with the errors that
// Graph puts on their licenseAssignmentStates. Seats that become free later go to
// nobody by themselves.
//
// # The tenant file
//
// YAML or JSON with Graph's own property names, so that a captured answer can be
// pasted. Unknown and repeated keys, aliases, anchors, tags and a second document
// are errors; so are names that nothing in the file has. null means unset.
//
//	organization:
//	  id: 48a80680-7326-48cd-9935-b556b81d3a4e
//	  displayName: Contoso
//	  verifiedDomains:
//	    - {name: contoso.com, isDefault: true}
//	    - {name: contoso.onmicrosoft.com, isInitial: true}
//	subscribedSkus:
//	  - skuId: 05e9a617-0261-4cee-bb44-138d3ef5d965
//	    skuPartNumber: SPE_E3
//	    prepaidUnits: {enabled: 10}        # warning, suspended, lockedOut: 0
//	    otherConsumedUnits: 2              # seats of users not listed below
//	    servicePlans:
//	      - {servicePlanId: efb87545-963c-4e0d-99df-69c6916d9eb0, servicePlanName: EXCHANGE_S_ENTERPRISE}
//	      - {servicePlanId: a23b959c-7ce8-4e57-9140-b90eb88a9e97, servicePlanName: SWAY}
//	users:
//	  - userPrincipalName: ada@contoso.com
//	    displayName: Ada
//	    usageLocation: CH
//	    onPremisesDistinguishedName: CN=Ada,OU=Staff,DC=corp,DC=contoso,DC=com
//	    assignedLicenses: [SPE_E3]         # the direct ones
//	  - userPrincipalName: bob@contoso.com
//	    assignedLicenses:
//	      - {sku: SPE_E3, disabledPlans: [SWAY]}
//	groups:
//	  - displayName: Everybody
//	    assignedLicenses: [SPE_E3]
//	    members: [ada@contoso.com]         # users, by user principal name or id;
//	                                       # groups by id, or as {group: NAME}
//
// What is left out has a default:
//
//   - An object without an id gets one made from the organization's id and the
//     userPrincipalName of a user or the displayName of a group, the same in
//     every run.
//   - accountEnabled is true, userType Member, securityEnabled true, appliesTo
//     User, capabilityStatus Enabled, provisioningStatus Success.
//   - What happened without a lastUpdatedDateTime happened on 2024-01-01.
//
// Some keys are none of Graph's: otherConsumedUnits and selfService (nobody may
// assign it) of a SKU, prohibitedIn (usage locations) of a service plan.
//
// A SKU or service plan is named by its string id or its GUID, under sku or
// skuId alike. consumedUnits is always computed, and an error in the file. A
// group gives its licences to its members; a user's own licenseAssignmentStates
// says where such a path did not end well, or was left over:
//
//	licenseAssignmentStates:
//	  - {sku: SPE_E3, assignedByGroup: Everybody, state: Error, error: CountViolation}
//
// A tenant may use more seats than it bought: the file is always right.
//
// # A tool of its own
//
// "seatwright sandbox serve" serves a tenant to any client of Graph; the README
// shows how to point one at it. Beside Graph's routes there are /sandbox/log and
// /sandbox/invariants, which show the record as JSON to tests in other languages.
// Left out are, on purpose or so far: every route that is not in the table of
// routes.go, the beta version, signing in as a user, the shedding of requests with
// x-ms-throttle-priority, limits over several tenants, and claims challenges.
//
// Time is [Options.Now] and [Options.Wait], chance is [Options.Seed]: the same
// requests in the same order get the same answers.
//
// # Never
//
// This room imports nothing of ours and shares no code with the Graph client, or
// each would forgive the other's mistakes. It touches no file system; its caller
// keeps the overlay. Its tokens protect nothing, so it listens on loopback only
// ([Listen]) and answers to loopback names only ([LocalOnly]). It keeps nothing of
// an Authorization header, a secret or an assertion, and refuses the tokens that
// Microsoft issued.
//
// # Where to begin
//
// Read (*Tenant).assign in writes.go for the rules of licences, licences.go for
// what paths add up to, inheritance.go for groups, routes.go for the face, filters.go
// for what can be filtered, (*face).pass in weather.go for what a call goes through
// before its route.
package sandbox
