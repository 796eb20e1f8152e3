package cli

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/ad"
	"github.com/seatwright/seatwright/state/join"
)

// readDirectory reads the users of OUs and domains from the tenant's directories, and joins
// them to a snapshot.
func readDirectory(ctx context.Context, p Program, settings fs.FS, tenant policies.Tenant, snapshot *state.Snapshot, places []state.Place) (*state.Directory, error) {
	progress := view.NewProgress(p.Err, p.ErrTerminal, p.Now, "reading the directory", 0)
	defer progress.Close()
	readers, err := directories(p, settings, tenant, progress.Reach)
	if err != nil {
		return nil, err
	}
	reads, err := ad.Read(ctx, readers, places)
	if err != nil {
		return nil, err
	}
	return join.Join(snapshot, reads)
}

// directories returns the readers of the tenant's directories.
func directories(p Program, fsys fs.FS, tenant policies.Tenant, progress func(int)) ([]*ad.Reader, error) {
	var readers []*ad.Reader
	for _, d := range tenant.Directories {
		user, password := os.Getenv(d.UserEnv), state.Secret(os.Getenv(d.PasswordEnv))
		if user == "" || password == "" {
			return nil, ends(reasonCredentials, fmt.Errorf("sign in to directory %s: the environment variables %s and %s are not both set", d.Name, d.UserEnv, d.PasswordEnv),
				"set them to the user principal name and the password of the account that reads the directory")
		}
		var ca []byte
		if d.CAFile != "" {
			var err error
			if ca, err = readCA(fsys, d.CAFile); err != nil {
				return nil, positioned(d.CAFilePos, d.CAFile, err)
			}
		}
		reader, err := ad.New(ad.Options{
			Name: d.Name, URLs: d.URLs, StartTLS: d.StartTLS, CA: ca, User: user, Password: password, Anchors: d.Anchors, Progress: progress, Now: p.Now,
		})
		if err != nil {
			return nil, ends(reasonDirectory, err, fmt.Sprintf("see %s (%s)", d.Name, d.Pos)).as(ExitUsage)
		}
		readers = append(readers, reader)
	}
	return readers, nil
}

// readCA reads a certificate file beside the settings, or one of the machine's own.
func readCA(fsys fs.FS, name string) ([]byte, error) {
	var file io.ReadCloser
	var err error
	if filepath.IsAbs(name) {
		file, err = os.Open(name)
	} else {
		file, err = fsys.Open(filepath.ToSlash(name))
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxCAFile))
}

// maxCAFile is far above the size of any collection of CAs.
const maxCAFile = 4 << 20

// examineDirectory signs in at every server of every directory. A server that does not
// answer is a warning if another one does.
func (e *examination) examineDirectory(ctx context.Context) {
	if len(e.call.tenant.Directories) == 0 {
		e.addOK("directory", "none is configured: `ou` and `domain` use the names that are synced to Entra ID")
		return
	}
	readers, err := directories(e.call.program, e.call.project.Settings(), e.call.tenant, nil)
	if err != nil {
		e.addError("directory", err)
		return
	}
	for i, reader := range readers {
		topic := "directory " + e.call.tenant.Directories[i].Name
		findings := reader.Check(ctx)
		answered := slices.ContainsFunc(findings, func(f ad.Finding) bool { return f.Err == nil })
		for _, f := range findings {
			switch {
			case f.Err == nil:
				e.addOK(topic, "%s answers for the domain %s", f.Server, f.Domain)
			case answered:
				e.addWarning(topic, classify(f.Err).hint, "%v", f.Err)
			default:
				e.addError(topic, f.Err)
			}
		}
	}
}
