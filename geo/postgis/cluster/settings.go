package cluster

import "path/filepath"

// settingsFile is written at every start, so that a new release brings its
// settings to old clusters. postgresql.conf includes it first: what an
// administrator writes there or with ALTER SYSTEM wins.
const settingsFile = "ortsnah.conf"

const settings = `# Written by ortsnah at every start. Your own settings: postgresql.conf.
# For one town on a machine with 2 to 8 GB that runs other things too.
max_connections = 100
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 32MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
wal_compression = on
random_page_cost = 1.1
# Short queries only: compiling them costs more than it saves.
jit = off
autovacuum = on
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
lc_monetary = 'C'
lc_numeric = 'C'
lc_time = 'C'
datestyle = 'iso, dmy'
default_text_search_config = 'pg_catalog.simple'
# Details and statements quote rows, and rows may be about people.
log_min_messages = warning
log_error_verbosity = terse
log_min_error_statement = panic
log_checkpoints = off
`

const ownSettings = `# Settings of this town. They win over the program's own (ortsnah.conf).
include 'ortsnah.conf'
`

// access trusts whoever reaches the socket: its folder has mode 0700.
const access = `# TYPE  DATABASE  USER  METHOD
local   all       all   trust
`

// writeSettings puts the program's settings into the cluster at dir.
func writeSettings(dir string, a account) error {
	if err := replaceFile(filepath.Join(dir, settingsFile), settings, a); err != nil {
		return folderError(dir, err)
	}
	return nil
}

// arguments of postgres: what nobody may override (where it listens, how it
// logs, how it is called), and what holds for this run only.
func arguments(dir, sockets string, fast bool) []string {
	args := []string{"-D", dir,
		"-c", "listen_addresses=",
		"-c", "port=" + port,
		"-c", "unix_socket_directories=" + sockets,
		"-c", "unix_socket_permissions=0700",
		"-c", "cluster_name=" + filepath.Base(sockets),
		"-c", "update_process_title=on",
		"-c", "log_destination=stderr",
		"-c", "logging_collector=off",
		"-c", "log_line_prefix=" + linePrefix,
	}
	if fast {
		args = append(args, unsafe()...)
		args = append(args, "-c", "shared_buffers=128MB")
	}
	return args
}

// unsafe makes writes fast that a power cut may destroy.
func unsafe() []string {
	return []string{"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"}
}
