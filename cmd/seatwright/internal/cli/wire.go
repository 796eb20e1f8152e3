package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	azlog "github.com/Azure/azure-sdk-for-go/sdk/azcore/log"

	"github.com/seatwright/seatwright/cmd/seatwright/internal/view"
	"github.com/seatwright/seatwright/plan/apply/journal/blob"
	"github.com/seatwright/seatwright/policies"
	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

// reading is a tenant that can be read. It has no way to write: commands that do not write
// have nothing else.
type reading struct {
	client   *graph.Client
	start    func() *view.Progress
	progress *view.Progress // of the read that is under way; nil: none
}

// Read implements [state.Reader], and shows its progress.
func (r *reading) Read(ctx context.Context, query state.Query) (*state.Snapshot, error) {
	r.progress = r.start()
	defer func() {
		r.progress.Close()
		r.progress = nil
	}()
	return r.client.Read(ctx, query)
}

// ReadAudit implements [state.AuditReader].
func (r *reading) ReadAudit(ctx context.Context, query state.AuditQuery) ([]state.AuditEvent, error) {
	return r.client.ReadAudit(ctx, query)
}

func (r *reading) reach(users int) {
	if r.progress != nil {
		r.progress.Reach(users)
	}
}

// examined is a tenant that can be read, with the identity of the write credential. Only
// doctor uses it.
type examined struct {
	reader *graph.Client
	// identify signs in with the write credential, but cannot write.
	identify func() (*graph.Client, error)
}

// connect returns the reader of the tenant.
func (c *call) connect(ctx context.Context) (*reading, error) {
	options, err := c.endpoint(ctx)
	if err != nil {
		return nil, err
	}
	return c.reading(options)
}

// connectToExamine returns what reads the tenant without showing progress, and what looks at
// the write credential.
func (c *call) connectToExamine(ctx context.Context) (*examined, error) {
	options, err := c.endpoint(ctx)
	if err != nil {
		return nil, err
	}
	reading, err := c.reading(options)
	if err != nil {
		return nil, err
	}
	return &examined{reading.client, func() (*graph.Client, error) {
		if c.tenant.IsSandbox() {
			return reading.client, nil
		}
		options.Credential = credential(c.globals.dir, c.tenant.Write)
		return graph.New(options)
	}}, nil
}

// reading builds the client that reads.
func (c *call) reading(options graph.Options) (*reading, error) {
	r := &reading{start: func() *view.Progress { return c.progress("reading users", 0) }}
	options.Progress = r.reach
	if !c.tenant.IsSandbox() {
		options.Credential = credential(c.globals.dir, c.tenant.Read)
	}
	var err error
	if r.client, err = graph.New(options); err != nil && !c.tenant.IsSandbox() {
		return nil, signIn(err)
	}
	return r, err
}

// endpoint returns the address of the tenant, without a credential.
func (c *call) endpoint(ctx context.Context) (graph.Options, error) {
	if c.tenant.IsSandbox() {
		address, err := c.startSandbox(ctx)
		return graph.Options{Sandbox: address, SandboxRoles: sandboxRoles(), Run: c.run, Log: c.log}, err
	}
	azlog.SetListener(nil) // AZURE_SDK_GO_LOGGING would put requests on stderr
	return graph.Options{Cloud: c.tenant.Cloud, Tenant: c.tenant.ID, Run: c.run, Log: c.log}, nil
}

// startSandbox runs the embedded tenant inside this process, over real HTTP on loopback,
// behind the same client as the real service. It ends with the call.
func (c *call) startSandbox(ctx context.Context) (address string, err error) {
	data, err := readTenantFile(c.files, c.tenant.Sandbox)
	if err != nil {
		return "", positioned(c.tenant.SandboxPos, c.tenant.Sandbox, err)
	}
	file, err := c.files.Resolve(c.tenant.Sandbox)
	if err != nil {
		return "", positioned(c.tenant.SandboxPos, c.tenant.Sandbox, err)
	}
	embedded, err := openSandbox(ctx, filepath.Join(c.globals.dir, filepath.FromSlash(file)), data)
	if err != nil {
		return "", err
	}
	at, stop, err := embedded.start(serving{listen: loopback})
	if err != nil {
		return "", errors.Join(err, embedded.close())
	}
	c.onClose(func() error { return errors.Join(stop(), embedded.close()) })
	return "http://" + at + "/v1.0", nil
}

// container returns the container of a tenant's runs. A call that only reads has the
// credential that reads.
func container(p Program, g globals, tenant policies.Tenant, access blob.Access) (*blob.Container, error) {
	azlog.SetListener(nil) // AZURE_SDK_GO_LOGGING would put requests on stderr
	options := blob.Options{
		Account: tenant.Records.Account, Container: tenant.Records.Container, Emulator: tenant.Records.Emulator, Cloud: tenant.Cloud,
		Access: access, Log: logger(p, g),
	}
	if options.Emulator != "" {
		return blob.New(options)
	}
	who := tenant.Read
	if access != blob.Reading {
		who = tenant.Write
	}
	if access == blob.Writing {
		if err := mayWriteAs(p, who); err != nil {
			return nil, err
		}
	}
	var err error
	if options.Credential, err = graph.NewCredential(tenant.Cloud, tenant.ID, credential(g.dir, who)); err != nil {
		return nil, signIn(err)
	}
	return blob.New(options)
}

// credential returns the credential of the settings. A path of a certificate is relative to
// them.
func credential(dir string, c policies.Credential) graph.Credential {
	file := c.CertificateFile
	if file != "" && !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	return graph.Credential{
		Kind: c.Kind, ClientID: c.ClientID, CertificateFile: file, ServiceConnection: c.ServiceConnection, TokenEnv: c.TokenEnv,
	}
}

func signIn(err error) error {
	return ends(reasonCredentials, fmt.Errorf("prepare sign-in: %w", err), "see `credential` of the tenant in seatwright.yaml, and seatwright help sign-in")
}

// sandboxRoles returns the permissions that a sandbox tenant grants, for trying out what an
// app registration needs; nil: all.
func sandboxRoles() []string {
	roles, set := os.LookupEnv("SEATWRIGHT_SANDBOX_ROLES")
	if !set {
		return nil
	}
	return append([]string{}, strings.FieldsFunc(roles, func(c rune) bool { return c == ',' || c == ' ' })...)
}
