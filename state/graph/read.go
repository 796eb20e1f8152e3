package graph

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/seatwright/seatwright/state"
)

// Read implements [state.Reader]. It needs User.Read.All for users and
// LicenseAssignment.Read.All for SKUs; GroupMember.Read.All for the names of
// groups, which stay empty without it.
func (c *Client) Read(ctx context.Context, q state.Query) (*state.Snapshot, error) {
	header := state.Header{Source: c.source, ReadAt: time.Now().UTC(), Complete: true}
	if err := c.readTenant(ctx, q, &header); err != nil {
		return nil, err
	}
	crowd, err := c.readUsers(ctx, q)
	if err != nil {
		return nil, err
	}
	if header.Incomplete = crowd.incomplete(); header.Incomplete != "" {
		header.Complete = false
	}
	if q.SKUs && crowd.count > 0 {
		// Once more: reading many users takes minutes, and what has been consumed is
		// compared with who was seen. The first reading failed early, if it had to.
		if err := c.readSKUs(ctx, &header); err != nil {
			return nil, err
		}
	}
	if err := c.readGroups(ctx, q, crowd.groups(), &header); err != nil {
		return nil, err
	}
	if q.Roles {
		if who, err := c.Identity(ctx); err == nil { // an opaque token tells nothing, and a bad one failed before
			header.Caller = who.User
		}
	}
	return crowd.builder.Snapshot(header)
}

func (c *Client) readTenant(ctx context.Context, q state.Query, header *state.Header) error {
	if q.Organization {
		if err := c.readOrganization(ctx, header); err != nil && !c.knowByToken(ctx, err, header) {
			return err
		}
	}
	if q.SKUs {
		return c.readSKUs(ctx, header)
	}
	return nil
}

func (c *Client) readOrganization(ctx context.Context, header *state.Header) error {
	const op = opOrganization
	var found []wireOrganization
	address := c.root.to("/organization", "$select=id,displayName,verifiedDomains,onPremisesLastSyncDateTime")
	err := list(ctx, c, op, address, func(o *wireOrganization) error {
		found = append(found, *o)
		return nil
	}, func() {})
	if err != nil {
		return err
	}
	if len(found) != 1 || found[0].ID.IsZero() {
		return fmt.Errorf("%s: %w: %d organizations, want one with an id", op, ErrIncomplete, len(found))
	}
	header.Organization = state.Organization{ID: found[0].ID, DisplayName: found[0].DisplayName}
	if found[0].LastSync != nil {
		header.Organization.LastSync = found[0].LastSync.UTC()
	}
	for _, domain := range found[0].Domains {
		header.Organization.Domains = append(header.Organization.Domains, strings.ToLower(domain.Name))
	}
	slices.Sort(header.Organization.Domains)
	return nil
}

// knowByToken takes the tenant's id from the token where its organization may not be
// read: the page "List organizations" asks applications for Organization.Read.All, and
// whether wider permissions on users do is not documented. Name and domains stay
// unknown then.
func (c *Client) knowByToken(ctx context.Context, err error, header *state.Header) bool {
	if state.ReasonOf(err) != state.ReasonForbidden {
		return false
	}
	who, unreadable := c.Identity(ctx)
	if unreadable != nil || who.Tenant.IsZero() {
		return false
	}
	header.Organization = state.Organization{ID: who.Tenant}
	header.Unread = append(header.Unread, fmt.Sprintf("the organization, which is known by the token alone (Organization.Read.All shows it): %v", err))
	return true
}

func (c *Client) readSKUs(ctx context.Context, header *state.Header) error {
	header.SKUs = nil
	return list(ctx, c, opListSKUs, c.root.to("/subscribedSkus", ""), func(w *wireSKU) error {
		sku, err := w.sku()
		header.SKUs = append(header.SKUs, sku)
		return err
	}, func() {})
}

// readAgain repeats the reads of a batch that failed for the moment, which does no
// harm; for the batch as a whole the chain has done so already.
var readAgain = persistence{
	again: func(no *refusal) bool {
		return !no.whole && (momentary(no.status) || no.status == http.StatusInternalServerError)
	},
	first: readPause,
}

// reading makes the requests of a batch that reads one thing for each id.
func reading[Of any](ids []state.ID[Of], format string) []batchRequest {
	requests := make([]batchRequest, len(ids))
	for i, id := range ids {
		requests[i] = batchRequest{Method: http.MethodGet, URL: fmt.Sprintf(format, id)}
	}
	return requests
}
