#!/bin/sh
# A network of its own: two hosts and a cable between them, names of each kind, servers and a proxy.
# `unshare -m -n sh network.sh FOLDER CERT KEY` makes FOLDER/ready once all is up, and stays; who wants to
# be the host `near` enters its namespaces (nsenter -m -n). Nothing outside of them changes.
#
#     near  192.0.2.1  2001:db8::1  fe80::1 ----- fe80::7  2001:db8::7  192.0.2.7  far
#
# Both have 2001:db8:4::/64 too, which the system prefers less than IPv4.
#
# far, port 1443: each IPv6 address; 2443: 192.0.2.7 alone; 3443: 2001:db8::7 and 2001:db8:4::7 alone.
# near: a resolver for corp.test, a SOCKS proxy at 127.0.0.1:1080, and far's responder for .local (mDNS).
set -eu
folder=$1 cert=$2 key=$3

# Namespaces of `ip netns`, and avahi's socket.
mount -t tmpfs tmpfs /run
cat >"$folder/resolv.conf" <<'CONF'
search corp.test
nameserver 127.0.0.1
CONF
echo 'hosts: files mdns4_minimal [NOTFOUND=return] dns' >"$folder/nsswitch.conf"
cat >"$folder/hosts" <<'CONF'
127.0.0.1 localhost
192.0.2.7 hosts.test
2001:db8::7 dual.test
192.0.2.7 dual.test
192.0.2.7 later.test
2001:db8:4::7 later.test
192.0.2.3 two.test
192.0.2.7 two.test
CONF
# The table of RFC 6724, 2.1, and one line more.
cat >"$folder/gai.conf" <<'CONF'
precedence ::1/128 50
precedence ::/0 40
precedence ::ffff:0:0/96 35
precedence 2002::/16 30
precedence 2001::/32 5
precedence fc00::/7 3
precedence ::/96 1
precedence fec0::/10 1
precedence 3ffe::/16 1
precedence 2001:db8:4::/48 1
CONF
for file in resolv.conf nsswitch.conf hosts gai.conf; do mount --bind "$folder/$file" "/etc/$file"; done

ip netns add far
ip link set lo up
ip -n far link set lo up
ip link add near type veth peer name far netns far
ip addr add 192.0.2.1/24 dev near
# An address of near where nobody listens.
ip addr add 192.0.2.3/24 dev near
ip addr add 2001:db8::1/64 dev near nodad
ip addr add 2001:db8:4::1/64 dev near nodad
ip addr add fe80::1/64 dev near nodad
ip -n far addr add 192.0.2.7/24 dev far
ip -n far addr add 2001:db8::7/64 dev far nodad
ip -n far addr add 2001:db8:4::7/64 dev far nodad
ip -n far addr add fe80::7/64 dev far nodad
ip link set near up
ip -n far link set far up

serve() { ip netns exec far openssl s_server -accept "$1" -cert "$cert" -key "$key" -www -quiet & }
serve '[::]:1443'
serve '192.0.2.7:2443'
serve '[2001:db8::7]:3443'
serve '[2001:db8:4::7]:3443'
dnsmasq -k --conf-file=/dev/null --user=root --pid-file= --no-hosts --no-resolv --bind-interfaces --listen-address=127.0.0.1 \
    '--address=/#/' --host-record=intranet.corp.test,192.0.2.7 &
microsocks -i 127.0.0.1 -p 1080 &

# A responder asks at near's end of the cable, and one answers at far's: each has its own socket in /run.
responder() {
    cat >"$folder/$1.conf" <<CONF
[server]
host-name=$2
use-ipv4=yes
use-ipv6=no
allow-interfaces=$1
enable-dbus=no
[publish]
publish-hinfo=no
publish-workstation=no
CONF
}
responder near asker
responder far printer
run='mkdir -p /run/avahi-daemon && exec avahi-daemon --no-drop-root --no-chroot --no-rlimits -f "$1"'
sh -c "$run" sh "$folder/near.conf" &
ip netns exec far sh -c "mount -t tmpfs tmpfs /run && $run" sh "$folder/far.conf" &

# What is not up after twenty seconds will not be.
await() {
    tries=100
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { echo "not up: $*" >&2; exit 1; }
        sleep 0.2
    done
}
far_listens() { ip netns exec far ss -Hltn | grep -qF "$1 "; }
for place in :1443 192.0.2.7:2443 '[2001:db8::7]:3443' '[2001:db8:4::7]:3443'; do await far_listens "$place"; done
near_listens() { ss -Hltn | grep -qF "$1 "; }
await near_listens 127.0.0.1:1080
await getent hosts intranet.corp.test
await getent ahostsv4 printer.local
: >"$folder/ready"
wait
