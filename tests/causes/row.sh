#!/bin/sh
# One row of a table, from what stands to the check that passes:
#
#     unshare -m -n -p --fork --mount-proc sh row.sh FOLDER STAND CHECK CHANGE
#
# In namespaces of its own it sets up a network and a resolver, runs STAND, checks, runs CHANGE, checks
# again. CHECK is what is typed after `certcheck`. FOLDER gets before.json and before.exit, after.json
# and after.exit. STAND and CHANGE are in the words of the files beside this one; each file says its own.
# The environment has LAB (this folder), PROGRAM (certcheck), MITMDUMP, and CA, a folder with ca.pem and ca.key.
set -eu
folder=$1 stand=$2 check=$3 change=$4
cd "$folder"
for words in network certificates nginx haproxy mail database intercept told; do . "$LAB/$words.sh"; done

# What is typed from now on.
ask() { printf '%s\n' "$1" >check; }

# Checks, and keeps the report and the exit code under a name.
check_as() {
    code=0 cas='--ca-file ca.pem'
    # A command that was printed has them already.
    if grep -q -e --ca-file check; then cas=; fi
    eval "certcheck $(cat check) $cas --json" >"$1.json" || code=$?
    echo "$code" >"$1.exit"
}
certcheck() { "$PROGRAM" "$@"; }

network
cp "$CA/ca.pem" "$CA/ca.key" .
eval "$stand"
reload
ask "$check"
check_as before
eval "$change"
check_as after
