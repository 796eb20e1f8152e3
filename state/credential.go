package state

// CredentialKind is a way to sign in.
type CredentialKind string

// The ways to sign in.
const (
	CredentialDefault           CredentialKind = "default"
	CredentialEnvironment       CredentialKind = "environment"
	CredentialWorkloadIdentity  CredentialKind = "workload-identity" // Kubernetes, or any token file
	CredentialGitHubOIDC        CredentialKind = "github-oidc"       //nolint:gosec // a word, not a secret
	CredentialGitLabOIDC        CredentialKind = "gitlab-oidc"       //nolint:gosec // likewise
	CredentialAzurePipelines    CredentialKind = "azure-pipelines"
	CredentialClientCertificate CredentialKind = "client-certificate"
	CredentialManagedIdentity   CredentialKind = "managed-identity"
	CredentialAzureCLI          CredentialKind = "azure-cli"
)

// CredentialKinds returns the ways to sign in, in the order in which errors list them.
func CredentialKinds() []CredentialKind {
	return []CredentialKind{
		CredentialDefault, CredentialEnvironment, CredentialWorkloadIdentity, CredentialGitHubOIDC, CredentialGitLabOIDC,
		CredentialAzurePipelines, CredentialClientCertificate, CredentialManagedIdentity, CredentialAzureCLI,
	}
}
