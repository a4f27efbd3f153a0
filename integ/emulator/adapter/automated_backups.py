"""Automated backups of RDS that are replicated to another region, which MiniStack does not have.

A replicated backup is what its instance holds now: the region is lost only in the story that a test tells. It can be asked for with
DescribeDBInstanceAutomatedBackups in that region, and a database can be made from it there.
"""

import hashlib
import time

from ministack.services import rds

from .api import get_account_id, get_region

RECORD = "_ReplicatedBackup"


def install():
    rds._ACTION_MAP["DescribeDBInstanceAutomatedBackups"] = describe


def replicate(record, properties):
    """Remembers with the instance where its backups go; RDS asks for a key of that region."""
    region, key = properties.get("AutomaticBackupReplicationRegion"), properties.get("AutomaticBackupReplicationKmsKeyId")
    if not region:
        record.pop(RECORD, None)
        return
    if region == get_region():
        raise ValueError(f"{record['DBInstanceIdentifier']}: backups are replicated to another region than {region}")
    if not key or key.split(":")[3] != region:
        raise ValueError(f"{record['DBInstanceIdentifier']}: encrypted instances require a valid KMS key ID of {region}, got {key}")
    digest = hashlib.sha256(record["DbiResourceId"].encode()).hexdigest()[:26].upper()
    record[RECORD] = {"region": region, "key": key, "arn": f"arn:aws:rds:{region}:{get_account_id()}:auto-backup:ab-{digest}"}


def source_of(arn):
    for record in replicated_here():
        if record[RECORD]["arn"] == arn:
            return record
    raise ValueError(f"DBInstanceAutomatedBackupNotFound: {arn} in {get_region()}")


def replicated_here():
    for (account, _, _), record in list(rds._instances._data.items()):
        if account == get_account_id() and record.get(RECORD, {}).get("region") == get_region():
            yield record


def describe(_):
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    backups = "".join(f"""<DBInstanceAutomatedBackup>
        <DBInstanceArn>{record['DBInstanceArn']}</DBInstanceArn>
        <DbiResourceId>{record['DbiResourceId']}</DbiResourceId>
        <DBInstanceIdentifier>{record['DBInstanceIdentifier']}</DBInstanceIdentifier>
        <Region>{get_region()}</Region><Status>replicating</Status><Engine>postgres</Engine><Encrypted>true</Encrypted>
        <KmsKeyId>{record[RECORD]['key']}</KmsKeyId>
        <DBInstanceAutomatedBackupsArn>{record[RECORD]['arn']}</DBInstanceAutomatedBackupsArn>
        <RestoreWindow><EarliestTime>{record['InstanceCreateTime']}</EarliestTime><LatestTime>{now}</LatestTime></RestoreWindow>
        </DBInstanceAutomatedBackup>""" for record in replicated_here())
    action = "DescribeDBInstanceAutomatedBackups"
    return rds._xml(200, f"{action}Response", f"<{action}Result><DBInstanceAutomatedBackups>{backups}</DBInstanceAutomatedBackups></{action}Result>")
