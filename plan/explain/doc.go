// Package explain reports what a finished plan decided. It works on a [plan.Plan] and its
// [plan.Details], and completes the parts of a plan that only report.
package explain
