from ministack.core.lambda_runtime import Worker

# Where Lambda keeps the certificate authority of RDS.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html
CA_OF_LAMBDA = "/var/runtime/ca-cert.pem"


def trust(certificate):
    """Lets functions that trust the authority of RDS trust the one of the databases here.

    Only the process gets another path: the API still answers what the stack said.
    """
    spawn = Worker._spawn

    def spawn_with_certificate(worker):
        variables = worker.config.get("Environment", {}).get("Variables", {})
        if variables.get("NODE_EXTRA_CA_CERTS") == CA_OF_LAMBDA:
            variables = {**variables, "NODE_EXTRA_CA_CERTS": certificate}
            worker.config = {**worker.config, "Environment": {"Variables": variables}}
        spawn(worker)

    Worker._spawn = spawn_with_certificate
