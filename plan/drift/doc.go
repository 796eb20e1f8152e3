// Package drift tells what moved in a tenant from what is new in its policies. It is
// pure: plans, what runs wrote, and what the tenant's audit log says go in, a [Report]
// comes out.
//
// Words:
//
//   - The last run is the last one that ended well; its policies are those that it had
//     carried out. Today's plan of them is the plan of the last run.
//   - An item is one pair of a user and a SKU, or a user's location, that is not as the
//     policies at hand want it. Its key names it from night to night.
//   - Drift are the items that the policies of the last run want changed too: the tenant
//     moved, or people moved into sources and out of them. Pending are those that only
//     the policies at hand want. Undecided is either, where nobody can tell. Moot is what
//     only the policies of the last run want: those at hand have it as it is.
//   - A fight is an item that somebody else turns back again and again.
//   - Known is what the last run left undone already; accepted is what somebody signed
//     for. Neither is news.
//   - An orphan is a mailbox or a OneDrive whose user has lost the licence for it.
//
// This room must never do I/O, read the clock, or decide what a user should hold: that
// is for plans alone. Begin with [Compare].
package drift
