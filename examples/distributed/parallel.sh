#!/bin/sh
# One scan by several processes, cut up by GNU parallel: targets on standard input, JSON lines on standard output.
#
#   parallel.sh [CERTCHECK OPTION]... <targets.txt >reports.ndjson
#   PARALLEL='--sshlogin a.example.com,b.example.com' parallel.sh <targets.txt >reports.ndjson
#
# SHARE is how many targets a process takes (1000). It exits as one certcheck over the whole list would.
# --rate, --per-host and --concurrency hold for each process, and a bad line's number is that in its share.
set -eu
log=$(mktemp) ended=$(mktemp)
trap 'rm -f "$log" "$ended"' EXIT
written=0
# Comments are left out first: a share of nothing else would be a list without a target. What parallel prints goes through
# cat, since parallel does not say that it could not be written.
{
    status=0
    LC_ALL=C grep -a -v -e '^[[:space:]]*$' -e '^[[:space:]]*#' |
        parallel --pipe -N "${SHARE:-1000}" --line-buffer --quote --joblog "$log" \
            certcheck --targets - --json "$@" || status=$?
    echo "$status" >"$ended"
} | cat || written=$?
# The log's sixth column is how much a process printed, the seventh its exit code, the eighth the signal that ended it.
# One that ends well and printed nothing has checked nothing, and neither has one that was still to come when the reader
# went away (SIGPIPE, 141). 255 is parallel's own failure, such as a full disk under its temporary files.
awk -F '\t' -v status="$(cat "$ended")" -v written="$written" '
    NR == 1 { next }
    $8 != 0 || ($7 == 0 && $6 == 0) { seen[3] = 1; next }
    $7 !~ /^[0134]$/ { other = $7 }
    { seen[$7] = 1 }
    END {
        if (written == 141 || status == "") seen[3] = 1
        else if (written || (NR > 1 && status == 255)) exit 5
        else if (NR < 2) exit status ? status : 2
        if (other) exit other
        if (1 in seen) exit 1
        if (3 in seen) exit 3
        if (4 in seen) exit 4
        exit status
    }
' "$log"
