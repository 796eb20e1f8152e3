package graph

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	kiotaazure "github.com/microsoft/kiota-authentication-azure-go"

	"github.com/seatwright/seatwright/state"
	"github.com/seatwright/seatwright/state/wire"
)

// Credential is the identity to sign in with.
type Credential struct {
	Kind              state.CredentialKind // "" is [state.CredentialDefault]
	ClientID          string               // application id; optional for managed-identity and workload-identity
	CertificateFile   string               // PEM or PKCS#12 with the private key, for client-certificate
	ServiceConnection string               // id of the service connection, for azure-pipelines
	TokenEnv          string               // variable with the job's ID token, for gitlab-oidc; "" is SEATWRIGHT_ID_TOKEN
}

// defaultTokenEnv is the variable that has a GitLab job's ID token by default.
const defaultTokenEnv = "SEATWRIGHT_ID_TOKEN"

// signIn is everything a credential is built from.
type signIn struct {
	credential Credential
	tenant     string
	audience   string               // of federated tokens
	options    policy.ClientOptions // its Cloud is always set
	getenv     func(string) string
	private    bool // Microsoft's instance discovery does not know the authority; only in tests
}

// kinds has the kinds of credentials: a name and the function that builds it.
var kinds = map[state.CredentialKind]func(signIn) (azcore.TokenCredential, error){
	"":                                signIn.byDefault,
	state.CredentialDefault:           signIn.byDefault,
	state.CredentialEnvironment:       signIn.byEnvironment,
	state.CredentialWorkloadIdentity:  signIn.byWorkloadIdentity,
	state.CredentialGitHubOIDC:        signIn.byGitHub,
	state.CredentialGitLabOIDC:        signIn.byGitLab,
	state.CredentialAzurePipelines:    signIn.byAzurePipelines,
	state.CredentialClientCertificate: signIn.byCertificate,
	state.CredentialManagedIdentity:   signIn.byManagedIdentity,
	state.CredentialAzureCLI:          signIn.byAzureCLI,
}

// kindNames returns the names of all kinds, sorted.
func kindNames() []string {
	var names []string
	for _, kind := range state.CredentialKinds() {
		names = append(names, string(kind))
	}
	slices.Sort(names)
	return names
}

// The variables that azidentity documents, as far as this package reads them itself.
const (
	envAuthority    = "AZURE_AUTHORITY_HOST"
	envRegion       = "AZURE_REGIONAL_AUTHORITY_NAME"
	envTenant       = "AZURE_TENANT_ID"
	envClient       = "AZURE_CLIENT_ID"
	envSecret       = "AZURE_CLIENT_SECRET" //nolint:gosec // a name, not a secret
	envCertificate  = "AZURE_CLIENT_CERTIFICATE_PATH"
	envPassword     = "AZURE_CLIENT_CERTIFICATE_PASSWORD" //nolint:gosec // likewise
	envSendChain    = "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"
	missingVariable = "environment variable %s is not set"
)

// NewCredential returns a credential for a tenant, for another service of its cloud. It
// does not sign in: the first request for a token does.
func NewCredential(c state.Cloud, tenant string, who Credential) (azcore.TokenCredential, error) {
	e, err := c.Endpoints()
	if err != nil {
		return nil, err
	}
	return newCredential(e, signIn{credential: who, tenant: tenant, getenv: os.Getenv})
}

// newTokens builds the credential and the SDK's provider of tokens for Graph around it.
func newTokens(e state.Endpoints, s signIn) (tokenSource, error) {
	credential, err := newCredential(e, s)
	if err != nil {
		return nil, err
	}
	root, err := liveRoot(e)
	if err != nil {
		return nil, err
	}
	// With continuous access evaluation: authorize answers its challenges.
	return kiotaazure.NewAzureIdentityAccessTokenProviderWithScopesAndValidHostsAndObservabilityOptionsAndIsCaeEnabled(
		credential, []string{scopeOf(e)}, []string{root.url.Hostname()}, kiotaazure.ObservabilityOptions{}, true)
}

// newCredential builds a credential. It does not sign in.
func newCredential(e state.Endpoints, s signIn) (azcore.TokenCredential, error) {
	build, known := kinds[s.credential.Kind]
	if !known {
		return nil, fmt.Errorf("credential kind %q: want one of %s", cut(string(s.credential.Kind)), strings.Join(kindNames(), ", "))
	}
	if s.tenant == "" {
		return nil, errors.New("credential: no tenant")
	}
	s.options.Cloud, s.audience = cloud.Configuration{ActiveDirectoryAuthorityHost: e.Authority}, e.Federated
	if s.options.Transport == nil {
		s.options.Transport = authorityClient(newTransport(false))
	}
	if s.asksAuthority() {
		s.options.Retry = policy.RetryOptions{MaxRetries: 3, RetryDelay: 400 * time.Millisecond, MaxRetryDelay: 10 * time.Second}
	}
	if err := s.checkEnvironment(); err != nil {
		return nil, err
	}
	credential, err := build(s)
	if err != nil {
		return nil, fmt.Errorf("credential %s: %w", cmp.Or(s.credential.Kind, state.CredentialDefault), err)
	}
	return credential, nil
}

// asksAuthority reports whether tokens come from the authority only. A machine's own
// identity service takes longer to start, and the SDK knows how long.
func (s signIn) asksAuthority() bool {
	kind := s.credential.Kind
	return kind != "" && kind != state.CredentialDefault && kind != state.CredentialManagedIdentity
}

// checkEnvironment refuses variables that would direct the credential elsewhere. They
// have no effect anyway, but the person who set them should know that.
func (s signIn) checkEnvironment() error {
	want := strings.TrimSuffix(s.options.Cloud.ActiveDirectoryAuthorityHost, "/")
	if host := strings.TrimSuffix(s.getenv(envAuthority), "/"); host != "" && !strings.EqualFold(host, want) {
		return fmt.Errorf("%s is %q, but this cloud signs in at %q: unset it", envAuthority, cut(host), want)
	}
	// It becomes a part of the authority's host name.
	if region := s.getenv(envRegion); strings.ContainsFunc(region, func(c rune) bool { return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') }) {
		return fmt.Errorf("%s is %q, which is not a region: unset it", envRegion, cut(region))
	}
	tenant := s.getenv(envTenant)
	if state.IsGUID(tenant) && state.IsGUID(s.tenant) && !strings.EqualFold(tenant, s.tenant) {
		return fmt.Errorf("%s is %s, but the settings name tenant %s", envTenant, tenant, s.tenant)
	}
	return nil
}

// authorityClient never follows a redirect, which could take a secret or an assertion
// elsewhere.
func authorityClient(t http.RoundTripper) *http.Client {
	client := wire.NewClient(t)
	client.Timeout = time.Minute
	return client
}

// oneTenant disables AZURE_ADDITIONALLY_ALLOWED_TENANTS: azidentity reads it only where
// this list is empty.
func (s signIn) oneTenant() []string { return []string{s.tenant} }

func (s signIn) byDefault() (azcore.TokenCredential, error) {
	return azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{
		ClientOptions: s.options, TenantID: s.tenant, AdditionallyAllowedTenants: s.oneTenant(), DisableInstanceDiscovery: s.private,
	})
}

func (s signIn) byAzureCLI() (azcore.TokenCredential, error) {
	return azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{
		TenantID: s.tenant, AdditionallyAllowedTenants: s.oneTenant(),
	})
}

// byEnvironment reads the variables of azidentity's EnvironmentCredential. The tenant is
// that of the settings, and a certificate file is checked like any other.
func (s signIn) byEnvironment() (azcore.TokenCredential, error) {
	client := s.getenv(envClient)
	if client == "" {
		return nil, fmt.Errorf(missingVariable, envClient)
	}
	if key := state.Secret(s.getenv(envSecret)); key != "" {
		return azidentity.NewClientSecretCredential(s.tenant, client, key.Reveal(), &azidentity.ClientSecretCredentialOptions{
			ClientOptions: s.options, AdditionallyAllowedTenants: s.oneTenant(), DisableInstanceDiscovery: s.private,
		})
	}
	path := s.getenv(envCertificate)
	if path == "" {
		return nil, fmt.Errorf(missingVariable, envSecret+" or "+envCertificate)
	}
	return s.certificate(client, path)
}

func (s signIn) byCertificate() (azcore.TokenCredential, error) {
	if s.credential.ClientID == "" || s.credential.CertificateFile == "" {
		return nil, errors.New("it needs client_id and certificate_file")
	}
	return s.certificate(s.credential.ClientID, s.credential.CertificateFile)
}

// certificate signs in with a certificate; a password comes from the environment.
func (s signIn) certificate(client, path string) (azcore.TokenCredential, error) {
	file, err := readPrivateFile(path)
	if err != nil {
		return nil, err
	}
	password := state.Secret(s.getenv(envPassword))
	certificates, key, err := azidentity.ParseCertificates(file, []byte(password.Reveal()))
	if err != nil {
		return nil, fmt.Errorf("read certificate file %s: %w", path, err)
	}
	chain := s.getenv(envSendChain)
	return azidentity.NewClientCertificateCredential(s.tenant, client, certificates, key, &azidentity.ClientCertificateCredentialOptions{
		ClientOptions: s.options, AdditionallyAllowedTenants: s.oneTenant(), DisableInstanceDiscovery: s.private,
		SendCertificateChain: chain == "1" || strings.EqualFold(chain, "true"),
	})
}
