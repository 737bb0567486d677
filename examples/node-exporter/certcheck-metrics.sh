#!/bin/sh
# Checks the targets of LIST and writes certcheck.prom into FOLDER, where node_exporter's textfile collector reads it.
#
#   certcheck-metrics LIST FOLDER [CERTCHECK OPTION]...
#
# The file is replaced whole or stays as it was. What is wrong with a certificate stands in it and does not fail the
# run; what kept the file from being written does.
set -eu
if [ $# -lt 2 ]; then
    echo "usage: $0 LIST FOLDER [CERTCHECK OPTION]..." >&2
    exit 2
fi
list=$1 folder=$2
shift 2
code=0
certcheck --targets "$list" --output "prometheus:$folder/certcheck.prom" -q "$@" >/dev/null || code=$?
case $code in
0 | 1 | 3 | 4) ;;
*) exit "$code" ;;
esac
