package blobtest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// handleLease handles a request about a lease ("Lease Blob", outcomes of use attempts by
// lease state).
func (s *Service) handleLease(w http.ResponseWriter, req *http.Request, b *blob) {
	id, match := req.Header.Get("X-Ms-Lease-Id"), req.Header.Get("If-Match")
	if match != "" && match != b.etag() {
		refuse(w, http.StatusPreconditionFailed, "ConditionNotMet")
		return
	}
	active := b.lease != "" && !b.until.IsZero() && !b.isBroken
	switch req.Header.Get("X-Ms-Lease-Action") {
	case "acquire":
		proposed := req.Header.Get("X-Ms-Proposed-Lease-Id")
		if active && b.lease != proposed {
			refuse(w, http.StatusConflict, "LeaseAlreadyPresent")
			return
		}
		seconds, _ := strconv.Atoi(req.Header.Get("X-Ms-Lease-Duration")) // an invalid number is 0
		if seconds < 15 || seconds > 60 {
			refuse(w, http.StatusBadRequest, "InvalidHeaderValue")
			return
		}
		b.lease, b.isBroken = proposed, false
		s.grantLease(w, b, http.StatusCreated, time.Duration(seconds)*time.Second)
	case "renew":
		switch {
		case b.lease == "" || b.lease != id:
			refuse(w, http.StatusConflict, "LeaseIdMismatchWithLeaseOperation")
		case b.isBroken:
			refuse(w, http.StatusConflict, "LeaseIsBrokenAndCannotBeRenewed")
		default:
			s.grantLease(w, b, http.StatusOK, b.term)
		}
	case "break":
		if b.lease == "" {
			refuse(w, http.StatusConflict, "LeaseNotPresentWithLeaseOperation")
			return
		}
		b.isBroken, b.until = true, time.Time{}
		w.Header().Set("X-Ms-Lease-Time", "0")
		w.WriteHeader(http.StatusAccepted)
	default:
		refuse(w, http.StatusBadRequest, "InvalidHeaderValue")
	}
}

func (s *Service) grantLease(w http.ResponseWriter, b *blob, status int, term time.Duration) {
	b.term, b.until = term, s.now().Add(term)
	w.Header().Set("X-Ms-Lease-Id", b.lease)
	w.Header().Set("Etag", b.etag())
	w.WriteHeader(status)
}

// pageSize is small, so that lists have several pages; that of the service is 5,000.
const pageSize = 3

// list returns the names of blobs, page by page ("List Blobs").
func (s *Service) list(w http.ResponseWriter, req *http.Request) {
	query := req.URL.Query()
	var paths []string
	for path := range s.blobs {
		if strings.HasPrefix(path, req.URL.Path+"/"+query.Get("prefix")) && path > query.Get("marker") && s.blobs[path].version > 0 {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	marker := ""
	if len(paths) > pageSize {
		paths = paths[:pageSize]
		marker = paths[pageSize-1]
	}
	w.Header().Set("Content-Type", "application/xml")
	page := &strings.Builder{}
	page.WriteString(`<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>`)
	for _, path := range paths {
		page.WriteString("<Blob><Name>" + lastOf(path) + "</Name><Properties><Last-Modified>" + s.blobs[path].written.UTC().Format(http.TimeFormat) + "</Last-Modified></Properties></Blob>")
	}
	page.WriteString("</Blobs><NextMarker>" + marker + "</NextMarker></EnumerationResults>")
	_, _ = w.Write([]byte(page.String())) // a client may stop reading
}
