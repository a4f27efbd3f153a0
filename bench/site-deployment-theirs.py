"""Runs the function of BucketDeployment once, as Lambda does. Arguments: its folder, the event."""
import json, resource, sys

sys.path.insert(0, sys.argv[1])
import index


class Context:
    log_stream_name = "bench"


index.handler(json.loads(sys.argv[2]), Context())
own, children = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
# The function waits while the AWS CLI works, and both are in Lambda's memory.
print(json.dumps({"peakKiB": own + children}), file=sys.stderr)
