package blob

import "net/http"

// NewOver makes the place of a real account's container over another wire.
func NewOver(o Options, wire http.RoundTripper) (*Container, error) {
	r, err := liveRoot(o)
	if err != nil {
		return nil, err
	}
	return newSigned(o, r, wire)
}

// NewAt makes a place at an address, with the signature of a real account's.
func NewAt(o Options, address string, wire http.RoundTripper) (*Container, error) {
	r, err := emulatorRoot(Options{Emulator: "http" + address[len("https"):], Container: o.Container})
	if err != nil {
		return nil, err
	}
	r.url.Scheme = "https"
	return newSigned(o, r, wire)
}

// Address is where a container's requests go.
func Address(o Options) (string, error) {
	r, err := liveRoot(o)
	return r.url.String(), err
}

// SetMaxBlocks makes blobs full sooner.
func (c *Container) SetMaxBlocks(n int) { c.maxBlocks = n }
