package blob

import "net/http"

// NewOver returns the place of a real account's container over another transport.
func NewOver(o Options, wire http.RoundTripper) (*Container, error) {
	r, err := liveRoot(o)
	if err != nil {
		return nil, err
	}
	return newSigned(o, r, wire)
}

// NewAt returns a place at an address, with the signature of a real account.
func NewAt(o Options, address string, wire http.RoundTripper) (*Container, error) {
	r, err := emulatorRoot(Options{Emulator: "http" + address[len("https"):], Container: o.Container})
	if err != nil {
		return nil, err
	}
	r.url.Scheme = "https"
	return newSigned(o, r, wire)
}

// Address returns the address of a container's requests.
func Address(o Options) (string, error) {
	r, err := liveRoot(o)
	return r.url.String(), err
}

// SetMaxBlocks makes blobs full earlier.
func (c *Container) SetMaxBlocks(n int) { c.maxBlocks = n }
