package wire

// Cut returns foreign text short enough for an error: its first bytes and dots, if it has
// more than most. The cut can go through a character.
func Cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return s[:most] + "..."
}
