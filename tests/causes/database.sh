# PostgreSQL at 192.0.2.7:5432, and MariaDB at 192.0.2.7:3306.

# database CERTIFICATE: PostgreSQL, as the user `postgres`; it does not run as root.
database() {
    binaries=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
    install -d -o postgres -m 700 cluster
    as_postgres "$binaries/initdb" -D "$folder/cluster" --no-sync --no-instructions -A trust --no-locale -E UTF8 \
        >initdb.log
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
connects() {
    psql "$1 dbname=postgres user=postgres sslmode=verify-full sslrootcert=$folder/ca.pem" -Atc 'select 1' >psql.out
}

# mysql CERTIFICATE: MariaDB on an empty folder; nobody logs in, so it needs neither tables of users nor InnoDB.
mysql() {
    install -d -o mysql -m 700 mysql
    install -o mysql -m 600 "$1.pem" mysql/site.pem
    install -o mysql -m 600 "$1.key" mysql/site.key
    mariadbd --no-defaults --user=mysql "--datadir=$folder/mysql" \
        "--socket=$folder/mysql/s" "--pid-file=$folder/mysql/pid" \
        --skip-grant-tables --skip-innodb --default-storage-engine=MyISAM --skip-name-resolve \
        --bind-address=192.0.2.7 --port=3306 "--ssl-cert=$folder/mysql/site.pem" "--ssl-key=$folder/mysql/site.key" \
        >mariadb.log 2>&1 &
    await listens 192.0.2.7:3306
}
