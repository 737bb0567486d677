# Postfix: SMTP with STARTTLS at 192.0.2.7:25. Its `master` runs alone, without the scripts around it.

# mail CERTIFICATE
mail() {
    sbin=/usr/lib/postfix/sbin
    mkdir -p queue/pid etc data
    chown postfix data
    for part in private public active incoming deferred defer bounce maildrop; do
        mkdir -p "queue/$part"
        chown postfix "queue/$part"
    done
    cat >etc/main.cf <<CONF
compatibility_level = 3.6
queue_directory = $folder/queue
data_directory = $folder/data
daemon_directory = $sbin
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = $folder/mail.log
maillog_file_prefixes = /
myhostname = mx.provider.test
mydestination =
alias_maps =
inet_protocols = ipv4
smtpd_peername_lookup = no
smtpd_tls_chain_files = $folder/$1.both
smtpd_tls_security_level = may
smtpd_relay_restrictions = reject
CONF
    cat >etc/master.cf <<'CONF'
192.0.2.7:25 inet n - n - - smtpd
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
CONF
}

# One that runs is ended and started again: no process with the old certificate is left.
mail_reload() {
    [ -e etc/main.cf ] || return 0
    if [ -e mail.pid ]; then ends mail.pid; fi
    "$sbin/master" -d -c "$folder/etc" >mail.out 2>&1 &
    echo $! >mail.pid
    await listens 192.0.2.7:25
}
