package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// Folder is a place on this machine, or on a disk that several machines share.
type Folder struct {
	root *os.Root
	now  func() time.Time
}

var _ Place = (*Folder)(nil)

// NewFolder returns a place in a folder. The clock must never stop.
func NewFolder(root *os.Root, now func() time.Time) *Folder { return &Folder{root, now} }

// List implements [Place]. It skips everything that is not a regular file.
func (f *Folder) List(context.Context) ([]Item, error) {
	found, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return nil, err
	}
	var entries []Item
	for _, one := range found {
		if !one.Type().IsRegular() {
			continue
		}
		entry := Item{Name: one.Name()}
		if info, err := one.Info(); err == nil {
			entry.Written = info.ModTime()
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

// Open implements [Place].
func (f *Folder) Open(_ context.Context, name string) (io.ReadCloser, error) {
	info, err := f.root.Lstat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("open %s: it is not a regular file", name)
	}
	if err != nil {
		return nil, err
	}
	return f.root.Open(name)
}

// ReadEnd implements [Place].
func (f *Folder) ReadEnd(_ context.Context, name string, most int64) ([]byte, error) {
	info, err := f.root.Lstat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("open %s: it is not a regular file", name)
	}
	if err != nil {
		return nil, err
	}
	opened, err := f.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	tail := make([]byte, min(info.Size(), most))
	_, err = opened.ReadAt(tail, info.Size()-int64(len(tail)))
	return tail, err
}

// Create implements [Place].
func (f *Folder) Create(_ context.Context, name string) (Appender, error) {
	opened, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.sync(); err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return synced{opened}, nil
}

// sync makes the name of a new file durable.
func (f *Folder) sync() error {
	folder, err := f.root.Open(".")
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// Replace implements [Place].
func (f *Folder) Replace(_ context.Context, name string, data []byte) error {
	temp := name + ".tmp"
	opened, err := f.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = opened.Write(data)
	if err = errors.Join(err, opened.Sync(), opened.Close()); err != nil {
		return err
	}
	return f.root.Rename(temp, name)
}

// file is what the appender of a folder writes to.
type file interface {
	io.WriteCloser
	Sync() error
}

// synced is a file that is synced after every write.
type synced struct{ file }

// Append implements [Appender].
func (s synced) Append(data []byte) error {
	if _, err := s.Write(data); err != nil {
		return err
	}
	return s.Sync()
}
