// Package torture proves that what a process accepted survives the process:
// it runs programs, kills them at moments that a seed decides, and holds what
// they said they accepted against what a server received.
//
// It belongs to tests, and knows neither the client nor the server: the
// programs report numbered events through a pipe, and whoever runs them
// fills the ledger. Of the files that they leave it knows what is in
// docs/spool-format.md. Nothing runs here but the goroutines of [Life.Run], which
// have ended when it returns. It writes no file, and ends no process that it
// did not start.
package torture
