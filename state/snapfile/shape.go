package snapfile

import (
	"time"

	"github.com/seatwright/seatwright/state"
)

// The shapes describe the content of the file, one field after the other, for writing and
// reading. TestRoundTripKeepsEveryField fails if a field is missing.

func headerShape(c *coder, h *state.Header) {
	id(c, &h.Organization.ID)
	c.text(&h.Organization.DisplayName)
	list(c, &h.Organization.Domains, (*coder).text)
	timestamp(c, &h.Organization.LastSync)
	sourceShape(c, &h.Source)
	timestamp(c, &h.ReadAt)
	c.flag(&h.Complete)
	c.text(&h.Incomplete)
	list(c, &h.SKUs, skuShape)
	list(c, &h.Unread, (*coder).text)
	id(c, &h.Caller)
}

// sourceShape codes where the snapshot was taken: see the package comment.
func sourceShape(c *coder, source *state.Source) {
	sandbox := *source == state.SourceSandbox
	if !c.reading && !sandbox && *source != state.SourceLive && *source != state.SourceFile {
		c.fail("the source of the snapshot is %q", *source)
	}
	c.flag(&sandbox)
	if !c.reading {
		return
	}
	*source = state.SourceFile
	if sandbox {
		*source = state.SourceSandbox
	}
}

func timestamp(c *coder, at *time.Time) {
	text := at.UTC().Format(time.RFC3339Nano)
	c.text(&text)
	if !c.reading {
		return
	}
	parsed, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		c.fail("a time is malformed")
	}
	*at = parsed.UTC()
}

func skuShape(c *coder, s *state.SKU) {
	id(c, &s.ID)
	c.text(&s.PartNumber)
	internedText(c, &s.Capability)
	internedText(c, &s.AppliesTo)
	for _, count := range []*int{&s.Enabled, &s.Warning, &s.Suspended, &s.LockedOut, &s.Consumed} {
		c.seatCount(count)
	}
	list(c, &s.Plans, planShape)
}

func planShape(c *coder, p *state.ServicePlan) {
	id(c, &p.ID)
	c.text(&p.Name)
	internedText(c, &p.AppliesTo)
	c.text(&p.Status)
}

func groupShape(c *coder, g *state.Group) {
	id(c, &g.ID)
	c.text(&g.DisplayName)
	list(c, &g.Licenses, func(c *coder, l *state.License) {
		id(c, &l.SKU)
		list(c, &l.Disabled, id)
	})
	c.flag(&g.RoleAssignable)
	list(c, &g.Members, id)
	list(c, &g.Everyone, id)
}

// dnShape keeps a name as it is written; the canonical form is computed again.
func dnShape(c *coder, dn *state.DN) {
	text := dn.String()
	c.text(&text)
	if !c.reading || text == "" {
		return
	}
	parsed, err := state.ParseDN(text)
	if err != nil {
		c.fail("a container is malformed: %v", err)
	}
	*dn = parsed
}

func pathSetShape(c *coder, set *[]state.Path) {
	list(c, set, func(c *coder, p *state.Path) {
		id(c, &p.SKU)
		id(c, &p.Group)
		internedText(c, &p.State)
		internedText(c, &p.Error)
		planSet(c, &p.Disabled)
	})
}
