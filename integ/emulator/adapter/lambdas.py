from ministack.core import lambda_runtime
from ministack.core.lambda_runtime import Worker

# Where Lambda keeps the certificate authority of RDS.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html
CA_OF_LAMBDA = "/var/runtime/ca-cert.pem"


def trust(certificate):
    """Lets Node functions trust the authority of the databases and load balancers here.

    On AWS, a load balancer's is one of the public authorities, and that of RDS is trusted by functions that name the file
    above; here it is one and the same. Only the process gets the path: the API still answers what the stack said.
    """
    spawn = Worker._spawn

    def spawn_with_certificate(worker):
        variables = worker.config.get("Environment", {}).get("Variables", {})
        if variables.get("NODE_EXTRA_CA_CERTS") in (None, CA_OF_LAMBDA):
            variables = {**variables, "NODE_EXTRA_CA_CERTS": certificate}
            worker.config = {**worker.config, "Environment": {"Variables": variables}}
        spawn(worker)

    Worker._spawn = spawn_with_certificate


def act_as_their_roles():
    """The session token of a function says which role it has: that is how OpenSearch's door (open-search.ts) knows."""
    credentials = lambda_runtime.execution_credentials
    lambda_runtime.execution_credentials = lambda config: {**credentials(config), "AWS_SESSION_TOKEN": config.get("Role", "")}


def keep_tls():
    """Lets Node functions speak HTTPS to load balancers of this machine.

    MiniStack takes every HTTPS request to 127.0.0.1 for one to itself, without TLS; now those to other ports stay what they are.
    """
    before = 'const advertised = (process.env.MINISTACK_HOST || "").split(":")[0];'
    script = lambda_runtime._NODEJS_WORKER_SCRIPT
    if before not in script:
        raise RuntimeError("MiniStack's Node worker has changed: HTTPS requests of functions would lose their TLS")
    others = "if (options.port && ![443, msPort].includes(Number(options.port))) return origHttpsReq.apply(https, original);"
    lambda_runtime._NODEJS_WORKER_SCRIPT = script.replace(before, f"{others}\n    {before}")
