"""certbot's own parser on a command line: prints what it made of it, one name a line."""
import sys

from certbot._internal import cli
from certbot._internal.plugins import disco

config = cli.prepare_and_parse_args(disco.PluginsRegistry.find_all(), sys.argv[1:])
assert config.verb == "certonly" and config.expand, config
print("\n".join(config.domains))
