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
// LicenseAssignment.Read.All for SKUs. Without GroupMember.Read.All, the names of groups
// stay empty.
func (c *Client) Read(ctx context.Context, q state.Query) (*state.Snapshot, error) {
	header := state.Header{Source: c.source, ReadAt: time.Now().UTC(), Complete: true}
	if err := c.readTenant(ctx, q, &header); err != nil {
		return nil, err
	}
	users, err := c.readUsers(ctx, q)
	if err != nil {
		return nil, err
	}
	if header.Incomplete = users.incomplete(); header.Incomplete != "" {
		header.Complete = false
	}
	if q.SKUs && users.count > 0 {
		// The SKUs are read again, because reading many users takes minutes, and the
		// consumed seats are compared with the users that were read. The first read
		// serves to fail early.
		if err := c.readSKUs(ctx, &header); err != nil {
			return nil, err
		}
	}
	if err := c.readGroups(ctx, q, users.groups(), &header); err != nil {
		return nil, err
	}
	if q.Roles {
		if who, err := c.Identity(ctx); err == nil { // an opaque token has no claims, and a bad one failed before
			header.Caller = who.User
		}
	}
	return users.builder.Snapshot(header)
}

func (c *Client) readTenant(ctx context.Context, q state.Query, header *state.Header) error {
	if q.Organization {
		if err := c.readOrganization(ctx, header); err != nil && !c.organizationFromToken(ctx, err, header) {
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

// organizationFromToken takes the tenant's id from the token if the organization may not
// be read. The page "List organizations" requires Organization.Read.All of applications.
// Whether wider permissions on users are enough is not documented. The name and the
// domains are then unknown.
func (c *Client) organizationFromToken(ctx context.Context, err error, header *state.Header) bool {
	if state.ReasonOf(err) != state.ReasonForbidden {
		return false
	}
	who, unreadable := c.Identity(ctx)
	if unreadable != nil || who.Tenant.IsZero() {
		return false
	}
	header.Organization = state.Organization{ID: who.Tenant}
	header.Unread = append(header.Unread, fmt.Sprintf("the organization, except its id from the token (grant Organization.Read.All to read it): %v", err))
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

// retryReads repeats the reads of a batch that failed temporarily, which is safe. The
// chain has already repeated the batch as a whole.
var retryReads = retryPolicy{
	again: func(no *refusal) bool {
		return !no.whole && (isTemporary(no.status) || no.status == http.StatusInternalServerError)
	},
	first: readPause,
}

// readRequests returns the requests of a batch that reads one thing for each id.
func readRequests[Of any](ids []state.ID[Of], format string) []batchRequest {
	requests := make([]batchRequest, len(ids))
	for i, id := range ids {
		requests[i] = batchRequest{Method: http.MethodGet, URL: fmt.Sprintf(format, id)}
	}
	return requests
}
