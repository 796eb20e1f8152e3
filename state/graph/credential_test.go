package graph_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
)

// "Microsoft Graph national cloud deployments".
func TestCloudAddresses(t *testing.T) {
	t.Parallel()
	for cloud, want := range map[state.Cloud][3]string{
		"":                  {"https://login.microsoftonline.com/", "https://graph.microsoft.com", "https://graph.microsoft.com/.default"},
		state.CloudPublic:   {"https://login.microsoftonline.com/", "https://graph.microsoft.com", "https://graph.microsoft.com/.default"},
		state.CloudUSGov:    {"https://login.microsoftonline.us/", "https://graph.microsoft.us", "https://graph.microsoft.us/.default"},
		state.CloudUSGovDoD: {"https://login.microsoftonline.us/", "https://dod-graph.microsoft.us", "https://dod-graph.microsoft.us/.default"},
		state.CloudChina:    {"https://login.chinacloudapi.cn/", "https://microsoftgraph.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn/.default"},
	} {
		t.Run("cloud "+string(cloud), func(t *testing.T) {
			t.Parallel()
			authority, address, scope, err := graph.Addresses(cloud)
			if err != nil {
				t.Fatalf("cloud %q: %v", cloud, err)
			}
			if diff := cmp.Diff(want, [3]string{authority, address, scope}); diff != "" {
				t.Errorf("addresses (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := graph.New(graph.Options{Cloud: "germany", Tenant: "contoso.com"}); err == nil || !strings.HasPrefix(err.Error(), `cloud "germany": want public`) {
		t.Errorf("New in an unknown cloud = %v", err)
	}
}

const tenantGUID = "00000000-0000-4000-8000-00000000000a"

func TestNewCredentialChecks(t *testing.T) {
	t.Parallel()
	file := certificateFile(t, 0o600)
	secretEnv := map[string]string{"AZURE_CLIENT_ID": "app", "AZURE_CLIENT_SECRET": canary}
	with := func(env map[string]string, more ...string) map[string]string {
		all := map[string]string{}
		for k, v := range env {
			all[k] = v
		}
		for i := 0; i < len(more); i += 2 {
			all[more[i]] = more[i+1]
		}
		return all
	}
	for name, c := range map[string]struct {
		cloud      state.Cloud
		tenant     string
		credential graph.Credential
		env        map[string]string
		want       string // part of the error; "": none
	}{
		"the default":                            {tenant: tenantGUID},
		"azure-cli":                              {tenant: tenantGUID, credential: graph.Credential{Kind: "azure-cli"}},
		"an unknown kind":                        {tenant: tenantGUID, credential: graph.Credential{Kind: "password"}, want: `credential kind "password": want one of azure-cli, azure-pipelines, client-certificate, default, environment, github-oidc, gitlab-oidc, managed-identity, workload-identity`},
		"no tenant":                              {want: "no tenant"},
		"the environment with a secret":          {tenant: tenantGUID, credential: graph.Credential{Kind: "environment"}, env: secretEnv},
		"the environment without an application": {tenant: tenantGUID, credential: graph.Credential{Kind: "environment"}, want: "AZURE_CLIENT_ID is not set"},
		"the environment without a secret":       {tenant: tenantGUID, credential: graph.Credential{Kind: "environment"}, env: map[string]string{"AZURE_CLIENT_ID": "app"}, want: "AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH is not set"},
		"the environment with a certificate":     {tenant: tenantGUID, credential: graph.Credential{Kind: "environment"}, env: map[string]string{"AZURE_CLIENT_ID": "app", "AZURE_CLIENT_CERTIFICATE_PATH": file}},
		"a certificate":                          {tenant: tenantGUID, credential: graph.Credential{Kind: "client-certificate", ClientID: "app", CertificateFile: file}},
		"a certificate without an application":   {tenant: tenantGUID, credential: graph.Credential{Kind: "client-certificate", CertificateFile: file}, want: "needs client_id and certificate_file"},
		"a foreign authority":                    {tenant: tenantGUID, credential: graph.Credential{Kind: "environment"}, env: with(secretEnv, "AZURE_AUTHORITY_HOST", "https://evil.example/"), want: `AZURE_AUTHORITY_HOST is "https://evil.example"`},
		"the authority of another cloud":         {cloud: state.CloudChina, tenant: tenantGUID, env: map[string]string{"AZURE_AUTHORITY_HOST": "https://login.microsoftonline.com"}, want: `signs in at "https://login.chinacloudapi.cn"`},
		"the cloud's own authority":              {tenant: tenantGUID, env: map[string]string{"AZURE_AUTHORITY_HOST": "https://login.microsoftonline.com"}},
		"a foreign tenant":                       {tenant: tenantGUID, env: map[string]string{"AZURE_TENANT_ID": "00000000-0000-4000-8000-00000000000b"}, want: "but the settings name tenant " + tenantGUID},
		"the same tenant":                        {tenant: tenantGUID, env: map[string]string{"AZURE_TENANT_ID": strings.ToUpper(tenantGUID)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := graph.CredentialFrom(c.cloud, c.tenant, c.credential, c.env)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("credential = %v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), canary) {
				t.Errorf("the error holds the secret: %v", err)
			}
		})
	}
}

func TestCredentialKindsAreComplete(t *testing.T) {
	t.Parallel()
	for _, kind := range state.CredentialKinds() {
		err := graph.CredentialFrom("", tenantGUID, graph.Credential{Kind: kind}, nil)
		if err != nil && strings.Contains(err.Error(), "want one of") {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestReadPrivateFileRefuses(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("modes of files mean nothing here")
	}
	dir := t.TempDir()
	large := filepath.Join(dir, "large.pem")
	if err := os.WriteFile(large, make([]byte, 1<<20+1), 0o600); err != nil {
		t.Fatal(err)
	}
	nonsense := filepath.Join(dir, "nonsense.pem")
	if err := os.WriteFile(nonsense, []byte("-----BEGIN PRIVATE KEY-----\n"+canary), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ path, want string }{
		"readable by the group": {certificateFile(t, 0o640), "others can read it (mode 0640)"},
		"readable by all":       {certificateFile(t, 0o604), "others can read it (mode 0604)"},
		"too large":             {large, "1048577 bytes, the most is 1048576"},
		"a directory":           {dir, "it is not a regular file"},
		"a device without end":  {"/dev/zero", "it is not a regular file"},
		"missing":               {filepath.Join(dir, "none"), "no such file"},
		"no certificate in it":  {nonsense, "read certificate file " + nonsense},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := graph.CredentialFrom("", tenantGUID, graph.Credential{Kind: "client-certificate", ClientID: "app", CertificateFile: c.path}, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), canary) {
				t.Errorf("credential = %v, want %q", err, c.want)
			}
		})
	}
}

// certificateFile writes a certificate with its key.
func certificateFile(t *testing.T, mode os.FileMode) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "seatwright test"}, NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	path := filepath.Join(t.TempDir(), "app.pem")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}
