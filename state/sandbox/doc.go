// Package sandbox is an embedded Microsoft 365 tenant that answers as Microsoft Graph
// does over HTTP: a server with rules, not a mock. It counts seats, requires usage
// locations, inherits licenses from groups, pages, projects, batches, and refuses
// in the words of the service. There is no live tenant to test with, so a client that
// passes here should work there. Where the behavior of the service is not known, the
// sandbox is strict.
//
// # Words
//
//   - A [Tenant] is the content of a tenant file ([Parse]) and the changes since.
//   - The overlay is those changes ([Tenant.Overlay], [Tenant.Restore]). The file
//     itself never changes.
//   - The handler is the tenant over HTTP ([Tenant.Handler]), below /v1.0/; its routes
//     are below.
//   - A service answers routes from one copy of the tenant: the tenant itself, or a
//     replica that lags.
//   - A variant is a way of answering that some sources have and others do not have. A
//     fault profile chooses variants.
//   - A fault profile holds what goes wrong between a client and the directory: [Quota],
//     [Collisions], [Lag] and a list of [Fault], from Go or by [ParseFaultProfile] from a
//     file. Nothing goes wrong in the zero [Options].
//   - A layer is a check that a call passes before its route: permissions, faults, quotas,
//     collisions.
//   - The Authority (package entra) answers as Microsoft Entra ID does, at the same
//     address, and issues tokens to each app. Roles in a token decide what is allowed, with
//     any signature.
//   - The record ([Tenant.Record]) is what no client can see: every request and every
//     write with its outcome, the seats that were refused, the fewest that were free, what
//     worked for each user over time. [Tenant.Invariants] returns what follows from it.
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
//   - directoryObjects/getByIds, auditLogs/directoryAudits (changes of licenses since
//     the process began), $batch.
//
// $select, $top, $count, $skiptoken and, on users, groups and audits, $filter are
// supported. $orderby, $search, $expand, /me, changes of members and everything
// else of Graph are not, and are refused.
//
// # Groups
//
// A group whose licenses change is queued. [Options.GroupDelay] later, by
// [Options.Now], its direct members get all of it or nothing, with the errors that
// Graph puts on their licenseAssignmentStates. Seats that become free later are not
// assigned automatically.
//
// # The tenant file
//
// YAML or JSON with Graph's own property names, so that a captured answer can be
// pasted. Unknown and repeated keys, aliases, anchors, tags and a second document
// are errors. So are names of objects that are not in the file. null means unset.
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
//	  - displayName: All staff
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
// Some keys are not Graph's: otherConsumedUnits and selfService (it cannot be
// assigned) of a SKU, prohibitedIn (usage locations) of a service plan.
//
// A SKU or service plan is named by its string id or its GUID, under sku or
// skuId alike. consumedUnits is always computed, and an error in the file. A
// group gives its licenses to its members; a user's own licenseAssignmentStates
// lists paths that failed or were left over:
//
//	licenseAssignmentStates:
//	  - {sku: SPE_E3, assignedByGroup: All staff, state: Error, error: CountViolation}
//
// A tenant may use more seats than it bought. That is no error in the file.
//
// # A tool of its own
//
// "seatwright sandbox serve" serves a tenant to any client of Graph. The help topic
// "sandbox" shows how to configure clients. Beside Graph's routes there are /sandbox/log and
// /sandbox/invariants, which show the record as JSON to tests in other languages.
// The sandbox does not have, on purpose or until now: any route that is not in the table of
// routes.go, the beta version, signing in as a user, the shedding of requests with
// x-ms-throttle-priority, limits over several tenants, and claims challenges.
//
// Time is [Options.Now] and [Options.Wait], chance is [Options.Seed]: the same
// requests in the same order get the same answers.
//
// # Packages
//
// This package is HTTP and routes. Below it, and importing nothing above them:
//
//   - entra: the emulated sign-in. It must not know the tenant's content. Begin at
//     authority.go.
//   - generate: made-up tenants. It must not know the server; it writes files. Begin at
//     generate.go.
//   - internal/directory: the tenant, the rules of licenses, and every write. It must not
//     know HTTP, tokens or faults. Begin at assign.go.
//   - internal/query: OData options, filters and pages. It must not know users or groups.
//     Begin at query.go.
//   - internal/faults: fault profiles, quotas, colliding writes. It must not make answers.
//     Begin at profile.go.
//   - internal/refusal: errors in Graph's terms. It must not write them. Begin at
//     refusal.go.
//   - internal/variant: the names of the variants. It must not decide. Begin at
//     variants.go.
//   - internal/strict: files are read strictly. It must not know their content.
//     Begin at nodes.go.
//   - internal/guid, internal/ordered, internal/loopback: ids, JSON objects with an order,
//     hosts that are this machine. They must not depend on anything of ours.
//
// # Never
//
// Nothing here or below imports anything of ours outside state/sandbox, and no code is
// shared with the Graph client, because both would then have the same defects. The sandbox
// touches no file system; its caller keeps the overlay. Its tokens protect nothing, so it
// listens on loopback only ([Listen]) and answers to loopback names only ([LocalOnly]).
// It keeps nothing of an Authorization header, a secret or an assertion, and refuses the
// tokens that Microsoft issued.
//
// # Where to begin
//
// Follow the path of a request:
//
//   - tenant.go: what programs call; handler.go: [Options], and a request from its first
//     byte to its route; server.go and listen.go: serving it on loopback.
//   - tokens.go: the caller of a request; permissions.go: what each route requires.
//   - routes.go: the table of routes, and how a path finds its row; layers.go: the way
//     from there to the route and back to the client.
//   - faultprofile.go: the file; faultlayer.go, quota.go, collisions.go: the layers of
//     faults, quotas and colliding writes; lag.go: replicas that lag, and which one
//     answers.
//   - reads.go, groups.go, tenantreads.go, audits.go, delta.go: routes that read;
//     writes.go: those that change a user; payload.go: the bodies of requests; batch.go:
//     $batch.
//   - shapes.go: what each resource looks like; filters.go: what each can be filtered by;
//     render.go: users and groups in one list.
//   - response.go: headers and bodies; memory.go: how much of them is kept at a time;
//     log.go: the record of requests; pages.go: /sandbox/log and /sandbox/invariants.
package sandbox
