// Package cluster runs the private PostgreSQL + PostGIS of a small town: a
// database cluster below the data folder that the program creates, starts and
// stops itself, so that nobody has to administer a database server.
//
// # What holds
//
//   - Nobody but the owner reaches it: PostgreSQL listens on a unix socket in a
//     folder of mode 0700 outside the data folder and on no network address.
//     That folder is the lock; pg_hba.conf trusts whoever is inside.
//   - One program owns one folder: <Dir>.lock is held with an open file
//     description lock (fcntl F_OFD_SETLK) that the kernel drops with the
//     program. Other programs of the same owner [Join].
//   - A killed program leaves no server: the kernel sends SIGINT (fast
//     shutdown) to postgres when the thread that started it dies, and the next
//     [Start] waits for what is left of an earlier run.
//   - There is no half cluster: initdb works in a sibling folder that is synced
//     and renamed when it is complete. A folder that is not ours is refused
//     before anything is written.
//   - PostgreSQL refuses to run as root: then it runs as the owner of the
//     folder, or as the system user "postgres" when that is root or the folder
//     is new. Folders of the user are never given other modes.
//
// # Decisions
//
// Text sorts by code point (LC_COLLATE C) and is classified by Unicode
// (LC_CTYPE C.UTF-8, so that upper('ä') works): an index order that no update
// of glibc or ICU changes, because such an update silently corrupts indexes
// sorted by de_DE or ICU. Where people read a list, its query asks for
// ORDER BY … COLLATE "de-x-icu".
//
// The server's own log goes to Options.Log. What a client's statement caused
// is returned to that client and its text may quote personal data, so of such
// errors only the SQLSTATE is logged (see journal.go).
//
// # To extend
//
// A server setting: a line in settings.go; it holds from the next start on. An
// extension: a line in extensions (create.go) for new clusters and a migration
// for those that exist. A place where PostgreSQL may be installed: installed in
// program.go. The package needs Linux (/proc, parent death signal).
package cluster
