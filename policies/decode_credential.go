package policies

import (
	"slices"

	"github.com/seatwright/seatwright/state"
)

// credentialKinds are the ways to sign in that this version has.
var credentialKinds = []string{
	string(CredentialDefault), string(CredentialEnvironment),
	string(CredentialClientCertificate), string(CredentialAzureCLI),
}

// laterCredentialKinds are in the language, but not in this version.
var laterCredentialKinds = []string{
	"workload-identity", "github-oidc", "gitlab-oidc", "azure-pipelines", "managed-identity",
}

// decodeCredentials reads one word for both identities, or the two apart. One of
// two alone is refused: the other would silently be whatever is found lying about.
func decodeCredentials(v value) (read, write Credential) {
	if v.isText() {
		both := decodeCredential(v)
		return both, both
	}
	written := v.fields("credential", keys{
		"read":  func(v value) { read = decodeCredential(v) },
		"write": func(v value) { write = decodeCredential(v) },
	})
	v.required(v.pos(), "the credential", written, "read", "write")
	return read, write
}

// decodeCredential reads one identity: a word, or a mapping.
func decodeCredential(v value) Credential {
	if v.isText() {
		kind := decodeCredentialKind(v)
		if kind == CredentialClientCertificate {
			v.problem(RuleValue, "write {kind: client-certificate, client_id: ..., certificate_file: ...}", "client-certificate needs more than a word")
		}
		return Credential{Kind: kind, Pos: v.pos()}
	}
	credential := Credential{Pos: v.pos()}
	written := v.fields("a credential", keys{
		"kind":             func(v value) { credential.Kind = decodeCredentialKind(v) },
		"client_id":        func(v value) { credential.ClientID = decodeClientID(v) },
		"certificate_file": func(v value) { credential.CertificateFile, _ = v.word() },
	})
	v.required(v.pos(), "the credential", written, "kind")
	checkCredential(v, credential, written)
	return credential
}

// checkCredential asks for the keys that the kind needs, and for no others.
func checkCredential(v value, credential Credential, written map[string]Pos) {
	if credential.Kind == CredentialClientCertificate {
		v.required(v.pos(), "client-certificate", written, "client_id", "certificate_file")
		return
	}
	for _, key := range []string{"client_id", "certificate_file"} {
		if pos, found := written[key]; found && credential.Kind != "" {
			v.doc.problems.Add(pos, RuleConflict, "remove it", "%q belongs to kind client-certificate, not to %s", key, credential.Kind)
		}
	}
}

func decodeCredentialKind(v value) CredentialKind {
	kind, ok := v.word()
	switch {
	case !ok:
		return ""
	case slices.Contains(laterCredentialKinds, kind):
		v.doc.problems.Add(v.pos(), RuleUnsupported, "this version has "+oneOf(credentialKinds), "%q is not supported yet", kind)
		return ""
	}
	kind, _ = v.choice(credentialKinds...)
	return CredentialKind(kind)
}

func decodeClientID(v value) string {
	id, ok := v.word()
	if ok && !state.IsGUID(id) {
		v.problem(RuleValue, "write the application (client) id of the app registration, a GUID", "%s is no GUID", quote(id))
	}
	return id
}
