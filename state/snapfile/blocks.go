package snapfile

import (
	"github.com/seatwright/seatwright/state"
)

// block is one part of the file.
type block struct {
	name string
	code func(*coder, *content)
}

// content is what blocks are written from and read into.
type content struct {
	users   int
	header  state.Header
	columns state.Columns
}

// blocks has the blocks in the order of the file. A change of this list, or of a shape,
// is a new version.
var blocks = []block{
	{"header", func(c *coder, s *content) { headerShape(c, &s.header) }},
	{"groups", func(c *coder, s *content) { list(c, &s.header.Groups, groupShape) }},
	{"ids", func(c *coder, s *content) { column16(c, &s.columns.IDs, s.users) }},
	{"user principal names", func(c *coder, s *content) { texts(c, &s.columns.UPNs, s.users) }},
	{"display names", func(c *coder, s *content) { texts(c, &s.columns.Names, s.users) }},
	{"flags", func(c *coder, s *content) { c.raw(&s.columns.Flags, s.users) }},
	{"usage locations", func(c *coder, s *content) { coded(c, &s.columns.Locations, s.users, (*coder).text) }},
	{"domains", func(c *coder, s *content) { coded(c, &s.columns.Domains, s.users, (*coder).text) }},
	{"countries", func(c *coder, s *content) { coded(c, &s.columns.Countries, s.users, (*coder).text) }},
	{"containers", func(c *coder, s *content) { coded(c, &s.columns.Containers, s.users, dnShape) }},
	{"anchors", func(c *coder, s *content) { column16(c, &s.columns.Anchors, s.users) }},
	{"domains of security identifiers", func(c *coder, s *content) { coded(c, &s.columns.SIDIssuers, s.users, (*coder).text) }},
	{"numbers of security identifiers", func(c *coder, s *content) { codes(c, &s.columns.SIDNumbers, s.users) }},
	{"paths", func(c *coder, s *content) { coded(c, &s.columns.Paths, s.users, pathSetShape) }},
}
