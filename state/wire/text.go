package wire

// Cut returns foreign text short enough for an error. If it has more bytes than most,
// these are its first bytes and dots. The cut can be in the middle of a character.
func Cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return s[:most] + "..."
}
