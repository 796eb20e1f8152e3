package adtest

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// Server is an in-process LDAP server that behaves to readers as a domain controller of
// Active Directory does. Set its fields before it listens.
type Server struct {
	Tree     *Tree
	Accounts map[string]Account // by bind name, in lower case
	// Partitions are the referrals of a search from the root of the domain.
	Partitions []string

	mu        sync.Mutex
	tls       *tls.Config
	fault     func(connection, search int) *Fault
	conns     int
	binds     int
	listeners []net.Listener
	open      map[net.Conn]bool
	stop      chan struct{}
	wg        sync.WaitGroup
}

// Account is an account that can sign in.
type Account struct {
	Password string
	Trouble  string                           // AD's code of the reason why the right password is refused: "533" disabled, "775" locked ...
	Hides    func(e *Entry) bool              // entries that the account may not see
	Conceals func(e *Entry, name string) bool // attributes that the account may not see
}

func (a *Account) sees(e *Entry) bool { return a.Hides == nil || !a.Hides(e) }

// Fault is how the server misbehaves when it answers a search.
type Fault struct {
	After     int           // so many entries of this answer are sent first
	Cut       bool          // then the connection is cut inside a message
	Close     bool          // or between two
	Stall     time.Duration // or nothing comes for this time
	Code      uint16        // or the answer ends with this result
	Text      string        // and this message
	NoPaging  bool          // the answer lacks the paging control
	Referral  string        // the answer refers to another server besides
	Misplaced *Entry        // the answer has this entry, wherever the entry is
}

// maxPageSize is MaxPageSize of AD's query policy.
const maxPageSize = 1000

// Listen serves on a free port of this machine and returns its address. With ldaps, TLS
// comes first.
func (s *Server) Listen(ldaps bool) (address string, err error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop == nil {
		s.stop, s.open = make(chan struct{}), map[net.Conn]bool{}
	}
	s.listeners = append(s.listeners, listener)
	s.wg.Go(func() {
		for {
			raw, err := listener.Accept()
			if err != nil {
				return
			}
			s.wg.Go(func() { s.serve(raw, ldaps) })
		}
	})
	return listener.Addr().String(), nil
}

// Close ends all connections and waits for their goroutines.
func (s *Server) Close() {
	s.mu.Lock()
	if s.stop != nil {
		close(s.stop)
	}
	for _, listener := range s.listeners {
		_ = listener.Close()
	}
	for raw := range s.open {
		_ = raw.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

// Present makes the server use this certificate from now on; nil: it has no TLS.
func (s *Server) Present(certificate *tls.Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tls = certificate
}

func (s *Server) certificate() *tls.Config {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tls
}

// Misbehave sets how the nth search on the nth connection fails from now on, both counted
// from 1. The search for the server's root does not count. With nil, no search fails.
func (s *Server) Misbehave(fault func(connection, search int) *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

func (s *Server) faultOf(connection, search int) *Fault {
	s.mu.Lock()
	fault := s.fault
	s.mu.Unlock()
	if fault == nil {
		return nil
	}
	return fault(connection, search)
}

// Binds returns the number of sign-in attempts.
func (s *Server) Binds() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.binds
}

// conn is one connection.
type conn struct {
	s        *Server
	raw, c   net.Conn
	id       int
	tls      bool
	account  *Account // the signed-in account
	searches int
	seq      int
	cookies  map[string]cursor
}

// cursor is the rest of a search, which a cookie names.
type cursor struct {
	key  string
	rest []*Entry
}

func (s *Server) serve(raw net.Conn, ldaps bool) {
	s.mu.Lock()
	s.open[raw] = true
	s.conns++
	c := &conn{s: s, raw: raw, c: raw, id: s.conns, cookies: map[string]cursor{}}
	s.mu.Unlock()
	defer func() {
		_ = raw.Close()
		s.mu.Lock()
		delete(s.open, raw)
		s.mu.Unlock()
	}()
	if ldaps && !c.secure() {
		return
	}
	for c.exchange() {
	}
}

func (c *conn) secure() bool {
	certificate := c.s.certificate()
	if certificate == nil {
		return false
	}
	secured := tls.Server(c.raw, certificate)
	if secured.HandshakeContext(context.Background()) != nil {
		return false
	}
	c.c, c.tls = secured, true
	return true
}

// exchange answers one message, and reports whether another may follow.
func (c *conn) exchange() bool {
	message, err := ber.ReadPacket(c.c)
	if err != nil || len(message.Children) < 2 {
		return false
	}
	id, _ := message.Children[0].Value.(int64)
	op := message.Children[1]
	switch op.Tag {
	case ldap.ApplicationUnbindRequest:
		return false
	case ldap.ApplicationBindRequest:
		return c.bind(id, op)
	case ldap.ApplicationExtendedRequest:
		return c.extended(id, op)
	case ldap.ApplicationSearchRequest:
		return c.search(id, op, message)
	case ldap.ApplicationAbandonRequest:
		return true
	}
	return c.send(id, result(op.Tag+1, 53, "", "not supported"))
}

const startTLS = "1.3.6.1.4.1.1466.20037"

func (c *conn) extended(id int64, op *ber.Packet) bool {
	if len(op.Children) == 1 && op.Children[0].Data.String() == startTLS && !c.tls && c.s.certificate() != nil {
		return c.send(id, result(ldap.ApplicationExtendedResponse, 0, "", "")) && c.secure()
	}
	return c.send(id, result(ldap.ApplicationExtendedResponse, 2, "", "0000203D: LdapErr: DSID-0C0912E7, comment: Unknown extended request OID, data 0, v3839\x00"))
}

// sleep ends early when the server is closed.
func (s *Server) sleep(d time.Duration) {
	select {
	case <-time.After(d):
	case <-s.stop:
	}
}

func text(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

func result(application ber.Tag, code uint16, matched, message string, referral ...string) *ber.Packet {
	p := ber.Encode(ber.ClassApplication, ber.TypeConstructed, application, nil, "")
	p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, int64(code), ""))
	p.AppendChild(text(matched))
	p.AppendChild(text(message))
	if len(referral) > 0 {
		r := ber.Encode(ber.ClassContext, ber.TypeConstructed, 3, nil, "")
		for _, u := range referral {
			r.AppendChild(text(u))
		}
		p.AppendChild(r)
	}
	return p
}

func envelope(id int64, op *ber.Packet, controls ...*ber.Packet) []byte {
	m := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	m.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	m.AppendChild(op)
	if len(controls) > 0 {
		all := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "")
		for _, control := range controls {
			all.AppendChild(control)
		}
		m.AppendChild(all)
	}
	return m.Bytes()
}

func (c *conn) send(id int64, op *ber.Packet, controls ...*ber.Packet) bool {
	_, err := c.c.Write(envelope(id, op, controls...))
	return err == nil
}
