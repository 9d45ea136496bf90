// Package filecache shares feature flag definitions between the processes of one machine through a directory: one
// of them, which holds the lock of a file there, asks PostHog and writes what it gets to another file; the others
// read that.
//
// The lock ends with its process, however that ends, and the next process to look has the lead. The document is
// replaced at once, so that nobody reads half of it. The package starts no goroutine; everything runs on that of
// the caller.
package filecache

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/hedgerow/posthog/internal/flagsync/atomicfile"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

// maxDocument bounds what is read, in bytes.
const maxDocument = 64 << 20

// Cache is one process's view of the directory. Its methods are safe for concurrent use; they look at the disk and
// do not wait for locks of other processes.
type Cache struct {
	lockPath string
	path     string

	mu     sync.Mutex  // guards what follows
	lock   disk.Handle // nil without the lead
	locked os.FileInfo // of the lock's file
	known  []byte      // the document that was last read or written
	mark   os.FileInfo // of its file, nil if it is not known
}

// New returns a Cache in dir, which is made with mode 0700 when it is needed. Whoever can write there decides
// about flags. Each project key has files of its own, so that projects can share a directory.
func New(dir, key string) *Cache {
	sum := sha256.Sum256([]byte(key))
	name := filepath.Join(dir, "flags-"+hex.EncodeToString(sum[:8]))
	return &Cache{lockPath: name + ".lock", path: name + ".json"}
}

// ShouldFetchFlagDefinitions reports whether this process has the lead, which it takes if nobody has it. The lead
// lasts until it is given up or the process ends. The error is errors.ErrUnsupported where there are no locks that
// end with their process.
func (c *Cache) ShouldFetchFlagDefinitions(context.Context) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lock != nil && c.present() {
		return true, nil
	}
	err := c.release() // somebody removed the file, and others lock another one
	if err == nil {
		err = c.take()
	}
	if errors.Is(err, disk.ErrHeld) {
		return false, nil
	}
	return c.lock != nil, err
}

// take takes the lead. The error is disk.ErrHeld if another process has it.
func (c *Cache) take() error {
	if err := disk.Local().MkdirAll(filepath.Dir(c.lockPath)); err != nil {
		return fmt.Errorf("make directory for flag definitions: %w", err)
	}
	lock, err := disk.Local().Open(c.lockPath, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return fmt.Errorf("open lock: %w", err)
	}
	if err := lock.Lock(); err != nil {
		return errors.Join(err, lock.Close())
	}
	info, err := lock.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("look at lock: %w", err), lock.Close())
	}
	c.lock, c.locked = lock, info
	if !c.present() { // it was removed between opening and locking
		return errors.Join(disk.ErrHeld, c.release())
	}
	return nil
}

// present reports whether the locked file is the one that others would lock.
func (c *Cache) present() bool {
	info, err := os.Stat(c.lockPath)
	return err == nil && os.SameFile(info, c.locked)
}

// release gives up the lead.
func (c *Cache) release() error {
	if c.lock == nil {
		return nil
	}
	lock := c.lock
	c.lock, c.locked = nil, nil
	if err := lock.Close(); err != nil {
		return fmt.Errorf("close lock: %w", err)
	}
	return nil
}

// GetFlagDefinitions returns the shared document, nil if there is none. It reads the file again when that has
// changed. The result must not be changed.
func (c *Cache) GetFlagDefinitions(context.Context) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, err := os.Open(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		c.known, c.mark = nil, nil
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if c.unchanged(info) {
		return c.known, nil
	}
	document, err := io.ReadAll(io.LimitReader(f, maxDocument+1))
	if err == nil && len(document) > maxDocument {
		err = fmt.Errorf("read %s: more than %d MiB", c.path, maxDocument>>20)
	}
	if err != nil {
		return nil, err
	}
	c.known, c.mark = document, info
	return document, nil
}

// unchanged reports whether info is that of the known document. A file is never written to but replaced, so that
// another document is another file.
func (c *Cache) unchanged(info os.FileInfo) bool {
	return c.mark != nil && os.SameFile(info, c.mark) && info.Size() == c.mark.Size() && info.ModTime().Equal(c.mark.ModTime())
}

// OnFlagDefinitionsReceived replaces the shared document, unless it is the same.
func (c *Cache) OnFlagDefinitionsReceived(_ context.Context, document []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if info, err := os.Stat(c.path); err == nil && c.unchanged(info) && bytes.Equal(document, c.known) {
		return nil
	}
	if err := atomicfile.Write(c.path, document); err != nil {
		return err
	}
	c.known, c.mark = document, nil
	info, err := os.Stat(c.path)
	if err != nil {
		return fmt.Errorf("look at shared flag definitions: %w", err)
	}
	if info.Size() == int64(len(document)) {
		c.mark = info
	}
	return nil
}

// YieldFlagDefinitions gives up the lead until the next ShouldFetchFlagDefinitions.
func (c *Cache) YieldFlagDefinitions(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.release()
}

// Shutdown gives up the lead. The document stays for the other processes.
func (c *Cache) Shutdown(ctx context.Context) error { return c.YieldFlagDefinitions(ctx) }
