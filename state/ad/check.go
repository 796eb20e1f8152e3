package ad

import "context"

// Finding is the result of a check of one server of a directory.
type Finding struct {
	Server string // host and port
	Domain string // "corp.contoso.com"; "" where the sign-in failed
	Err    error  // a [*state.DirectoryError], or nil
}

// Check signs in at every server of the directory, so that a broken server is found
// before it is needed. After a refusal of the account it tries no other server.
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
