package graph

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/go-json-experiment/json"

	"github.com/seatwright/seatwright/state"
)

// Credentials without a secret: an issuer that the application registration trusts
// vouches for the running job.

// The variables in which platforms provide their tokens.
const (
	envTokenFile    = "AZURE_FEDERATED_TOKEN_FILE"
	envGitHubURL    = "ACTIONS_ID_TOKEN_REQUEST_URL"
	envGitHubToken  = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
	envDevOpsURI    = "SYSTEM_OIDCREQUESTURI"
	envDevOpsToken  = "SYSTEM_ACCESSTOKEN"
	missingForOIDC  = missingVariable + ": %s"
	hintGitHub      = "give the job `permissions: id-token: write`"
	hintAzureDevOps = "map it in the step: `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`"
)

// byWorkloadIdentity signs in with a token from a file, as Kubernetes provides it. The
// file is read again when it changes.
func (s signIn) byWorkloadIdentity() (azcore.TokenCredential, error) {
	client, file := cmp.Or(s.credential.ClientID, s.getenv(envClient)), s.getenv(envTokenFile)
	switch {
	case client == "":
		return nil, fmt.Errorf("no client_id, and "+missingVariable, envClient)
	case file == "":
		return nil, fmt.Errorf(missingForOIDC, envTokenFile, "label the pod azure.workload.identity/use: \"true\"")
	}
	return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
		ClientOptions: s.options, AdditionallyAllowedTenants: s.oneTenant(), DisableInstanceDiscovery: s.private,
		ClientID: client, TenantID: s.tenant, TokenFilePath: file,
	})
}

// byAssertion signs in with tokens of another issuer. The SDK requests a new one whenever
// it needs one, so that long runs continue.
func (s signIn) byAssertion(assertion func(context.Context) (string, error)) (azcore.TokenCredential, error) {
	if s.credential.ClientID == "" {
		return nil, errors.New("it needs client_id")
	}
	return azidentity.NewClientAssertionCredential(s.tenant, s.credential.ClientID, assertion, &azidentity.ClientAssertionCredentialOptions{
		ClientOptions: s.options, AdditionallyAllowedTenants: s.oneTenant(), DisableInstanceDiscovery: s.private,
	})
}

// byGitLab uses the ID token that `id_tokens` of the job puts into a variable.
func (s signIn) byGitLab() (azcore.TokenCredential, error) {
	name := cmp.Or(s.credential.TokenEnv, defaultTokenEnv)
	hint := fmt.Sprintf("give the job `id_tokens: {%s: {aud: %s}}`", name, s.audience)
	token := state.Secret(strings.TrimSpace(s.getenv(name)))
	if token == "" {
		return nil, fmt.Errorf(missingForOIDC, name, hint)
	}
	return s.byAssertion(func(context.Context) (string, error) { return token.Reveal(), nil })
}

// byAzurePipelines makes the SDK request a token of the service connection from Azure
// DevOps.
func (s signIn) byAzurePipelines() (azcore.TokenCredential, error) {
	token := state.Secret(s.getenv(envDevOpsToken))
	if token == "" {
		return nil, fmt.Errorf(missingForOIDC, envDevOpsToken, hintAzureDevOps)
	}
	if err := onlyHTTPS(envDevOpsURI, s.getenv(envDevOpsURI)); err != nil {
		return nil, err
	}
	return azidentity.NewAzurePipelinesCredential(s.tenant, s.credential.ClientID, s.credential.ServiceConnection, token.Reveal(),
		&azidentity.AzurePipelinesCredentialOptions{
			ClientOptions: s.options, AdditionallyAllowedTenants: s.oneTenant(), DisableInstanceDiscovery: s.private,
		})
}

// byManagedIdentity uses the identity of the machine.
func (s signIn) byManagedIdentity() (azcore.TokenCredential, error) {
	options := &azidentity.ManagedIdentityCredentialOptions{ClientOptions: s.options}
	if s.credential.ClientID != "" {
		options.ID = azidentity.ClientID(s.credential.ClientID)
	}
	return azidentity.NewManagedIdentityCredential(options)
}

// byGitHub requests a token of the job from GitHub ("OpenID Connect reference", GitHub
// Actions).
func (s signIn) byGitHub() (azcore.TokenCredential, error) {
	address, token := s.getenv(envGitHubURL), state.Secret(s.getenv(envGitHubToken))
	if token == "" {
		return nil, fmt.Errorf(missingForOIDC, envGitHubToken, hintGitHub)
	}
	if err := onlyHTTPS(envGitHubURL, address); err != nil {
		return nil, err
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("read %s: it is not an address", envGitHubURL)
	}
	query := u.Query()
	query.Set("audience", s.audience)
	u.RawQuery = query.Encode()
	return s.byAssertion(func(ctx context.Context) (string, error) {
		return s.askGitHub(ctx, u.String(), token)
	})
}

// askGitHub fetches one token. Its errors hold no part of the request or the answer.
func (s signIn) askGitHub(ctx context.Context, address string, token state.Secret) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", errors.New("ask GitHub for a token: the request cannot be built")
	}
	req.Header.Set("Authorization", "bearer "+token.Reveal())
	req.Header.Set("Accept", "application/json")
	answer, err := s.options.Transport.Do(req)
	if err != nil {
		return "", fmt.Errorf("ask GitHub for a token: %w", withoutAddress(err))
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("ask GitHub for a token: status %d; %s", answer.StatusCode, hintGitHub)
	}
	var body struct {
		Value string `json:"value"`
	}
	if err := json.UnmarshalRead(io.LimitReader(answer.Body, maxErrorBody), &body); err != nil || body.Value == "" {
		return "", errors.New("ask GitHub for a token: the answer has no token")
	}
	return body.Value, nil
}

// onlyHTTPS refuses an address to which a token would be sent without TLS.
func onlyHTTPS(name, address string) error {
	if address == "" {
		return fmt.Errorf(missingVariable, name)
	}
	if u, err := url.Parse(address); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return fmt.Errorf("%s is not an https address", name)
	}
	return nil
}
