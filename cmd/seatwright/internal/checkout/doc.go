// Package checkout has a project as files: the folder of the policies, the commits of the
// git repository around it, and the folder in which runs leave their state.
//
// Begin with [Open] in project.go: a file system that cannot be led out of the folder.
// revision.go shows the folder as a commit has it, under the same rules for links;
// git.go runs git on files that a pull request may have filled. statedir.go opens and
// writes the state folder, which must belong to the user of this process, as
// owner_unix.go checks and owner_other.go cannot. usage.go has the error of a call that
// cannot be carried out on these files.
//
// This package knows nothing of settings, policies, plans and tenants. It must not
// follow a link out of the folder, open a hidden file, or open anything but regular
// files and folders. It must not let git run a program that files of the checkout name.
package checkout
