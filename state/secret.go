package state

import "fmt"

// Secret is text that must not be shown: a password, a token, an assertion. All
// formatting prints [redacted].
type Secret string

const redacted = "[redacted]"

// Reveal returns the text. It is the only way to get it, and only code that signs in with
// it may call it.
func (s Secret) Reveal() string { return string(s) }

// Format implements [fmt.Formatter], so that no verb of fmt shows the text.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText implements encoding.TextMarshaler, which JSON, YAML and both handlers of
// log/slog follow.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
