# haproxy: connections passed on as they are, or TLS of its own.

# balance ADDRESS:PORT SERVER...: the servers by turns, the first one first.
balance() {
    where=$1
    shift
    { head_of "$where"; for server; do echo "  server $(echo "$server" | tr : _) $server"; done; } >haproxy.cfg
}

# strict ADDRESS:PORT CERTIFICATE...: TLS with these certificates, and with none for other names.
strict() {
    where=$1
    shift
    for one; do echo "$folder/$one.both"; done >crt-list
    { head_of "$where ssl strict-sni crt-list $folder/crt-list"; echo '  server none 127.0.0.1:9'; } >haproxy.cfg
}

head_of() {
    printf 'defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n'
    printf 'listen front\n  bind %s\n  balance roundrobin\n' "$1"
}

haproxy_reload() {
    [ -e haproxy.cfg ] || return 0
    before=
    [ ! -e haproxy.pid ] || before=$(cat haproxy.pid)
    haproxy -q -D -f haproxy.cfg -p "$folder/haproxy.pid" ${before:+-sf $before}
    [ -z "$before" ] || await gone "$before"
}
