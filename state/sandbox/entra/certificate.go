package entra

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// CA is a certification authority for one sandbox. Its key never leaves memory, and it
// lasts a day. It can sign only for loopback and the hosts that it was made for, so that
// trusting it puts no other connection at risk.
type CA struct {
	certificate *x509.Certificate
	server      tls.Certificate
}

// caLife is how long a CA lasts: longer than any test, and short enough for one that is
// forgotten in a trust store.
const caLife = 24 * time.Hour

// loopbackNets are the addresses that a CA may sign for.
var loopbackNets = []*net.IPNet{
	{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)},
	{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
}

// NewCA returns a CA with the certificate of a server for localhost, 127.0.0.1, ::1 and
// further host names.
func NewCA(now time.Time, hosts ...string) (*CA, error) {
	ca, caKey, err := makeCA(now, hosts)
	if err != nil {
		return nil, fmt.Errorf("make a CA for the sandbox: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key for the sandbox: %w", err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Seatwright sandbox"},
		NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    append([]string{"localhost"}, hosts...),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}, ca, &key.PublicKey, caKey)
	if err != nil {
		return nil, fmt.Errorf("make a certificate for the sandbox: %w", err)
	}
	return &CA{certificate: ca, server: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}}, nil
}

func makeCA(now time.Time, hosts []string) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Seatwright sandbox CA, for tests on this machine alone"},
		NotBefore: now.Add(-time.Minute), NotAfter: now.Add(caLife),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         append([]string{"localhost"}, hosts...),
		PermittedIPRanges:           loopbackNets,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return certificate, key, err
}

func serial() *big.Int {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // it never fails
	raw[0] &= 0x7f
	return new(big.Int).SetBytes(raw)
}

// PEM returns the CA's certificate, for the clients that must trust it.
func (c *CA) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.certificate.Raw})
}

// TLS returns the configuration of the server, from TLS 1.2.
func (c *CA) TLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{c.server}}
}
