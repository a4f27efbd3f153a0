"""Starts MiniStack with the resource types of the table added. Takes MiniStack's own environment variables, and

DATA_PLANE_URL   address of the harness, which starts real databases and caches
CA_CERTIFICATE   file of the certificate authority that signed their certificates
PROGRAMS_FILE    file that says what runs for which image (programs.ts)
"""

import os
import threading
import time

from ministack.app import main

from . import automated_backups, cloudformation, deployments, ec2, ecr, elbv2, lambdas, references, rotation, secretsmanager, ssm, table, tasks, wafv2


def end_with_the_harness():
    """An emulator whose harness was killed must not stay behind."""
    harness = os.getppid()
    while os.getppid() == harness:
        time.sleep(1)
    os._exit(1)


threading.Thread(target=end_with_the_harness, daemon=True).start()
cloudformation.install(table.TABLE)
references.install()
wafv2.install()
lambdas.trust(os.environ["CA_CERTIFICATE"])
lambdas.keep_tls()
lambdas.act_as_their_roles()
rotation.install()
secretsmanager.install()
automated_backups.install()
ssm.install()
tasks.install()
deployments.install()
ecr.install()
elbv2.install()
ec2.publish_images()
main()
