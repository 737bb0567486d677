# mitmproxy at 127.0.0.1:8080: a proxy that makes a certificate for each SNI, by an authority of its own.

# intercept OPTION...: beside those for a proxy that asks no server for its certificate.
intercept() {
    if [ -e intercept.pid ]; then ends intercept.pid; fi
    mkdir -p confdir
    "$MITMDUMP" -q --set "confdir=$folder/confdir" --set upstream_cert=false --set connection_strategy=lazy \
        --listen-host 127.0.0.1 --listen-port 8080 "$@" >intercept.log 2>&1 &
    echo $! >intercept.pid
    await listens 127.0.0.1:8080
}

# The proxy's authority is the test's own, which no list of products has.
own_authority() {
    mkdir -p confdir
    cat ca.key ca.pem >confdir/mitmproxy-ca.pem
}
