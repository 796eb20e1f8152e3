package directory

// Replicate returns a tenant of its own in the same state.
func (t *Tenant) Replicate() *Tenant {
	replica, err := Parse("", t.source)
	if err == nil {
		err = replica.Restore(t.Overlay())
	}
	if err != nil {
		panic("sandbox: replicate: " + err.Error()) // what was read once can be read again
	}
	return replica
}

// Follow makes one change that another tenant of the same file has made.
func (t *Tenant) Follow(line []byte) error {
	states, err := t.replay(line)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for u, state := range states.users {
		t.setUser(u, state)
	}
	for g, state := range states.groups {
		t.setGroup(g, state)
	}
	return nil
}
