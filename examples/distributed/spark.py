"""One scan carried by Spark: each part of the list goes through a certcheck, by `rdd.pipe`.

    spark-submit spark.py TARGETS REPORTS [CERTCHECK OPTION]...

TARGETS is a text file and REPORTS a folder that does not exist yet, wherever Spark reads and writes. Every executor
finds certcheck by the driver's PATH; nothing else of the environment is passed on. `spark.default.parallelism` is the
number of parts. It exits as one certcheck over the whole list would. --rate, --per-host and --concurrency hold for
each part, and a bad line's number is that in its part.
"""
import json
import os
import shlex
import sys

from pyspark import SparkContext

# An empty part is no error, and neither is what certcheck finds; any other end fails the part, and Spark tries it again.
PART = """
IFS= read -r first || exit 0
{ printf '%s\\n' "$first"; cat; } | certcheck --targets - --json "$@"
code=$?
case $code in 0|1|3|4) ;; *) exit $code ;; esac
"""


def is_target(line):
    return line.strip() and not line.strip().startswith("#")


def main():
    targets, reports, *options = sys.argv[1:]
    context = SparkContext(appName="certcheck")
    lines = context.textFile(targets, context.defaultParallelism).filter(is_target)
    command = shlex.join(["sh", "-c", PART, "certcheck", *options])
    lines.pipe(command, env={"PATH": os.environ["PATH"]}, checkCode=True).saveAsTextFile(reports)
    # Asked of what was written, so that nothing is checked twice.
    ended = context.textFile(reports).map(lambda line: json.loads(line)["exit_code"]).countByValue()
    context.stop()
    print(", ".join(f"exit code {code}: {count}" for code, count in sorted(ended.items())))
    return next((code for code in (1, 3, 4) if code in ended), 0 if ended else 2)


if __name__ == "__main__":
    sys.exit(main())
