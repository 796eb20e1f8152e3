package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	azlog "github.com/Azure/azure-sdk-for-go/sdk/azcore/log"

	"github.com/seatwright/seatwright/plan/apply/journal/blob"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/ad"
	"github.com/seatwright/seatwright/state/graph"
	"github.com/seatwright/seatwright/state/sandbox"
	"github.com/seatwright/seatwright/state/sandbox/entra"
)

// backend is a tenant within reach.
type backend struct {
	reader  *graph.Client
	writing func(rate int) (*graph.Client, error) // builds the write credential: the executor alone calls it
	// examined signs in with the write credential, but cannot write: for doctor alone.
	examined func() (*graph.Client, error)
	close    func() error
}

// connect builds what reads the tenant, and what could write to it.
func (j *job) connect(ctx context.Context, progress func(int)) (*backend, error) {
	if j.tenant.IsSandbox() {
		return j.connectSandbox(ctx, progress)
	}
	azlog.SetListener(nil) // AZURE_SDK_GO_LOGGING would put requests on stderr
	options := graph.Options{Cloud: graph.Cloud(j.tenant.Cloud), Tenant: j.tenant.ID, Run: j.run, Log: j.log}
	reading := options
	reading.Credential, reading.Progress = credential(j.dir, j.tenant.Read), progress
	reader, err := graph.New(reading)
	if err != nil {
		return nil, signIn(err)
	}
	return &backend{
		reader:  reader,
		writing: func(rate int) (*graph.Client, error) { return j.liveWriter(options, rate) },
		examined: func() (*graph.Client, error) {
			options.Credential = credential(j.dir, j.tenant.Write)
			return graph.New(options)
		},
		close: func() error { return nil },
	}, nil
}

// container builds the place of a tenant's runs. Whoever only looks has the credential
// that reads.
func (p Program) container(g globals, tenant policies.Tenant, access blob.Access) (*blob.Container, error) {
	azlog.SetListener(nil) // AZURE_SDK_GO_LOGGING would put requests on stderr
	options := blob.Options{
		Account: tenant.Records.Account, Container: tenant.Records.Container, Emulator: tenant.Records.Emulator, Cloud: string(tenant.Cloud),
		Access: access, Log: p.logger(g),
	}
	if options.Emulator != "" {
		return blob.New(options)
	}
	who := tenant.Read
	if access != blob.Reading {
		who = tenant.Write
	}
	if access == blob.Writing {
		if err := p.mayWriteAs(who); err != nil {
			return nil, err
		}
	}
	var err error
	if options.Credential, err = graph.NewCredential(graph.Cloud(tenant.Cloud), tenant.ID, credential(g.dir, who)); err != nil {
		return nil, signIn(err)
	}
	return blob.New(options)
}

// mayWriteAs refuses to write as whoever happens to be signed in.
func (p Program) mayWriteAs(who policies.Credential) error {
	if who.Kind == policies.CredentialDefault && !p.InTerminal {
		return usage("name one credential in seatwright.yaml: credential: {write: {kind: ...}}",
			"refuse to write with the default credential where nobody sits at a terminal: whoever is signed in on this machine would do it")
	}
	return nil
}

func (j *job) liveWriter(options graph.Options, rate int) (*graph.Client, error) {
	if err := j.mayWriteAs(j.tenant.Write); err != nil {
		return nil, err
	}
	options.Credential, options.Write, options.Rate = credential(j.dir, j.tenant.Write), true, rate
	client, err := graph.New(options)
	if err != nil {
		return nil, signIn(err)
	}
	return client, nil
}

// directories builds what reads the tenant's directories.
func (p Program) directories(fsys fs.FS, tenant policies.Tenant, progress func(int)) ([]*ad.Reader, error) {
	var readers []*ad.Reader
	for _, d := range tenant.Directories {
		user, password := os.Getenv(d.UserEnv), state.Secret(os.Getenv(d.PasswordEnv))
		if user == "" || password == "" {
			return nil, &exit{code: ExitCredentials, reason: "credentials",
				err:  fmt.Errorf("sign in to directory %s: the environment variables %s and %s are not both set", d.Name, d.UserEnv, d.PasswordEnv),
				hint: "set them to the user principal name and the password of the account that reads the directory"}
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
			return nil, &exit{code: ExitUsage, reason: "directory", err: err, hint: fmt.Sprintf("see %s (%s)", d.Name, d.Pos)}
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

// credential translates the settings; a certificate's path is relative to them.
func credential(dir string, c policies.Credential) graph.Credential {
	file := c.CertificateFile
	if file != "" && !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	return graph.Credential{
		Kind: string(c.Kind), ClientID: c.ClientID, CertificateFile: file, ServiceConnection: c.ServiceConnection, TokenEnv: c.TokenEnv,
	}
}

func signIn(err error) error {
	return &exit{code: ExitCredentials, reason: "credentials", err: fmt.Errorf("prepare sign-in: %w", err), hint: "see `credential` of the tenant in seatwright.yaml"}
}

// connectSandbox runs the embedded tenant inside this process, over real HTTP on
// loopback, behind the same client as the real service.
func (j *job) connectSandbox(ctx context.Context, progress func(int)) (*backend, error) {
	data, err := readTenantFile(j.project, j.tenant.Sandbox)
	if err != nil {
		return nil, positioned(j.tenant.SandboxPos, j.tenant.Sandbox, err)
	}
	file, err := j.project.resolve(j.tenant.Sandbox)
	if err != nil {
		return nil, positioned(j.tenant.SandboxPos, j.tenant.Sandbox, err)
	}
	embedded, err := openSandbox(ctx, filepath.Join(j.dir, filepath.FromSlash(file)), data)
	if err != nil {
		return nil, err
	}
	address, stop, err := embedded.start(serving{listen: loopback})
	if err != nil {
		return nil, errors.Join(err, embedded.close())
	}
	options := graph.Options{Sandbox: "http://" + address + "/v1.0", SandboxRoles: sandboxRoles(), Run: j.run, Log: j.log, Progress: progress}
	reader, err := graph.New(options)
	if err != nil {
		return nil, errors.Join(err, stop(), embedded.close())
	}
	return &backend{
		reader: reader,
		writing: func(rate int) (*graph.Client, error) {
			options.Write, options.Rate, options.Progress = true, rate, nil
			return graph.New(options)
		},
		examined: func() (*graph.Client, error) { return reader, nil },
		close:    func() error { return errors.Join(stop(), embedded.close()) },
	}, nil
}

// sandboxRoles are the permissions that a sandbox tenant shall hold the program to,
// for trying out what an app registration needs; nil: all.
func sandboxRoles() []string {
	roles, set := os.LookupEnv("SEATWRIGHT_SANDBOX_ROLES")
	if !set {
		return nil
	}
	return append([]string{}, strings.FieldsFunc(roles, func(c rune) bool { return c == ',' || c == ' ' })...)
}

const loopback = "127.0.0.1:0"

// embedded is a sandbox tenant whose changes are kept beside its file, a line each.
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
	root, err := openState(ctx, filepath.Dir(file), sandboxDir)
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
	return &exit{code: ExitUsage, reason: "invalid_policy", err: fmt.Errorf("read %s: %w", what, err)}
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
	if err == nil { // in one piece again, whatever was cut off
		return replaceFile(e.state, e.name, e.tenant.Overlay())
	}
	if err != nil {
		return &exit{code: ExitUsage, reason: "sandbox", err: fmt.Errorf("read the sandbox tenant's changes: %w", err),
			hint: "forget them with `seatwright sandbox reset`"}
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
		return nil, fmt.Errorf("%s is no regular file", e.name)
	}
	file, err := e.state.Open(e.name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readLimited(file, e.name)
}

// keep puts a change behind the others.
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

// serving is how an embedded tenant shows itself.
type serving struct {
	listen  string
	hosts   []string        // besides loopback
	options sandbox.Options // all but those that are the tenant's own
	ca      *entra.CA       // nil for plain HTTP
}

func (s serving) scheme() string {
	if s.ca != nil {
		return "https"
	}
	return "http"
}

// start serves the tenant and says where.
func (e *embedded) start(how serving) (address string, stop func() error, err error) {
	listener, err := sandbox.Listen(how.listen)
	if err != nil {
		return "", nil, usage("only this machine may reach it: use 127.0.0.1:PORT", "serve sandbox: %w", err)
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
