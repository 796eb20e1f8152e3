package graph_test

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/graph"
	"github.com/seatwright/seatwright/state/sandbox"
	emulated "github.com/seatwright/seatwright/state/sandbox/entra"
	"github.com/seatwright/seatwright/state/statetest"
)

const (
	clientID     = "11111111-1111-1111-1111-111111111111"
	connectionID = "99999999-9999-9999-9999-999999999999"
	// hidden is part of every planted secret.
	hidden = "CANARY7secret"
)

// entra is a tenant with an authority over TLS, and the platforms that vouch for jobs.
// All are on one listener, with a client that trusts it.
type entra struct {
	server *httptest.Server
	tenant *sandbox.Tenant
	issued string // token of the platforms
	mu     sync.Mutex
	asked  []string // the requests to the platforms
}

func openEntra(t *testing.T, apps ...emulated.App) *entra {
	t.Helper()
	authority, err := emulated.NewAuthority(apps)
	if err != nil {
		t.Fatal(err)
	}
	e := &entra{tenant: littleTenant(t)}
	face := e.tenant.Handler(sandbox.Options{Authority: authority, StrictTokens: true})
	mux := http.NewServeMux()
	mux.HandleFunc("/platform/github", e.vouch(http.MethodGet, "bearer "+hidden+"-request", "value"))
	mux.HandleFunc("/platform/devops", e.vouch(http.MethodPost, "Bearer "+hidden+"-system", "oidcToken"))
	mux.Handle("/", face)
	e.server = httptest.NewTLSServer(mux)
	t.Cleanup(e.server.Close)
	now := time.Now()
	// The signature is not checked: the authority believes the claims of the token.
	e.issued, err = jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": "https://issuer.example", "sub": "job", "aud": "api://AzureADTokenExchange", "exp": now.Add(time.Hour).Unix(), "nbf": now.Unix(), "jti": hidden,
	}).SignedString([]byte(hidden))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// vouch returns the job a token, if the request is right.
func (e *entra) vouch(method, authorization, field string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		e.asked = append(e.asked, r.URL.RawQuery)
		e.mu.Unlock()
		if r.Method != method || r.Header.Get("Authorization") != authorization {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{field: e.issued})
	}
}

func (e *entra) dial(o graph.Options, env map[string]string) (*graph.Client, error) {
	o.Tenant = "5eed0000-0000-4000-8000-000000000001"
	return graph.NewThrough(o, e.server.URL+"/v1.0", e.server.URL+"/", env, e.server.Client().Transport)
}

func federatedApp() emulated.App {
	return emulated.App{ClientID: clientID, Roles: []string{"LicenseAssignment.Read.All"},
		Federated: &emulated.Federated{Issuer: "https://issuer.example", Subject: "job", Audience: "api://AzureADTokenExchange"}}
}

func TestCredentialsSignInAtTheAuthority(t *testing.T) {
	pemFile := certificateFile(t, 0o600)
	for name, c := range map[string]struct {
		app        emulated.App
		credential graph.Credential
		env        func(*entra) map[string]string
		asked      string
	}{
		"environment with a secret": {
			emulated.App{ClientID: clientID, Roles: []string{"LicenseAssignment.Read.All"}, Secret: hidden},
			graph.Credential{Kind: "environment"},
			func(*entra) map[string]string {
				return map[string]string{"AZURE_CLIENT_ID": clientID, "AZURE_CLIENT_SECRET": hidden}
			}, "",
		},
		"environment with a certificate": {
			emulated.App{ClientID: clientID, Roles: []string{"LicenseAssignment.Read.All"}, Certificate: certificateIn(t, pemFile)},
			graph.Credential{Kind: "environment"},
			func(*entra) map[string]string {
				return map[string]string{"AZURE_CLIENT_ID": clientID, "AZURE_CLIENT_CERTIFICATE_PATH": pemFile}
			}, "",
		},
		"certificate": {
			emulated.App{ClientID: clientID, Roles: []string{"LicenseAssignment.Read.All"}, Certificate: certificateIn(t, pemFile)},
			graph.Credential{Kind: "client-certificate", ClientID: clientID, CertificateFile: pemFile}, nil, "",
		},
		"workload identity": {
			federatedApp(), graph.Credential{Kind: "workload-identity", ClientID: clientID},
			func(e *entra) map[string]string {
				return map[string]string{"AZURE_FEDERATED_TOKEN_FILE": tokenFile(t, e.issued)}
			}, "",
		},
		"GitHub": {
			federatedApp(), graph.Credential{Kind: "github-oidc", ClientID: clientID},
			func(e *entra) map[string]string {
				return map[string]string{"ACTIONS_ID_TOKEN_REQUEST_URL": e.server.URL + "/platform/github?api-version=2.0", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": hidden + "-request"}
			}, "api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange",
		},
		"GitLab": {
			federatedApp(), graph.Credential{Kind: "gitlab-oidc", ClientID: clientID},
			func(e *entra) map[string]string { return map[string]string{"SEATWRIGHT_ID_TOKEN": e.issued + "\n"} }, "",
		},
		"GitLab, by another variable": {
			federatedApp(), graph.Credential{Kind: "gitlab-oidc", ClientID: clientID, TokenEnv: "SEATWRIGHT_WRITE"},
			func(e *entra) map[string]string { return map[string]string{"SEATWRIGHT_WRITE": e.issued} }, "",
		},
		"Azure Pipelines": {
			federatedApp(), graph.Credential{Kind: "azure-pipelines", ClientID: clientID, ServiceConnection: connectionID},
			func(e *entra) map[string]string {
				t.Setenv("SYSTEM_OIDCREQUESTURI", e.server.URL+"/platform/devops") // the SDK reads it itself
				return map[string]string{"SYSTEM_ACCESSTOKEN": hidden + "-system", "SYSTEM_OIDCREQUESTURI": e.server.URL + "/platform/devops"}
			}, "api-version=7.1&serviceConnectionId=" + connectionID,
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := openEntra(t, c.app)
			var env map[string]string
			if c.env != nil {
				env = c.env(e)
			}
			var log strings.Builder
			client, err := e.dial(graph.Options{Credential: c.credential, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}, env)
			if err != nil {
				t.Fatalf("make client: %v", err)
			}
			s, err := client.Read(t.Context(), state.Query{SKUs: true})
			if err != nil || len(s.SKUs) != len(statetest.Snapshot(t).SKUs) {
				t.Fatalf("Read = %+v, %v", s, err)
			}
			if c.asked != "" && (len(e.asked) != 1 || e.asked[0] != c.asked) {
				t.Errorf("the platform was asked %q, want once %q", e.asked, c.asked)
			}
			// The service refuses what the roles in the token do not allow; nothing shows
			// a secret.
			_, err = client.Read(t.Context(), state.Query{AllUsers: true})
			if state.ReasonOf(err) != state.ReasonForbidden {
				t.Errorf("Read of users = %v, want a refusal", err)
			}
			shown := log.String() + fmt.Sprintf("%v %+v %v %+v", err, err, client, client)
			for _, planted := range []string{hidden, e.issued, "eyJ"} {
				if strings.Contains(shown, planted) {
					t.Errorf("a secret is shown: %s", shown)
				}
			}
		})
	}
}

func TestRefusedCredentialsShowNoSecret(t *testing.T) {
	pemFile := certificateFile(t, 0o600)
	other := emulated.App{ClientID: clientID, Secret: "another", Federated: &emulated.Federated{Issuer: "https://other", Subject: "other", Audience: "other"}}
	for name, c := range map[string]struct {
		credential graph.Credential
		env        func(*entra) map[string]string
		want       string
	}{
		"a wrong secret": {graph.Credential{Kind: "environment"}, func(*entra) map[string]string {
			return map[string]string{"AZURE_CLIENT_ID": clientID, "AZURE_CLIENT_SECRET": hidden}
		}, "AADSTS7000215"},
		"an unknown application": {graph.Credential{Kind: "environment"}, func(*entra) map[string]string {
			return map[string]string{"AZURE_CLIENT_ID": connectionID, "AZURE_CLIENT_SECRET": hidden}
		}, "AADSTS700016"},
		"an unknown certificate": {graph.Credential{Kind: "client-certificate", ClientID: clientID, CertificateFile: pemFile}, nil, "AADSTS700027"},
		"a job that is not trusted": {graph.Credential{Kind: "gitlab-oidc", ClientID: clientID}, func(e *entra) map[string]string {
			return map[string]string{"SEATWRIGHT_ID_TOKEN": e.issued}
		}, "AADSTS700"},
		"GitHub refuses": {graph.Credential{Kind: "github-oidc", ClientID: clientID}, func(e *entra) map[string]string {
			return map[string]string{"ACTIONS_ID_TOKEN_REQUEST_URL": e.server.URL + "/platform/github?x=" + hidden, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": hidden + "-wrong"}
		}, "ask GitHub for a token: status 401; give the job `permissions: id-token: write`"},
		"GitHub cannot be reached": {graph.Credential{Kind: "github-oidc", ClientID: clientID}, func(*entra) map[string]string {
			return map[string]string{"ACTIONS_ID_TOKEN_REQUEST_URL": "https://127.0.0.1:1/?x=" + hidden, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": hidden}
		}, "ask GitHub for a token: dial tcp 127.0.0.1:1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := openEntra(t, other)
			var env map[string]string
			if c.env != nil {
				env = c.env(e)
			}
			var log strings.Builder
			client, err := e.dial(graph.Options{Credential: c.credential, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}, env)
			if err != nil {
				t.Fatalf("make client: %v", err)
			}
			_, err = client.Read(t.Context(), state.Query{SKUs: true})
			if state.ReasonOf(err) != state.ReasonUnauthorized || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Read = %v, want %q", err, c.want)
			}
			for _, planted := range []string{hidden, e.issued, "eyJ"} {
				if strings.Contains(log.String()+fmt.Sprint(err), planted) {
					t.Errorf("a secret is shown: %s %v", log.String(), err)
				}
			}
		})
	}
}

func TestIncompleteCredentialsAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		credential graph.Credential
		env        map[string]string
		want       string
	}{
		"workload identity without a file":         {graph.Credential{Kind: "workload-identity", ClientID: clientID}, nil, "AZURE_FEDERATED_TOKEN_FILE is not set: label the pod"},
		"workload identity without an application": {graph.Credential{Kind: "workload-identity"}, nil, "no client_id, and environment variable AZURE_CLIENT_ID is not set"},
		"GitHub without permission":                {graph.Credential{Kind: "github-oidc", ClientID: clientID}, nil, "ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set: give the job `permissions: id-token: write`"},
		"GitHub without TLS":                       {graph.Credential{Kind: "github-oidc", ClientID: clientID}, map[string]string{"ACTIONS_ID_TOKEN_REQUEST_TOKEN": hidden, "ACTIONS_ID_TOKEN_REQUEST_URL": "http://evil.example/"}, "ACTIONS_ID_TOKEN_REQUEST_URL is not an https address"},
		"GitHub without a client":                  {graph.Credential{Kind: "github-oidc"}, map[string]string{"ACTIONS_ID_TOKEN_REQUEST_TOKEN": hidden, "ACTIONS_ID_TOKEN_REQUEST_URL": "https://x/"}, "it needs client_id"},
		"GitLab without a token":                   {graph.Credential{Kind: "gitlab-oidc", ClientID: clientID}, nil, "SEATWRIGHT_ID_TOKEN is not set: give the job `id_tokens: {SEATWRIGHT_ID_TOKEN: {aud: api://AzureADTokenExchange}}`"},
		"Azure Pipelines without a token":          {graph.Credential{Kind: "azure-pipelines", ClientID: clientID, ServiceConnection: connectionID}, nil, "SYSTEM_ACCESSTOKEN is not set: map it in the step"},
		"Azure Pipelines without an address":       {graph.Credential{Kind: "azure-pipelines", ClientID: clientID, ServiceConnection: connectionID}, map[string]string{"SYSTEM_ACCESSTOKEN": hidden}, "SYSTEM_OIDCREQUESTURI is not set"},
		"a region that is a host":                  {graph.Credential{Kind: "managed-identity"}, map[string]string{"AZURE_REGIONAL_AUTHORITY_NAME": "evil.example/"}, `AZURE_REGIONAL_AUTHORITY_NAME is "evil.example/", which is not a region`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := graph.CredentialFrom("", tenantGUID, c.credential, c.env)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), hidden) {
				t.Errorf("credential = %v, want %q", err, c.want)
			}
		})
	}
}

// A redirect of the token endpoint would take the secret along.
func TestSignInFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	elsewhere, calls := stranger(t)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "openid-configuration") {
			root := "https://" + r.Host + "/x"
			_, _ = fmt.Fprintf(w, `{"token_endpoint":"%s/token","issuer":"%s","authorization_endpoint":"%s/authorize"}`, root, root, root)
			return
		}
		http.Redirect(w, r, elsewhere+"/token", http.StatusTemporaryRedirect)
	}))
	t.Cleanup(server.Close)
	client, err := graph.NewThrough(graph.Options{Tenant: tenantGUID, Credential: graph.Credential{Kind: "environment"}}, server.URL+"/v1.0", server.URL+"/",
		map[string]string{"AZURE_CLIENT_ID": clientID, "AZURE_CLIENT_SECRET": hidden}, server.Client().Transport)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Read(t.Context(), state.Query{SKUs: true})
	if state.ReasonOf(err) != state.ReasonUnauthorized || calls.Load() != 0 || strings.Contains(fmt.Sprint(err), hidden) {
		t.Errorf("Read = %v after %d calls of a stranger, want a refusal and none", err, calls.Load())
	}
}

// The machine itself provides its identity.
func TestManagedIdentity(t *testing.T) {
	token := unsignedToken(t, jwt.MapClaims{"roles": []string{"LicenseAssignment.Read.All"}})
	var asked string
	machine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.RawQuery + " " + r.Header.Get("X-Identity-Header")
		_, _ = fmt.Fprintf(w, `{"access_token":"%s","expires_on":"%d","token_type":"Bearer","resource":"x"}`, token, time.Now().Add(time.Hour).Unix())
	}))
	t.Cleanup(machine.Close)
	t.Setenv("IDENTITY_ENDPOINT", machine.URL)
	t.Setenv("IDENTITY_HEADER", "header")
	server := httptest.NewTLSServer(littleTenant(t).Handler(sandbox.Options{}))
	t.Cleanup(server.Close)
	client, err := graph.NewThrough(graph.Options{Tenant: tenantGUID, Credential: graph.Credential{Kind: "managed-identity", ClientID: clientID}}, server.URL+"/v1.0", server.URL+"/", nil, server.Client().Transport)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Read(t.Context(), state.Query{SKUs: true}); err != nil {
		t.Errorf("Read: %v", err)
	}
	if !strings.Contains(asked, "client_id="+clientID) || !strings.HasSuffix(asked, " header") {
		t.Errorf("the machine was asked %q", asked)
	}
}

// The Azure CLI is another program.
func TestAzureCLIIdentity(t *testing.T) {
	token := unsignedToken(t, jwt.MapClaims{"scp": "LicenseAssignment.Read.All"})
	dir := t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\necho '{\"accessToken\":\"%s\",\"expires_on\":%d,\"expiresOn\":\"2030-01-01 00:00:00\",\"tokenType\":\"Bearer\"}'\n", token, time.Now().Add(time.Hour).Unix())
	if err := os.WriteFile(filepath.Join(dir, "az"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	server := httptest.NewTLSServer(littleTenant(t).Handler(sandbox.Options{}))
	t.Cleanup(server.Close)
	client, err := graph.NewThrough(graph.Options{Tenant: tenantGUID, Credential: graph.Credential{Kind: "azure-cli"}}, server.URL+"/v1.0", server.URL+"/", nil, server.Client().Transport)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Read(t.Context(), state.Query{SKUs: true}); err != nil {
		t.Errorf("Read: %v", err)
	}
}

// unsignedToken returns a token without a signature.
func unsignedToken(t *testing.T, claims jwt.MapClaims) string {
	t.Helper()
	token, err := jwt.NewWithClaims(jwt.SigningMethodNone, claims).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func tokenFile(t *testing.T, token string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func certificateIn(t *testing.T, path string) *x509.Certificate {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}
