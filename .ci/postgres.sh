#!/usr/bin/env bash
# A PostgreSQL to test on. PINTUMBLER_TEST_POSTGRES names one that is at hand; otherwise a server of its own is started, in
# a folder that goes with it, and PINTUMBLER_TEST_POSTGRES and PINTUMBLER_TEST_POSTGRES_RESTART (a command that crashes it and
# starts it again: for nobody who shares it with others) are exported.
#
#   source .ci/postgres.sh       postgres_start and postgres_stop
#   .ci/postgres.sh COMMAND      runs a command with a server, and stops that

postgres_folder=
postgres_bin=
# PostgreSQL does not run as root.
postgres_user=

postgres_find() {
  postgres_bin=$(ls -d /usr/lib/postgresql/*/bin "$(pg_config --bindir 2>/dev/null)" 2>/dev/null | sort -V | tail -1)
  [ -n "$postgres_bin" ] && [ -x "$postgres_bin/initdb" ] && [ -x "$postgres_bin/pg_ctl" ]
}

postgres_install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  echo "no PostgreSQL on this machine: installing it"
  # The package starts a server on the usual port, which is nobody's here.
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null
}

postgres_run() {
  if [ -n "$postgres_user" ]; then
    (cd / && runuser -u "$postgres_user" -- "$@")
  else
    "$@"
  fi
}

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

postgres_start() {
  if [ -n "${PINTUMBLER_TEST_POSTGRES:-}" ]; then
    echo "the server that PINTUMBLER_TEST_POSTGRES names"
    return 0
  fi
  postgres_find || { postgres_install && postgres_find; } || {
    echo 'NO POSTGRESQL: name a server in PINTUMBLER_TEST_POSTGRES, or install one (apt-get install postgresql)'
    return 1
  }
  if [ "$(id -u)" = 0 ]; then
    postgres_user=$(id -un postgres 2>/dev/null || echo nobody)
  fi
  postgres_folder=$(mktemp -d /tmp/pintumbler-postgres.XXXXXX) || return 1
  [ -z "$postgres_user" ] || chown "$postgres_user" "$postgres_folder"
  local port data=$postgres_folder/data log=$postgres_folder/log
  port=$(free_port)
  # Trust on the loopback address only: nothing else is listened to, beside the socket in the folder.
  postgres_run "$postgres_bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --no-locale --no-sync >/dev/null &&
    postgres_run tee -a "$data/postgresql.conf" >/dev/null <<CONF &&
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$postgres_folder'
CONF
    postgres_run "$postgres_bin/pg_ctl" -D "$data" -l "$log" -w -s start || {
    cat "$log" 2>/dev/null
    postgres_stop
    return 1
  }
  export PINTUMBLER_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres"
  local as=
  [ -z "$postgres_user" ] || as="runuser -u $postgres_user -- "
  export PINTUMBLER_TEST_POSTGRES_RESTART="cd / && $as$postgres_bin/pg_ctl -D $data -l $log -w -s -m immediate restart"
  echo "a PostgreSQL of its own on port $port: $("$postgres_bin/postgres" --version)"
}

postgres_stop() {
  [ -n "$postgres_folder" ] || return 0
  postgres_run "$postgres_bin/pg_ctl" -D "$postgres_folder/data" -s -m immediate stop
  rm -rf "$postgres_folder"
  postgres_folder=
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  trap postgres_stop EXIT
  trap 'exit 1' INT TERM
  postgres_start >&2 || exit 1
  "$@"
  exit
fi
