# Addresses of loopback, and a resolver that knows what it is told and nothing else.

network() {
    ip link set lo up
    # On loopback the whole of a prefix is the host's own.
    ip addr add 192.0.2.1/24 dev lo
    ip addr add 2001:db8::7/128 dev lo nodad
    ip addr add 2001:db8::8/128 dev lo nodad
    echo 'nameserver 127.0.0.1' >resolv.conf
    echo 'hosts: files dns' >nsswitch.conf
    echo '127.0.0.1 localhost' >hosts
    for file in resolv.conf nsswitch.conf hosts; do mount --bind "$file" "/etc/$file"; done
    : >records
    resolver
}

# The resolver, with the records as they are now.
resolver() {
    [ ! -e dnsmasq.pid ] || ends dnsmasq.pid
    dnsmasq --conf-file="$folder/records" --user=root --pid-file="$folder/dnsmasq.pid" \
        --no-hosts --no-resolv --no-round-robin \
        --bind-interfaces --listen-address=127.0.0.1 '--address=/#/'
}

# name NAME ADDRESS...: what a name has for addresses, from now on.
name() {
    sed -i "/^host-record=$1,/d" records
    host=$1
    shift
    for address; do record "host-record=$host,$address"; done
}

# record LINE: a record as dnsmasq writes it.
record() {
    echo "$1" >>records
    resolver
}

# search DOMAIN: what the resolver completes names with. The file is bound, so it is written in place.
search() { echo "search $1" >>resolv.conf; }

# ends FILE: asks the process of a pid file to go, and waits until it has.
ends() {
    pid=$(cat "$1")
    kill "$pid" 2>/dev/null || :
    await gone "$pid"
}
gone() { ! kill -0 "$1" 2>/dev/null; }

# listens ADDRESS:PORT
listens() { ss -Hltn | grep -qF "$1 "; }

# await COMMAND...: what is not so after twenty seconds will not be.
await() {
    tries=400
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { echo "not so after 20 s: $*" >&2; return 1; }
        sleep 0.05
    done
}
