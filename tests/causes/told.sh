# What the first report says is to be done, in its own words (jq).

# What it does not say is a word with which nothing can work: a command in quotes cannot end the row.
told_by() { by_jq "(.diagnosis[0] // .error) | $1"; }
by_jq() {
    jq -er "($1) // empty" before.json || { echo "the report does not tell: $1" >&2; echo not-told; }
}

# The entry to add to the certificate.
entry() { told_by '[.help[].add_san // empty][0]'; }

# told N: what stands last in backticks in the help with this number.
told() { told_by "[.help[$1].text | scan(\"\`([^\`]+)\`\")[0]][-1]"; }

# rest N TEXT: what stands after this text in that help; word N TEXT: the first word of it.
rest() { told_by ".help[$1].text | split(\"$2\")[1]"; }
word() { rest "$1" "$2" | sed 's/[ ,].*//'; }

# says N TEXT: that help holds this text, or the row ends.
says() { rest "$1" "$2" | grep -vqx not-told; }

# The command of the help, or of the note with this code.
printed() { told_by '[.help[].command // empty][0]'; }
printed_by() { by_jq "[.diagnosis[] | select(.code == \"$1\") | .help[].command // empty][0]"; }

# The command is the next check.
ask_printed() {
    command=$(printed)
    ask "${command#certcheck }"
}

# What stands has its configuration read again.
reload() {
    nginx_reload
    haproxy_reload
    mail_reload
}
