// Package pipelines tests the pipelines of examples/ci: it runs their scripts, word for
// word, in made-up projects of each platform.
//
//   - doc.go: the only file that is not a test; nothing imports this package.
//   - pipelines_test.go: what can happen to a pull request, a merge and a night.
//   - files_test.go: the jobs, read out of the files of each platform.
//   - machine_test.go: runs jobs as a platform does, and counts the lines that ran.
//   - fakes_test.go: the tools that scripts call: gh, glab, az, jq.
//   - law_test.go: what the files may not do, and that each breach is found.
//   - main_test.go: the programs that scripts find on their PATH.
//
// It is apart from the tests of the program because it takes longest. Begin with
// TestPipelines.
package pipelines
