package ad

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/seatwright/seatwright/state"
)

// Options select the directory, and the account that reads it.
type Options struct {
	Name     string   // in the settings, for messages
	URLs     []string // ldaps://host[:port], or ldap://host[:port] with StartTLS; tried in this order
	StartTLS bool
	CA       []byte // PEM of the CAs to trust; nil: those of the system
	User     string // user principal name, DOMAIN\name, or distinguished name
	Password state.Secret
	Anchors  []string         // of [state.AnchorAttributes]; none: both
	Timeout  time.Duration    // for each request: a page of a large domain takes seconds; 0: a minute
	Progress func(users int)  // called now and then, with the users read so far; nil: no calls
	Now      func() time.Time // nil: [time.Now]
}

const defaultTimeout = time.Minute

// Reader reads one directory. It is safe for use by one goroutine at a time.
type Reader struct {
	options Options
	servers []server
	roots   *x509.CertPool // nil: the system's
}

// server is one of a directory's domain controllers.
type server struct {
	host    string // as in the URL; its certificate has to be for this name
	address string // host and port
}

// New checks the options. It opens no connection.
func New(o Options) (*Reader, error) {
	r := &Reader{options: o}
	if r.options.Timeout == 0 {
		r.options.Timeout = defaultTimeout
	}
	if r.options.Progress == nil {
		r.options.Progress = func(int) {}
	}
	if r.options.Now == nil {
		r.options.Now = time.Now
	}
	if len(r.options.Anchors) == 0 {
		r.options.Anchors = state.AnchorAttributes()
	}
	for _, address := range o.URLs {
		s, err := parseServer(address, o.StartTLS)
		if err != nil {
			return nil, fmt.Errorf("prepare directory %s: %w", o.Name, err)
		}
		r.servers = append(r.servers, s)
	}
	switch {
	case len(r.servers) == 0:
		return nil, fmt.Errorf("prepare directory %s: it has no server in `url`", o.Name)
	case o.User == "" || o.Password == "":
		// An empty password would be an anonymous sign-in, which succeeds and sees nothing.
		return nil, &state.DirectoryError{Op: "sign in", Directory: o.Name, Fault: state.DirectoryWrongPassword, Message: "the user name or the password is empty"}
	case o.CA == nil:
		return r, nil
	}
	r.roots = x509.NewCertPool()
	if !r.roots.AppendCertsFromPEM(o.CA) {
		return nil, fmt.Errorf("prepare directory %s: the CA file has no certificate in PEM", o.Name)
	}
	return r, nil
}

// parseServer refuses every URL by which a password could be sent without TLS.
func parseServer(address string, startTLS bool) (server, error) {
	u, err := url.Parse(address)
	if err != nil {
		return server{}, errors.New("a URL of its servers cannot be read")
	}
	port := u.Port()
	switch {
	case u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return server{}, errors.New("a URL of its servers does not have the form ldaps://host")
	case u.Scheme == "ldaps" && !startTLS:
		if port == "" {
			port = "636"
		}
	case u.Scheme == "ldap" && startTLS:
		if port == "" {
			port = "389"
		}
	default:
		return server{}, errors.New("passwords are sent with TLS only: use ldaps://host, or ldap://host with `start_tls: true`")
	}
	return server{host: u.Hostname(), address: net.JoinHostPort(u.Hostname(), port)}, nil
}

// withSession signs in at one server after another, until do has a result that another
// server would not change. It returns the address of that server. If a session breaks,
// everything that do collected is dropped: do must start again.
func (r *Reader) withSession(ctx context.Context, do func(context.Context, *session) error) (address string, err error) {
	var failures []error
	for _, s := range r.servers {
		err := r.once(ctx, s, do)
		switch {
		case err == nil:
			return s.address, nil
		case ctx.Err() != nil:
			return s.address, fmt.Errorf("read directory %s: %w", r.options.Name, context.Cause(ctx))
		case !anotherMayHelp(err):
			return s.address, err
		}
		failures = append(failures, err)
	}
	return "", noServer(failures)
}

func (r *Reader) once(ctx context.Context, s server, do func(context.Context, *session) error) error {
	session, err := r.connect(ctx, s)
	if err != nil {
		return err
	}
	defer session.close()
	return do(ctx, session)
}

// noServer returns the first failure, which is about the preferred server, with the
// others below it.
func noServer(failures []error) error {
	if len(failures) == 1 {
		return failures[0]
	}
	first, ok := errors.AsType[*state.DirectoryError](failures[0])
	if !ok {
		return errors.Join(failures...)
	}
	all := *first
	all.Server, all.Code = "", 0
	all.Message, all.Err = fmt.Sprintf("none of %d servers", len(failures)), errors.Join(failures...)
	return &all
}

// anotherMayHelp reports whether the trouble is that of one server only.
func anotherMayHelp(err error) bool {
	trouble, ok := errors.AsType[*state.DirectoryError](err)
	if !ok {
		return false
	}
	switch trouble.Fault {
	case state.DirectoryUnreachable, state.DirectoryLost, state.DirectoryTimeout, state.DirectoryBusy, state.DirectoryNoTLS,
		state.DirectoryUntrusted, state.DirectoryWrongName, state.DirectoryBadCertificate:
		return true
	}
	return false
}
