package ad

import "context"

// Finding is what a look at one server of a directory found.
type Finding struct {
	Server string // host and port
	Domain string // "corp.contoso.com"; "" where nobody could sign in
	Err    error  // a [*state.DirectoryError], or nil
}

// Check signs in at every server of the directory, so that the one that fails is
// known before it is needed; after a refusal of the account no other one is tried.
func (r *Reader) Check(ctx context.Context) []Finding {
	var findings []Finding
	for _, s := range r.servers {
		finding := Finding{Server: s.address}
		finding.Err = r.once(ctx, s, func(_ context.Context, s *session) error {
			finding.Domain = s.domain.Domain()
			return nil
		})
		findings = append(findings, finding)
		if finding.Err != nil && !anotherMayHelp(finding.Err) {
			break
		}
	}
	return findings
}
