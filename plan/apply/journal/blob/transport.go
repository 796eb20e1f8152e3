package blob

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/seatwright/seatwright/state/wire"
)

// EmulatorAccount is the one account of Azurite, whose key is published ("Use the
// Azurite emulator for local Azure Storage development").
const EmulatorAccount = "devstoreaccount1"

const emulatorKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

// root is the address of a container.
type root struct{ url url.URL }

func liveRoot(o Options) (root, error) {
	e, err := o.Cloud.Endpoints()
	switch {
	case err != nil:
		return root{}, err
	case !isAccount(o.Account):
		return root{}, fmt.Errorf("%q is not a valid name of a storage account", o.Account)
	case !isContainer(o.Container):
		return root{}, fmt.Errorf("%q is not a valid name of a container", o.Container)
	}
	return root{url.URL{Scheme: "https", Host: o.Account + "." + e.Blob, Path: "/" + o.Container}}, nil
}

// emulatorRoot accepts only a literal loopback address, so that no name service and no
// configuration can lead to another host.
func emulatorRoot(o Options) (root, error) {
	const want = `want "http://127.0.0.1:PORT/` + EmulatorAccount + `"`
	u, err := url.Parse(o.Emulator)
	if err != nil {
		return root{}, errors.New("emulator: " + want)
	}
	host, err := netip.ParseAddr(u.Hostname())
	switch {
	case err != nil || !host.IsLoopback() || u.Port() == "":
		return root{}, errors.New("emulator: the address is not a literal loopback address with a port: " + want)
	case u.Scheme != "http" || u.Path != "/"+EmulatorAccount || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return root{}, errors.New("emulator: " + want)
	case !isContainer(o.Container):
		return root{}, fmt.Errorf("%q is not a valid name of a container", o.Container)
	}
	u.Path += "/" + o.Container
	return root{*u}, nil
}

var (
	accountForm   = regexp.MustCompile(`^[a-z0-9]{3,24}$`)
	containerForm = regexp.MustCompile(`^[a-z0-9](?:-?[a-z0-9])+$`)
)

// isAccount reports whether a text is a valid name of a storage account ("Storage account
// overview").
func isAccount(name string) bool { return accountForm.MatchString(name) }

// isContainer reports whether a text is a valid name of a container ("Naming and
// referencing containers, blobs, and metadata").
func isContainer(name string) bool {
	return len(name) >= 3 && len(name) <= 63 && containerForm.MatchString(name)
}

var (
	errForeign  = errors.New("the address is not that of the container")
	errReadOnly = errors.New("this container was opened for reading only")
	errName     = errors.New("the name is not that of a journal, record or lock")
	errEndless  = errors.New("it is too long: the container must have the records of runs only")
)

// writableNames matches the names that may be written.
var writableNames = regexp.MustCompile(`^(?:lock-[0-9a-f-]{36}\.json|[0-9]{8}T[0-9]{6}Z-[0-9a-z]{8}\.(?:ndjson(?:\.[0-9]+)?|record\.json))$`)

// probe is the name of a blob that never exists, with a lease that no run has.
const (
	probe      = "lock-probe"
	probeLease = "00000000-0000-0000-0000-000000000000"
)

// guard is the last step before the network. It only lets requests to the container pass,
// as far as the access allows. The request already has its token, and later steps cannot
// change the address.
type guard struct {
	next   http.RoundTripper
	root   root
	access Access
	log    *slog.Logger
}

// RoundTrip implements [http.RoundTripper].
func (g guard) RoundTrip(req *http.Request) (*http.Response, error) {
	name, err := g.checkRequest(req)
	if err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, &localRefusal{err}
	}
	line := g.log.With("method", req.Method, "route", "/{container}"+routeTemplate(name))
	answer, err := g.next.RoundTrip(req)
	if err != nil {
		line.DebugContext(req.Context(), "storage request failed", "reason", "no answer")
		if _, untrusted := errors.AsType[*tls.CertificateVerificationError](err); untrusted {
			err = &localRefusal{err}
		}
		return nil, err
	}
	line.DebugContext(req.Context(), "storage request", "status", answer.StatusCode, "request_id", answer.Header.Get("X-Ms-Request-Id"))
	answer.Body = limited{io.LimitReader(answer.Body, maxAnswer), answer.Body}
	return answer, nil
}

// maxAnswer is far above a page of names and a range of a journal.
const maxAnswer = 64 << 20

// limited is the body of an answer with a limited length.
type limited struct {
	io.Reader
	io.Closer
}

// checkRequest returns the name of the blob that a request is about; "" is the container.
func (g guard) checkRequest(req *http.Request) (name string, err error) {
	u, want := req.URL, &g.root.url
	path, under := strings.CutPrefix(u.Path, want.Path)
	switch {
	case u.Scheme != want.Scheme || u.Host != want.Host || (req.Host != "" && req.Host != want.Host) || u.User != nil || u.Opaque != "":
		return "", errForeign
	case !under || path != "" && path[0] != '/':
		return "", errForeign
	}
	name = strings.TrimPrefix(path, "/")
	switch reads := req.Method == http.MethodGet || req.Method == http.MethodHead; {
	case reads && !strings.Contains(name, "/"):
		return name, nil
	case g.access == Reading:
		return "", errReadOnly
	case name == probe && u.Query().Get("comp") == "lease" && header(req, "x-ms-lease-action") == "renew":
		return name, nil
	case g.access == Asking:
		return "", errReadOnly
	case (req.Method == http.MethodPut || req.Method == http.MethodDelete) && writableNames.MatchString(name):
		return name, nil
	}
	return "", errName
}

// header returns a header of a request that was not sent yet. The SDK does not write names
// in the form of net/http.
func header(req *http.Request, name string) string {
	for key, values := range req.Header {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// routeTemplate returns the kind of blob that a name is of.
func routeTemplate(name string) string {
	switch {
	case name == "":
		return ""
	case strings.HasPrefix(name, "lock-"):
		return "/{lock}"
	case strings.HasSuffix(name, ".record.json"):
		return "/{record}"
	}
	return "/{journal}"
}

// localRefusal is a request that was refused locally and not sent. It must not be tried
// again.
type localRefusal struct{ why error }

func (e *localRefusal) Error() string { return e.why.Error() }

// Unwrap returns the reason.
func (e *localRefusal) Unwrap() error { return e.why }

// NonRetriable keeps the SDK from trying again.
func (e *localRefusal) NonRetriable() {}

// newTransport returns the transport to a storage account, or to an emulator on this machine.
func newTransport(emulator bool) *http.Transport {
	return wire.NewTransport(15*time.Second, emulator)
}
