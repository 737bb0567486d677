#!/bin/sh
# A gate in a deployment: waits until each target serves a certificate that clients accept, for PATIENCE at most.
#
#   deploy-gate.sh 2m www.example.com@192.0.2.7 && switch-traffic-to 192.0.2.7
#
# It exits as certcheck does: 0 lets the deployment go on, 1 is a wrong name, 3 no answer, 4 no trust or out of time.
set -eu
if [ $# -lt 2 ]; then
    echo "usage: $0 PATIENCE TARGET... [CERTCHECK OPTION]..." >&2
    exit 2
fi
patience=$1
shift
exec certcheck --wait "$patience" "$@"
