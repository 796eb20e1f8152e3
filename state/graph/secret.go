package graph

import (
	"fmt"
	"log/slog"
)

// secret is text that must not be shown. Whatever prints it, prints [redacted].
type secret string

const redacted = "[redacted]"

// reveal is the only way to the text.
func (s secret) reveal() string { return string(s) }

// Format implements [fmt.Formatter], so that no verb of fmt shows the text.
func (secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText implements encoding.TextMarshaler, which JSON and YAML follow.
func (secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements [slog.LogValuer].
func (secret) LogValue() slog.Value { return slog.StringValue(redacted) }
