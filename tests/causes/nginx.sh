# nginx: server blocks with a certificate for each name.

# site NAME CERTIFICATE [ADDRESS]: the certificate for this SNI, at an address; `_` for all other names.
site() {
    mkdir -p sites
    default=
    [ "$1" != _ ] || default=' default_server'
    at=${3:-192.0.2.7}
    printf 'server { listen %s:443 ssl%s; server_name %s; return 204;\n' "$at" "$default" "$1" >"sites/$at $1"
    pair "sites/$at $1" "$2"
    echo '}' >>"sites/$at $1"
}

# pair FILE CERTIFICATES: the lines for each of them; several are told apart by the type of their keys.
pair() {
    for one in $2; do
        printf 'ssl_certificate %s/%s.pem; ssl_certificate_key %s/%s.key;\n' "$folder" "$one" "$folder" "$one" >>"$1"
    done
}

# plain NAME: HTTP without TLS.
plain() {
    mkdir -p sites
    echo "server { listen 192.0.2.7:80; server_name $1; return 204; }" >"sites/plain $1"
}

nginx_reload() {
    [ -d sites ] || return 0
    paths=$(for path in client_body proxy fastcgi uwsgi scgi; do echo "${path}_temp_path $folder/$path;"; done)
    cat >nginx.conf <<CONF
user root; worker_processes 1; pid $folder/nginx.pid; error_log $folder/nginx.log;
events { worker_connections 64; }
http { access_log off; $paths
$(cat sites/*)
}
CONF
    if [ ! -e nginx.pid ]; then
        nginx -e "$folder/nginx.log" -c "$folder/nginx.conf"
        return
    fi
    # The new configuration serves once the workers of the old one are gone.
    workers=$(pgrep -P "$(cat nginx.pid)")
    nginx -e "$folder/nginx.log" -c "$folder/nginx.conf" -s reload
    for worker in $workers; do await gone "$worker"; done
}
