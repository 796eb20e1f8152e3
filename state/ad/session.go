package ad

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"github.com/seatwright/seatwright/state"
)

// session is a connection with a signed-in account. It can only search.
type session struct {
	reader *Reader
	server server
	conn   searcher
	domain state.DN // the naming context of the server's own domain
	stop   func() bool
}

// searcher is the part of a connection that is used.
type searcher interface {
	Search(*ldap.SearchRequest) (*ldap.SearchResult, error)
	Close() error
}

// connectTime limits the time to open a session: the connection and the handshake.
const connectTime = 15 * time.Second

// connect opens a session: TLS, then the password, then the identity of the server.
func (r *Reader) connect(ctx context.Context, s server) (*session, error) {
	const op = "sign in"
	secured, err := r.secure(ctx, s)
	if err != nil {
		return nil, r.failure(op, s, nil, err)
	}
	conn := ldap.NewConn(secured, true)
	conn.SetTimeout(r.options.Timeout)
	conn.Start()
	opened := &session{reader: r, server: s, conn: conn}
	opened.stop = context.AfterFunc(ctx, func() { _ = conn.Close() }) // a request in progress ends with it
	if err := conn.Bind(r.options.User, r.options.Password.Reveal()); err != nil {
		opened.close()
		return nil, r.failure(op, s, nil, err)
	}
	if err := opened.identify(); err != nil {
		opened.close()
		return nil, err
	}
	return opened, nil
}

func (s *session) close() {
	s.stop()
	_ = s.conn.Close() // nothing was written that could be lost
}

// secure returns a connection with verified TLS, on which nothing has been sent yet.
func (r *Reader) secure(ctx context.Context, s server) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, min(connectTime, r.options.Timeout))
	defer cancel()
	var dialer net.Dialer
	plain, err := dialer.DialContext(ctx, "tcp", s.address)
	if err != nil {
		return nil, err
	}
	if r.options.StartTLS {
		if err := sendStartTLS(ctx, plain); err != nil {
			_ = plain.Close() // the refusal is the error that matters
			return nil, err
		}
	}
	secured := tls.Client(plain, &tls.Config{ServerName: s.host, RootCAs: r.roots, MinVersion: tls.VersionTLS12})
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = plain.Close() // the handshake is the error that matters
		return nil, &handshakeError{err}
	}
	return secured, nil
}

// startTLS is the object identifier of the request (RFC 4511, 4.14).
const startTLS = "1.3.6.1.4.1.1466.20037"

// maxAnswer limits what is read from a server that is not verified yet.
const maxAnswer = 64 << 10

// sendStartTLS asks a server to start TLS (RFC 4511, 4.14). go-ldap can do so, but without a
// deadline for the handshake, and it loses the reason why a certificate was refused.
func sendStartTLS(ctx context.Context, conn net.Conn) error {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	request := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	request.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 1, ""))
	operation := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationExtendedRequest, nil, "")
	operation.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, startTLS, ""))
	request.AppendChild(operation)
	if _, err := conn.Write(request.Bytes()); err != nil {
		return err
	}
	answer, err := ber.ReadPacket(io.LimitReader(conn, maxAnswer))
	if err != nil {
		return err
	}
	return ldap.GetLDAPError(answer)
}

// handshakeError is a handshake that failed, for any reason.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return e.err.Error() }
func (e *handshakeError) Unwrap() error { return e.err }

// activeDirectory is among the capabilities of every domain controller (MS-ADTS
// 3.1.1.3.2.9, LDAP_CAP_ACTIVE_DIRECTORY_OID).
const activeDirectory = "1.2.840.113556.1.4.800"

// identify reads the domain of the server from the server's root.
func (s *session) identify() error {
	const op = "identify server"
	answer, err := s.conn.Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false,
		"(objectClass=*)", []string{"defaultNamingContext", "supportedCapabilities"}, nil))
	if err != nil {
		return s.reader.failure(op, s.server, nil, err)
	}
	isAD := false
	for _, entry := range answer.Entries {
		for _, capability := range entry.GetEqualFoldAttributeValues("supportedCapabilities") {
			isAD = isAD || capability == activeDirectory
		}
		s.domain, err = state.ParseDN(entry.GetEqualFoldAttributeValue("defaultNamingContext"))
	}
	if !isAD || err != nil || s.domain.IsZero() {
		return s.fault(op, nil, state.DirectoryNotAD, "the server reports no domain of its own")
	}
	return nil
}
