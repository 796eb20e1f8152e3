package ad

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/go-ldap/ldap/v3"

	"github.com/seatwright/seatwright/state"
)

// fault returns an error that this package found itself.
func (s *session) fault(op string, place *state.Place, is state.DirectoryFault, message string) error {
	return &state.DirectoryError{Op: op, Directory: s.reader.options.Name, Server: s.server.address, Place: place, Fault: is, Message: message}
}

// failure classifies an error of the network, of TLS or of the server.
func (r *Reader) failure(op string, s server, place *state.Place, err error) error {
	out := &state.DirectoryError{Op: op, Directory: r.options.Name, Server: s.address, Place: place}
	if answer, ok := errors.AsType[*ldap.Error](err); ok && answer.ResultCode < ldap.ErrorNetwork {
		out.Code = int(answer.ResultCode)
		out.Message = serverMessage(answer)
		out.Fault = answered(answer.ResultCode, out.Message)
		return out
	}
	out.Fault, out.Err = networkFault(err), err
	return out
}

// serverMessage returns the diagnostic message on one line. AD ends it in a NUL.
func serverMessage(answer *ldap.Error) string {
	if answer.Err == nil {
		return ""
	}
	return strings.Join(strings.Fields(strings.TrimRight(answer.Err.Error(), "\x00")), " ")
}

// results has the fault of each result code (RFC 4511, appendix A).
var results = map[uint16]state.DirectoryFault{
	ldap.LDAPResultOperationsError:              state.DirectorySignIn, // AD: no account is signed in on the connection
	ldap.LDAPResultProtocolError:                state.DirectoryNoTLS,  // answer to StartTLS: the server has no TLS
	ldap.LDAPResultTimeLimitExceeded:            state.DirectorySizeLimit,
	ldap.LDAPResultSizeLimitExceeded:            state.DirectorySizeLimit,
	ldap.LDAPResultAdminLimitExceeded:           state.DirectorySizeLimit,
	ldap.LDAPResultStrongAuthRequired:           state.DirectorySignIn,
	ldap.LDAPResultConfidentialityRequired:      state.DirectorySignIn,
	ldap.LDAPResultInappropriateAuthentication:  state.DirectorySignIn,
	ldap.LDAPResultAuthMethodNotSupported:       state.DirectorySignIn,
	ldap.LDAPResultReferral:                     state.DirectoryElsewhere,
	ldap.LDAPResultUnavailableCriticalExtension: state.DirectoryBroken,
	ldap.LDAPResultNoSuchObject:                 state.DirectoryNoPlace,
	ldap.LDAPResultInvalidDNSyntax:              state.DirectoryBadName,
	ldap.LDAPResultInsufficientAccessRights:     state.DirectoryForbidden,
	ldap.LDAPResultBusy:                         state.DirectoryBusy,
	ldap.LDAPResultUnavailable:                  state.DirectoryBusy,
	ldap.LDAPResultUnwillingToPerform:           state.DirectoryBroken, // of a page: the cookie belongs to another connection
}

// signIns has the fault of each reason for which AD refuses a sign-in ("data 52e": the
// system error code in result 49).
var signIns = map[string]state.DirectoryFault{
	"525": state.DirectoryWrongPassword, // no such user
	"52e": state.DirectoryWrongPassword,
	"532": state.DirectoryPasswordExpired,
	"533": state.DirectoryDisabled,
	"701": state.DirectoryExpired,
	"773": state.DirectoryPasswordExpired, // it has to be changed first
	"775": state.DirectoryLocked,
}

func answered(code uint16, message string) state.DirectoryFault {
	if code == ldap.LDAPResultInvalidCredentials {
		_, rest, _ := strings.Cut(message, " data ")
		data, _, _ := strings.Cut(rest, ",")
		if fault, known := signIns[strings.ToLower(data)]; known {
			return fault
		}
		if rest != "" { // 530, 531: not at this hour, not from this machine
			return state.DirectorySignIn
		}
		return state.DirectoryWrongPassword
	}
	if fault, known := results[code]; known {
		return fault
	}
	return state.DirectoryUnknown
}

// networkFault returns the fault where the server returned no answer.
func networkFault(err error) state.DirectoryFault {
	if fault := certificateFault(err); fault != "" {
		return fault
	}
	timeout, ok := errors.AsType[net.Error](err)
	switch {
	case ok && timeout.Timeout(), errors.Is(err, os.ErrDeadlineExceeded), strings.Contains(err.Error(), "timed out"): // go-ldap has no type for it
		return state.DirectoryTimeout
	case isHandshake(err):
		return state.DirectoryNoTLS
	case isDial(err):
		return state.DirectoryUnreachable
	}
	return state.DirectoryLost
}

func certificateFault(err error) state.DirectoryFault {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return state.DirectoryUntrusted
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return state.DirectoryWrongName
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return state.DirectoryBadCertificate
	}
	return ""
}

// isHandshake reports whether the service at the port does not speak TLS.
func isHandshake(err error) bool {
	_, handshake := errors.AsType[*handshakeError](err)
	return handshake
}

func isDial(err error) bool {
	if operation, ok := errors.AsType[*net.OpError](err); ok && operation.Op == "dial" {
		return true
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}
