// Package drift separates what changed in a tenant from what is new in its policies. It is
// pure: plans, the writes of past runs and entries of the tenant's audit log go in, a [Report]
// comes out.
//
// Terms:
//
//   - The last run is the last one that ended well. Its policies are those that it carried
//     out, and the plan of the last run is today's plan of these policies.
//   - An item is one assignment (a user and a SKU), or the usage location of a user, that is
//     not as today's policies want it. Its key is the same in every report.
//   - Drift is an item that the policies of the last run want changed too: the tenant changed,
//     or users entered or left a source. Pending is an item that only today's policies want
//     changed. Undecided is either, where the information is missing. Superseded is
//     an item that only the policies of the last run want changed: for today's policies it is
//     correct.
//   - A flapping item is one that another writer changes back again and again.
//   - Known is what the last run already left undone. Accepted is what accept.yaml lists.
//     Neither is reported as new.
//   - Retained data is a mailbox or a OneDrive whose user has lost the license for it.
//   - A write is a change that a run of ours sent. A change is made by any writer.
//
// The files:
//
//	report.go   the report: compare two plans, sort the differences, count
//	item.go     one item: its class, and whether it needs attention
//	moves.go    which users entered or left a source
//	timeline.go which changes led to an item, by journals and audit log, and what is flapping
//	retained.go retained data of users without a license
//	correct.go  which items a correction may change, and what became of them
//
// This package must do no I/O, must not read the clock, and must not decide what a user should
// have: only plans do. Begin with [Compare].
package drift
