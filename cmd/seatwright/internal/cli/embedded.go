package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/checkout"
	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/sandbox/entra"
)

// readTenantFile reads the file of a sandbox tenant in the project.
func readTenantFile(fsys fs.FS, name string) ([]byte, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readLimited(file, name)
}

const loopback = "127.0.0.1:0"

// embedded is a sandbox tenant. Its changes are kept beside its file, one a line.
type embedded struct {
	tenant  *sandbox.Tenant
	state   *os.Root
	name    string
	changes *os.File // opened by the first change
}

// openSandbox reads a tenant and what earlier runs changed in it.
func openSandbox(ctx context.Context, file string, data []byte) (*embedded, error) {
	tenant, err := sandbox.Parse(filepath.Base(file), data)
	if err != nil {
		return nil, invalidSandbox("sandbox tenant", err)
	}
	root, err := checkout.OpenState(ctx, filepath.Dir(file), sandboxDir)
	if err != nil {
		return nil, err
	}
	e := &embedded{tenant: tenant, state: root, name: overlayName(file)}
	if err := e.restore(); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return e, nil
}

func invalidSandbox(what string, err error) error {
	return ends(reasonInvalidPolicy, fmt.Errorf("read %s: %w", what, err), "")
}

// sandboxDir is the folder below the state folder that keeps changes.
const sandboxDir = "sandbox"

func overlayName(file string) string { return filepath.Base(file) + ".json" }

func (e *embedded) restore() error {
	overlay, err := e.readChanges()
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = e.tenant.Restore(overlay)
	}
	if err == nil { // without a last line that was cut off
		return checkout.ReplaceFile(e.state, e.name, e.tenant.Overlay())
	}
	if err != nil {
		return ends(reasonSandbox, fmt.Errorf("read the sandbox tenant's changes: %w", err), "discard them with `seatwright sandbox reset`")
	}
	return nil
}

// readChanges reads what earlier runs kept.
func (e *embedded) readChanges() ([]byte, error) {
	info, err := e.state.Lstat(e.name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", e.name)
	}
	file, err := e.state.Open(e.name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readLimited(file, e.name)
}

// keep appends a change to the others.
func (e *embedded) keep(line []byte) error {
	if e.changes == nil {
		file, err := e.state.OpenFile(e.name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return fmt.Errorf("keep sandbox changes: %w", err)
		}
		e.changes = file
	}
	_, err := e.changes.Write(line)
	return err
}

func (e *embedded) close() error {
	if e.changes != nil {
		return errors.Join(e.changes.Close(), e.state.Close())
	}
	return e.state.Close()
}

// serving is how an embedded tenant is served.
type serving struct {
	listen  string
	hosts   []string        // besides loopback
	options sandbox.Options // except those of the tenant itself
	ca      *entra.CA       // nil for plain HTTP
}

func (s serving) scheme() string {
	if s.ca != nil {
		return "https"
	}
	return "http"
}

// start serves the tenant and returns its address.
func (e *embedded) start(how serving) (address string, stop func() error, err error) {
	listener, err := sandbox.Listen(how.listen)
	if err != nil {
		return "", nil, usage("use 127.0.0.1:PORT: only this machine may reach it", "serve sandbox: %w", err)
	}
	how.options.Now, how.options.Changed = func() time.Time { return time.Now().UTC() }, e.keep
	server := sandbox.Server(sandbox.LocalOnly(e.tenant.Handler(how.options), how.hosts...))
	if how.ca != nil {
		server.TLSConfig = how.ca.TLS()
	}
	done := make(chan error, 1)
	go func() { done <- serve(server, listener) }()
	return listener.Addr().String(), func() error { return errors.Join(server.Close(), <-done) }, nil
}

func serve(server *http.Server, listener net.Listener) error {
	serve := server.Serve
	if server.TLSConfig != nil {
		serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	if err := serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve sandbox: %w", err)
	}
	return nil
}
