"""A Certificate in YAML on standard input, against the types made from cert-manager's CRD: prints its names."""
import sys

import yaml
from cloudcoil.models.cert_manager import v1

given = yaml.safe_load(sys.stdin)
certificate = v1.Certificate.model_validate(given)
# What the CRD does not know is dropped by the types, and so it is seen.
known = certificate.model_dump(mode="json", by_alias=True, exclude_unset=True)
assert known == given, f"{known} is not {given}"
spec = given["spec"]
for kind, key in [("DNS", "dnsNames"), ("IP", "ipAddresses"), ("URI", "uris")]:
    for name in spec.get(key, []):
        print(f"{kind}:{name}")
