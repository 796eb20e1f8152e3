package blobtest

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is what goes wrong with one request.
type Fault struct {
	Delay  time.Duration // before anything else; by the clock of the machine
	Status int           // status of the answer; 0: that of the service
	Code   string        // code of the answer
	Drop   bool          // the answer is lost
	Effect bool          // the request is carried out although Status or Drop is set
}

// Service is an account of blobs. It answers as a handler and as a transport.
type Service struct {
	// Now is the clock, which ends leases; nil: that of the machine.
	Now func() time.Time
	// Faults returns what goes wrong; nil: nothing. It is called once for each request.
	Faults func(*http.Request) Fault

	mu       sync.Mutex
	blobs    map[string]*blob // by path
	versions int
	requests []string
}

// blob is one blob of an account.
type blob struct {
	path     string
	data     []byte
	growing  bool
	blocks   int
	staged   map[string][]byte
	version  int
	written  time.Time
	lease    string
	until    time.Time
	term     time.Duration
	isBroken bool
}

var errDropped = errors.New("connection reset by peer")

// RoundTrip implements [http.RoundTripper], in this process and without a network.
func (s *Service) RoundTrip(req *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	asked := req.Clone(req.Context())
	asked.Header = http.Header{}
	for name, values := range req.Header { // as a network would deliver them
		asked.Header[http.CanonicalHeaderKey(name)] = values
	}
	if asked.Body == nil {
		asked.Body = http.NoBody
	}
	defer asked.Body.Close()
	if !s.serve(answer, asked) {
		return nil, cmp.Or(req.Context().Err(), errDropped)
	}
	result := answer.Result()
	result.Request = req
	return result, nil
}

// ServeHTTP implements [http.Handler].
func (s *Service) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if !s.serve(w, req) {
		panic(http.ErrAbortHandler)
	}
}

// Requests returns the requests so far, such as "PUT name?comp=lease renew".
func (s *Service) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Data returns the data of a blob; nil if there is none.
func (s *Service) Data(container, name string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	for path, b := range s.blobs {
		if strings.HasSuffix(path, "/"+container+"/"+name) {
			return bytes.Clone(b.data)
		}
	}
	return nil
}

// Overwrite changes a blob that exists, as another writer of the container could.
func (s *Service) Overwrite(container, name string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for path, b := range s.blobs {
		if strings.HasSuffix(path, "/"+container+"/"+name) {
			b.data = bytes.Clone(data)
		}
	}
}

// serve reports whether it gave an answer.
func (s *Service) serve(w http.ResponseWriter, req *http.Request) bool {
	var fault Fault
	if s.Faults != nil {
		fault = s.Faults(req)
	}
	if fault.Delay > 0 {
		select {
		case <-time.After(fault.Delay):
		case <-req.Context().Done():
			return false
		}
	}
	data, err := io.ReadAll(req.Body)
	if err != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, strings.TrimSpace(req.Method+" "+lastOf(req.URL.Path)+" "+req.URL.Query().Get("comp")+" "+req.Header.Get("X-Ms-Lease-Action")))
	if fault.Status == 0 && !fault.Drop {
		s.answer(w, req, data)
		return true
	}
	if fault.Effect {
		s.answer(httptest.NewRecorder(), req, data)
	}
	if fault.Drop {
		return false
	}
	refuse(w, fault.Status, fault.Code)
	return true
}

func lastOf(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("X-Ms-Error-Code", code)
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>secret-looking text\n of a service</Message></Error>", code) // a client may stop reading
}

func (s *Service) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// answer carries a request out.
func (s *Service) answer(w http.ResponseWriter, req *http.Request, data []byte) {
	query := req.URL.Query()
	b := s.blobs[req.URL.Path]
	if b != nil && b.lease != "" && !s.now().Before(b.until) {
		b.until = time.Time{} // it has expired, and can be renewed until another run acquires it
	}
	switch comp := query.Get("comp"); {
	case comp == "list":
		s.list(w, req)
	case req.Method == http.MethodPut && comp == "":
		s.put(w, req, b, data)
	case b == nil && comp != "block" && comp != "blocklist":
		refuse(w, http.StatusNotFound, "BlobNotFound")
	case req.Method == http.MethodGet || req.Method == http.MethodHead:
		s.get(w, req, b)
	case req.Method == http.MethodPut && comp == "lease":
		s.handleLease(w, req, b)
	case req.Method == http.MethodPut && comp == "appendblock":
		s.appendBlock(w, req, b, data)
	case req.Method == http.MethodPut:
		s.stageBlocks(w, req, b, data)
	case req.Method == http.MethodDelete:
		if s.checkConditions(w, req, b) {
			delete(s.blobs, req.URL.Path)
			w.WriteHeader(http.StatusAccepted)
		}
	default:
		refuse(w, http.StatusBadRequest, "UnsupportedHttpVerb")
	}
}

// checkConditions reports whether a write meets its conditions ("Specifying conditional
// headers", "Lease Blob").
func (s *Service) checkConditions(w http.ResponseWriter, req *http.Request, b *blob) bool {
	match, lease := req.Header.Get("If-Match"), req.Header.Get("X-Ms-Lease-Id")
	leased := b != nil && b.lease != "" && !b.until.IsZero()
	switch {
	case b != nil && req.Header.Get("If-None-Match") == "*":
		refuse(w, http.StatusConflict, "BlobAlreadyExists")
	case match != "" && (b == nil || match != b.etag()):
		refuse(w, http.StatusPreconditionFailed, "ConditionNotMet")
	case leased && lease == "":
		refuse(w, http.StatusPreconditionFailed, "LeaseIdMissing")
	case leased && lease != b.lease:
		refuse(w, http.StatusPreconditionFailed, "LeaseIdMismatchWithBlobOperation")
	case !leased && lease != "":
		refuse(w, http.StatusPreconditionFailed, "LeaseNotPresentWithBlobOperation")
	default:
		return true
	}
	return false
}

func (b *blob) etag() string { return fmt.Sprintf("%q", fmt.Sprintf("0x%d", b.version)) }

// storeVersion stores a new version of a blob.
func (s *Service) storeVersion(w http.ResponseWriter, b *blob, status int) {
	s.versions++
	b.version, b.written = s.versions, s.now()
	if b.until.IsZero() {
		b.lease = "" // an expired lease ends with the next write
	}
	if s.blobs == nil {
		s.blobs = map[string]*blob{}
	}
	s.blobs[b.path] = b
	w.Header().Set("Etag", b.etag())
	w.WriteHeader(status)
}

func (s *Service) put(w http.ResponseWriter, req *http.Request, b *blob, data []byte) {
	if !s.checkConditions(w, req, b) {
		return
	}
	fresh := &blob{path: req.URL.Path, data: data, growing: req.Header.Get("X-Ms-Blob-Type") == "AppendBlob"}
	if b != nil {
		fresh.lease, fresh.until, fresh.term, fresh.isBroken = b.lease, b.until, b.term, b.isBroken
	}
	s.storeVersion(w, fresh, http.StatusCreated)
}

// stageBlocks accepts a block of a large blob, or joins blocks.
func (s *Service) stageBlocks(w http.ResponseWriter, req *http.Request, b *blob, data []byte) {
	if b == nil {
		b = &blob{path: req.URL.Path, staged: map[string][]byte{}}
		if s.blobs == nil {
			s.blobs = map[string]*blob{}
		}
		s.blobs[b.path] = b
	}
	if id := req.URL.Query().Get("blockid"); id != "" {
		b.staged[id] = data
		w.WriteHeader(http.StatusCreated)
		return
	}
	var list struct {
		Latest []string
	}
	if err := xml.Unmarshal(data, &list); err != nil {
		refuse(w, http.StatusBadRequest, "InvalidXmlDocument")
		return
	}
	b.data = nil
	for _, id := range list.Latest {
		b.data = append(b.data, b.staged[id]...)
	}
	s.storeVersion(w, b, http.StatusCreated)
}

// appendBlock appends a block ("Append Block").
func (s *Service) appendBlock(w http.ResponseWriter, req *http.Request, b *blob, data []byte) {
	at := req.Header.Get("X-Ms-Blob-Condition-Appendpos")
	switch {
	case !s.checkConditions(w, req, b):
	case !b.growing:
		refuse(w, http.StatusConflict, "InvalidBlobType")
	case at != "" && at != strconv.Itoa(len(b.data)):
		refuse(w, http.StatusPreconditionFailed, "AppendPositionConditionNotMet")
	case len(data) > 4<<20:
		refuse(w, http.StatusRequestEntityTooLarge, "RequestBodyTooLarge")
	case b.blocks >= 50_000:
		refuse(w, http.StatusConflict, "BlockCountExceedsLimit")
	default:
		w.Header().Set("X-Ms-Blob-Append-Offset", strconv.Itoa(len(b.data)))
		b.data = append(b.data, data...)
		b.blocks++
		w.Header().Set("X-Ms-Blob-Committed-Block-Count", strconv.Itoa(b.blocks))
		s.storeVersion(w, b, http.StatusCreated)
	}
}

func (s *Service) get(w http.ResponseWriter, req *http.Request, b *blob) {
	data, status := b.data, http.StatusOK
	if text := cmp.Or(req.Header.Get("X-Ms-Range"), req.Header.Get("Range")); text != "" {
		var from, to int
		if _, err := fmt.Sscanf(text, "bytes=%d-%d", &from, &to); err != nil || from >= len(data) {
			refuse(w, http.StatusRequestedRangeNotSatisfiable, "InvalidRange")
			return
		}
		data, status = data[from:min(to+1, len(data))], http.StatusPartialContent
	}
	w.Header().Set("Etag", b.etag())
	w.Header().Set("Last-Modified", b.written.UTC().Format(http.TimeFormat))
	if b.growing {
		w.Header().Set("X-Ms-Blob-Committed-Block-Count", strconv.Itoa(b.blocks))
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(status)
	if req.Method == http.MethodGet {
		_, _ = w.Write(data) // a client may stop reading
	}
}
