package flagsync

import (
	"net/http"

	"github.com/hedgerow/posthog/internal/flagsync/atomicfile"
)

// save writes what is loaded to the backup, unless it holds that already.
func (w *worker) save() {
	s := w.loader.State()
	if w.config.BackupPath == "" || w.saved == s.Generation || !s.Loaded() {
		return
	}
	err := atomicfile.Write(w.config.BackupPath, s.definitions().JSON())
	if err == nil {
		w.saved = s.Generation
	}
	w.troubles.note(problemSave, err)
}

// restore loads the backup if the first load failed and nothing is loaded. When PostHog said why it hands nothing
// out, 402, that holds for the backup too.
func (w *worker) restore(err error) {
	if w.restored {
		return
	}
	w.restored = true
	if err == nil || w.config.BackupPath == "" || !w.config.network() ||
		w.loader.State().Loaded() || status(err) == http.StatusPaymentRequired {
		return
	}
	document, _, err := readFile(w.config.BackupPath)
	if err == nil {
		err = contained(func() error { return w.install(document, Backup, "") })
	}
	w.troubles.note(problemBackup, err)
}
