package policies

import (
	"regexp"
	"slices"
	"strings"

	"github.com/seatwright/seatwright/policies/diag"
	"github.com/seatwright/seatwright/state"
)

// CredentialShape is a kind of credential, with the keys that it takes beside `kind`.
type CredentialShape struct {
	Kind     state.CredentialKind
	Required []string
	Optional []string
}

// CredentialShapes returns the shape of each kind of credential.
func CredentialShapes() []CredentialShape { return slices.Clone(credentialShapes) }

var credentialShapes = []CredentialShape{
	{Kind: state.CredentialDefault},
	{Kind: state.CredentialEnvironment},
	{Kind: state.CredentialWorkloadIdentity, Optional: []string{"client_id"}},
	{Kind: state.CredentialGitHubOIDC, Required: []string{"client_id"}},
	{Kind: state.CredentialGitLabOIDC, Required: []string{"client_id"}, Optional: []string{"token_env"}},
	{Kind: state.CredentialAzurePipelines, Required: []string{"client_id", "service_connection_id"}},
	{Kind: state.CredentialClientCertificate, Required: []string{"client_id", "certificate_file"}},
	{Kind: state.CredentialManagedIdentity, Optional: []string{"client_id"}},
	{Kind: state.CredentialAzureCLI},
}

// decodeCredentials reads one word for both identities, or the two separately. One of the
// two alone is refused: the other would be any identity that the machine has.
func decodeCredentials(v value) (read, write Credential) {
	if v.isText() {
		both := decodeCredential(v)
		return both, both
	}
	written := v.fields(credentialsMapping, keys{
		"read":  func(v value) { read = decodeCredential(v) },
		"write": func(v value) { write = decodeCredential(v) },
	})
	v.complete(credentialsMapping, v.pos(), written)
	return read, write
}

// decodeCredential reads one identity: a word, or a mapping.
func decodeCredential(v value) Credential {
	if v.isText() {
		kind := decodeCredentialKind(v)
		if needs := needsOf(kind); len(needs) > 0 {
			v.problem(diag.RuleValue, "write {kind: "+string(kind)+", "+strings.Join(needs, ": ..., ")+": ...}", "%s needs more keys", kind)
		}
		return Credential{Kind: kind, Pos: v.pos()}
	}
	credential := Credential{Pos: v.pos()}
	written := v.fields(credentialMapping, keys{
		"kind":                  func(v value) { credential.Kind = decodeCredentialKind(v) },
		"client_id":             func(v value) { credential.ClientID = decodeClientID(v) },
		"certificate_file":      func(v value) { credential.CertificateFile, _ = v.word() },
		"service_connection_id": func(v value) { credential.ServiceConnection = decodeServiceConnection(v) },
		"token_env":             func(v value) { credential.TokenEnv = decodeEnvironmentName(v) },
	})
	v.complete(credentialMapping, v.pos(), written)
	checkCredential(v, credential, written)
	return credential
}

func needsOf(kind state.CredentialKind) []string {
	for _, shape := range credentialShapes {
		if shape.Kind == kind {
			return shape.Required
		}
	}
	return nil
}

// checkCredential requires the keys of the kind, and refuses those of other kinds.
func checkCredential(v value, credential Credential, written map[string]Pos) {
	v.required(v.pos(), string(credential.Kind), written, needsOf(credential.Kind)...)
	for _, key := range []string{"client_id", "certificate_file", "service_connection_id", "token_env"} {
		pos, found := written[key]
		if !found || credential.Kind == "" {
			continue
		}
		var owners []string
		for _, shape := range credentialShapes {
			if slices.Contains(shape.Required, key) || slices.Contains(shape.Optional, key) {
				owners = append(owners, string(shape.Kind))
			}
		}
		if !slices.Contains(owners, string(credential.Kind)) {
			v.doc.problems.Add(pos, diag.RuleConflict, "remove it", "%q belongs to kind %s, not to %s", key, diag.OneOf(owners), credential.Kind)
		}
	}
}

func decodeCredentialKind(v value) state.CredentialKind {
	kind, _ := v.choice(credentialWords()...)
	return state.CredentialKind(kind)
}

func decodeClientID(v value) string {
	id, ok := v.word()
	if ok && !state.IsGUID(id) {
		v.problem(diag.RuleValue, "write the application (client) id of the app registration, a GUID", "%s is not a GUID", diag.Quote(id))
	}
	return id
}

func decodeServiceConnection(v value) string {
	id, ok := v.word()
	if ok && !state.IsGUID(id) {
		v.problem(diag.RuleValue, "write the service connection's resource id, a GUID that its page in Azure DevOps has in the address", "%s is not a GUID", diag.Quote(id))
	}
	return id
}

var environmentName = regexp.MustCompile(`^SEATWRIGHT_[A-Z0-9_]+$`)

// decodeEnvironmentName reads the name of a variable with a secret. Only names that begin
// with SEATWRIGHT_ are accepted. Settings may be part of a pull request, which could
// otherwise ask for any variable of its job.
func decodeEnvironmentName(v value) string {
	name, ok := v.word()
	if ok && !environmentName.MatchString(name) {
		v.problem(diag.RuleValue, "rename the variable where it is set, such as SEATWRIGHT_ID_TOKEN", "%s is not SEATWRIGHT_ followed by capital letters, digits and underscores", diag.Quote(name))
	}
	return name
}
