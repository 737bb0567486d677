# PostgreSQL at 192.0.2.7:5432, as the user `postgres`: it does not run as root.

# database CERTIFICATE
database() {
    binaries=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
    install -d -o postgres -m 700 cluster
    as_postgres "$binaries/initdb" -D "$folder/cluster" --no-sync --no-instructions -A trust --no-locale -E UTF8 >initdb.log
    echo 'host all all 0.0.0.0/0 trust' >>cluster/pg_hba.conf
    install -o postgres -m 600 "$1.pem" cluster/site.pem
    install -o postgres -m 600 "$1.key" cluster/site.key
    as_postgres "$binaries/postgres" -D "$folder/cluster" -c listen_addresses=192.0.2.7 -c unix_socket_directories= \
        -c fsync=off -c shared_buffers=1MB -c max_connections=20 \
        -c ssl=on -c ssl_cert_file=site.pem -c ssl_key_file=site.key >postgres.log 2>&1 &
    await listens 192.0.2.7:5432
}
as_postgres() { setpriv --reuid postgres --regid postgres --clear-groups -- env -C / "$@"; }

# connects CONNINFO: psql verifies the name, as libpq's strictest mode does.
connects() { psql "$1 dbname=postgres user=postgres sslmode=verify-full sslrootcert=$folder/ca.pem" -Atc 'select 1' >psql.out; }
