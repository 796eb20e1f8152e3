package ad

import (
	"fmt"
	"log/slog"
)

// Secret is text that must not be shown. Whatever prints it, prints [redacted].
type Secret string

const redacted = "[redacted]"

// reveal is the only way to the text.
func (s Secret) reveal() string { return string(s) }

// Format implements [fmt.Formatter], so that no verb of fmt shows the text.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText implements encoding.TextMarshaler, which JSON and YAML follow.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements [slog.LogValuer].
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
