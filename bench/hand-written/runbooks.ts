/*
 * What an alarm of the hand-written apps says: what it means and where to begin, then the next steps. The same texts as the library's, since their length is
 * part of a template's; `{names}` stand for what belongs to the alarm.
 */
const PAGES = 'https://github.com/cdk-web-platform/cdk-web-platform/blob/main/docs/runbooks';

/** The description of an alarm with its first steps, and where the others are. */
export function runbook(page: keyof typeof RUNBOOKS, values: { readonly [name: string]: string } = {}): string {
  const [meaning, ...steps] = RUNBOOKS[page].map(line => line.replace(/\{(\w+)\}/g, (_, name) => values[name]));
  return [meaning, ...steps.map((step, index) => `${index + 2}. ${step}`), `Runbook: ${PAGES}/${page}.md`].join('\n');
}

const RUNBOOKS = {
  'certificate-expiry': [
    '{meaning} First: open the certificate in ACM: a name whose renewal is pending lacks its CNAME record; then look for CAA records that leave Amazon out.',
    'See which name is not validated and which record it wants: `aws acm describe-certificate --certificate-arn {certificate} --query "Certificate.[Status,RenewalSummary,DomainValidationOptions]"`.',
    'Put the CNAME record back and compare with `dig +short CNAME <name of the record>`; ACM tries again by itself, within hours. An imported certificate is imported anew.',
  ],
  'firewall-blocked-share': [
    'The firewall blocked more than one in five requests for a quarter of an hour: an attack, or a rule that blocks real users. First: see in "Blocked by rule" which rule it is, then read its sampled requests; a rule that is wrong can count instead.',
    'Ask for the requests of the last hour: `aws wafv2 get-sampled-requests --scope <REGIONAL, or CLOUDFRONT with --region us-east-1> --web-acl-arn <arn> --rule-metric-name <rule> --max-items 50 --time-window StartTime=$(date -u -d "-1 hour" +%s),EndTime=$(date -u +%s)`.',
    'Real users: let that rule count instead of block and deploy. An attack: the firewall does its work; watch the health of the services behind it.',
  ],
  'firewall-rate-limited': [
    "Addresses sent more than 1,000 requests above their rate limit in each of three periods of five minutes: somebody floods or guesses. First: look in the firewall's log for the addresses and paths, and put the addresses into blockedAddresses.",
    'Take the addresses from the sampled requests of the rule: `aws wafv2 get-sampled-requests --scope <REGIONAL, or CLOUDFRONT with --region us-east-1> --web-acl-arn <arn> --rule-metric-name <rule> --max-items 50 --time-window StartTime=$(date -u -d "-1 hour" +%s),EndTime=$(date -u +%s)`.',
    'One address that is a partner or an office: raise the limit for its path. Many: leave the limit, and look that the services behind it are well.',
  ],
  'site-server-errors': [
    'More than 1 % of visitors get an error of the server: 502 to 504 come from an API that does not answer, 503 also from the function at the edge. First: look in the access logs at x-edge-detailed-result-type of these requests, then at the health of the API behind the site.',
    'Ask yourself, past the cache: `curl -sI "https://<domain>/api/health?$(date +%s)"`; and what was deployed last: `aws cloudfront list-invalidations --distribution-id {distribution} --max-items 3`.',
    'Mend the origin: 502 and 504 are the load balancer or its service, whose alarms have runbooks of their own; 503 with `FunctionExecutionError` or `FunctionThrottledError` is the function at the edge.',
  ],
  'site-function-errors': [
    'The function at the edge fails, and each visitor it fails for gets an error instead of the site. First: read its log in /aws/cloudfront/function/ of us-east-1, then go back to the version before the last change.',
    'Find what it says: `aws logs tail /aws/cloudfront/function/{function} --region us-east-1 --since 1h`.',
    'Try the live version on one request: `aws cloudfront test-function --name {function} --stage LIVE --if-match <etag> --event-object fileb://event.json`; then deploy the commit before.',
  ],
  'site-function-throttled': [
    'CloudFront holds back the function at the edge, because it takes too long: visitors get errors. First: look at FunctionComputeUtilization; it should be far below 100.',
    'Read it: `aws cloudwatch get-metric-statistics --region us-east-1 --namespace AWS/CloudFront --metric-name FunctionComputeUtilization --dimensions Name=FunctionName,Value={function} Name=Region,Value=Global --start-time $(date -u -d "-3 hours" +%FT%TZ) --end-time $(date -u +%FT%TZ) --period 300 --statistics Maximum`.',
    'Take redirects and headers out of the last change and deploy; each entry of a list costs time.',
  ],
  'objective-burns-fast': [
    'The error budget of {percent} % burns so fast that it is gone in days: too many {bad}. First: look which other alarm is on, and begin with its runbook; without one, look what was deployed when the share rose, and go back.',
    'See which alarms are on: `aws cloudwatch describe-alarms --state-value ALARM --query "MetricAlarms[].[AlarmName,StateReason]" --output text`.',
    'Stop the loss before you look for the cause: deploy the version before, switch the feature off, or add tasks.',
  ],
  'objective-burns-slowly': [
    'The error budget of {percent} % burns three times too fast: too many {bad}. First: look at the share of bad requests over a week: a step is a release or a neighbour, a slope is growth.',
    'Find the requests: in the log of the service, by path; in the access logs of the load balancer or of CloudFront, by status and time.',
    'Plan the mending before new work while less than a quarter of the budget is left; where the promise itself is wrong, change objectivePercent with those who rely on it.',
  ],
  'uptime-unreachable': [
    'https://{name} has not answered for three minutes: most users do not reach it. First: ask it yourself from outside of your network, and read what curl says of name, certificate and status.',
    'Read why checkers fail: `aws route53 get-health-check-last-failure-reason --health-check-id {check} --query "HealthCheckObservations[].[Region,StatusReport.Status]" --output text`.',
    'No answer at all: name and certificate (`curl -sv`, `dig`). 403: a firewall or a blocked country. 5xx: the alarms of site, load balancer and service say more.',
  ],
  'network-nat-ports': [
    'A NAT gateway has had no free port for a quarter of an hour: connections from services to the internet fail. First: look which service opens so many connections to one address (flow logs), and reuse connections there; then add NAT gateways, or an endpoint where the address is AWS.',
    'See that the gateway is well: `aws ec2 describe-nat-gateways --nat-gateway-ids {natGateway} --query "NatGateways[0].[State,NatGatewayAddresses]"`.',
    'At once: give it a second address, which brings 55,000 ports more: `aws ec2 associate-nat-gateway-address --nat-gateway-id {natGateway} --allocation-ids <address>`; then reuse connections in the service.',
  ],
  'load-balancer-errors': [
    'More than 1 % of requests are answered with an error by the load balancer itself: no healthy target, or targets that time out. First: look at the healthy hosts and the task events of each service behind it.',
    'Ask each target group: `aws elbv2 describe-target-health --target-group-arn <arn> --query "TargetHealthDescriptions[].[Target.Id,TargetHealth]"`.',
    '503 is no target, 502 a target that closed the connection, 504 one that took too long: read the events of that service with `aws ecs describe-services --cluster <cluster> --services <service> --query "services[0].events[:5].message"`.',
  ],
  'database-cpu': [
    'The database has been busy above 90 % of its CPU for five minutes. First: look at the top statements in Performance Insights or the slow-query log.',
    'See what runs now: `psql -c "SELECT pid, now() - query_start AS since, state, wait_event, left(query, 80) FROM pg_stat_activity WHERE state <> \'idle\' ORDER BY since DESC LIMIT 10"`.',
    'End a statement that should not run with `psql -c "SELECT pg_cancel_backend(<pid>)"`; if the load is legitimate, take a larger capacity.',
  ],
  'database-transaction-ids': [
    'Half of the transaction ids are used up; at two billion PostgreSQL stops taking writes. First: find what keeps vacuum from finishing: long transactions, prepared transactions, replication slots.',
    'See the oldest: `psql -c "SELECT datname, age(datfrozenxid) FROM pg_database ORDER BY 2 DESC"` and `psql -c "SELECT pid, xact_start, state, left(query, 80) FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start LIMIT 5"`.',
    'End what holds it (`pg_terminate_backend`, `ROLLBACK PREPARED`, `pg_drop_replication_slot`), then run `psql -c "VACUUM (FREEZE, VERBOSE)"`.',
  ],
  'database-disk-latency': [
    'One in ten {kind}s of the disk takes more than 20 ms. First: look in Performance Insights for the statements that wait for I/O.',
    'See which statements read the most: `psql -c "SELECT shared_blks_read, calls, left(query, 80) FROM pg_stat_statements ORDER BY 1 DESC LIMIT 10"`; an index is often missing.',
    'Compare the disk burst alarms: if they fire too, take a larger class; else look whether a backup, a vacuum or an import runs, and wait for its end.',
  ],
  'database-memory': [
    "Less than 25 % of the database's memory has been free for 15 minutes. First: look at the number of connections, then at work_mem of large sorts; else take a larger capacity.",
    'Count connections by program: `psql -c "SELECT application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2 ORDER BY 3 DESC"`.',
    'Lower the pools of services that hold idle connections, or turn the proxy on; if none does, deploy the next larger capacity in a quiet hour (it restarts).',
  ],
  'database-connections': [
    'More than 90 % of about 180 connections are taken; at all of them the application is refused. First: look for a service that does not close connections, lower its pool, or turn the proxy on.',
    'Count connections by program: `psql -c "SELECT application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2 ORDER BY 3 DESC"`.',
    'Free those that sleep in a transaction: `psql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = \'idle in transaction\' AND state_change < now() - interval \'5 minutes\'"`; then restart the service that leaks.',
  ],
  'database-storage': [
    'The disk is nearly full and storage autoscaling does not keep up or has reached its maximum; a full disk stops the database. First: raise maximumStorageGiB, and look for replication slots or logs that grow.',
    'Look whether storage is being grown, and what the maximum is: `aws rds describe-db-instances --db-instance-identifier {instance} --query "DBInstances[0].[DBInstanceStatus,AllocatedStorage,MaxAllocatedStorage]"`.',
    'See what keeps write-ahead logs: `psql -c "SELECT slot_name, active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) FROM pg_replication_slots"`; drop a slot that nobody reads, then deploy a higher maximumStorageGiB.',
  ],
  'database-disk-burst': [
    "Less than 10 % of the instance's disk burst ({kind}) is left; without it the disk slows down. First: find what reads or writes so much, or take a larger class.",
    'See which statements read the most: `psql -c "SELECT shared_blks_read, calls, left(query, 80) FROM pg_stat_statements ORDER BY 1 DESC LIMIT 10"`.',
    'Stop imports and batches that can wait; if it is the normal load, deploy a larger class, whose baseline is higher.',
  ],
  'database-proxy-borrow': [
    'Getting a connection from the proxy has taken more than 100 ms for five minutes. First: look for pinned sessions and for long transactions, then at the size of the database.',
    'See what runs now: `psql -c "SELECT pid, now() - query_start AS since, state, wait_event, left(query, 80) FROM pg_stat_activity WHERE state <> \'idle\' ORDER BY since DESC LIMIT 10"`.',
    "Read why sessions are pinned in the proxy's log: `aws logs tail /aws/rds/proxy/{proxy} --since 1h --filter-pattern pinned`; then raise the capacity of the database.",
  ],
  'database-proxy-pool': [
    'More than 80 % of the connections that the proxy may open are in use. First: look for pinned sessions (SET, prepared statements, advisory locks), then at the size of the database.',
    "Read why sessions are pinned in the proxy's log: `aws logs tail /aws/rds/proxy/{proxy} --since 1h --filter-pattern pinned`.",
    'Lower the pools of the services, or take a larger capacity, which allows more connections.',
  ],
  'database-proxy-login': [
    'Clients are refused by the proxy: a wrong password, or no TLS. First: look whether a rotation has just failed, then which client was refused in the log of the service.',
    "Read the proxy's reason: `aws logs tail /aws/rds/proxy/{proxy} --since 30m`.",
    'Where a password was rotated, restart the service that holds the old one: `aws ecs update-service --cluster <cluster> --service <service> --force-new-deployment`.',
  ],
  'database-proxy-target': [
    "The proxy cannot open connections to the database. First: look whether the database is up, then at the security groups and at the proxy's secrets.",
    'Ask the proxy: `aws rds describe-db-proxy-targets --db-proxy-name {proxy} --query "Targets[].[RdsResourceId,TargetHealth]"`.',
    'Read its log: `aws logs tail /aws/rds/proxy/{proxy} --since 30m`; AUTH_FAILURE is the secret, UNREACHABLE the security groups or a database that is down.',
  ],
  'database-credentials': [
    'Making or rotating the database logins has failed; the logins in use go on working. First: read the log of the credentials function: its last line says what is wrong and what to do.',
    'Print it: `aws logs tail "$(aws lambda get-function-configuration --function-name {handler} --query LoggingConfig.LogGroup --output text)" --since 1h`.',
    'When the cause is mended, start the rotation again: `aws secretsmanager rotate-secret --secret-id <secret named in the log>`.',
  ],
  'cache-cpu': [
    'The cache has no CPU left and commands queue up. First: look in the slow log for expensive commands such as KEYS, then choose a larger node type.',
    'Print the slow log: `redis-cli --tls -h <endpoint> SLOWLOG GET 20`, and what clients do: `redis-cli --tls -h <endpoint> INFO commandstats`.',
    'Replace KEYS with SCAN, split large scripts; if the load is legitimate, deploy a larger node type or a replica for reads.',
  ],
  'cache-memory': [
    'The memory of the cache is nearly full; keys will be evicted or writes refused. First: check that keys are written with an expiry, then choose a larger node type.',
    'Count keys with and without an expiry: `redis-cli --tls -h <endpoint> INFO keyspace`.',
    'Find what is large: `redis-cli --tls -h <endpoint> --bigkeys`; give it an expiry, or deploy a larger node type.',
  ],
  'cache-evictions': [
    'The cache drops keys before they expire, because its memory is full. First: see what grew (redis-cli --bigkeys), shorten expiries or choose a larger node type.',
    'Find what is large: `redis-cli --tls -h <endpoint> --bigkeys`.',
    'A cache of what can be made again may evict: raise the hit rate with memory. Sessions or queues may not: deploy a larger node type now.',
  ],
  'cache-replication-lag': [
    'A replica is more than a second behind; a failover now would lose these writes. First: look at the write rate and the CPU of the primary.',
    'See who is behind: `redis-cli --tls -h <endpoint> INFO replication`.',
    'Spread bulk writes over time; if the rate is normal, deploy a larger node type.',
  ],
  'service-errors': [
    'More than 1 % of requests are answered with an error by the service. First: read the errors in its logs; if they began with a release, deploy the one before.',
    'Print them: `aws logs tail {logs} --since 30m --filter-pattern "?ERROR ?Error ?Exception"`.',
    'See the last deployments: `aws ecs list-service-deployments --cluster {cluster} --service <service> --query "serviceDeployments[:3].[status,startedAt]"`; go back by deploying the commit before.',
  ],
  'service-latency': [
    'One request in twenty has taken longer than 1000 ms for five minutes. First: look at the CPU of the service and of the database, then at the slow queries.',
    'Look for slow requests in its log: `aws logs tail {logs} --since 30m`.',
    'CPU high: raise maximumTasks. Database slow: follow its alarms. Neither: look at what the service calls outside.',
  ],
  'service-unhealthy-tasks': [
    'A task has failed its health check for five minutes. First: read the logs of the newest task and call its health check path.',
    'Print its log: `aws logs tail {logs} --since 15m`; and why tasks stop: `aws ecs list-tasks --cluster {cluster} --desired-status STOPPED`, then `aws ecs describe-tasks --cluster {cluster} --tasks <arn> --query "tasks[].[stoppedReason,containers[].reason]"`.',
    'A health check that asks the database or another service fails with it: mend that first, and let the check ask the process only.',
  ],
  'service-no-healthy-task': [
    "No task is healthy: nobody is served. First: read the service's events for why tasks stop, then the logs of the last task.",
    'Read them: `aws ecs describe-services --cluster {cluster} --services {service} --query "services[0].[desiredCount,runningCount,events[:5].message]"`; and the log: `aws logs tail {logs} --since 15m`.',
  ],
  'service-cpu': [
    'The tasks have used more than 80 % of their CPU for five minutes, although scaling adds tasks, or no task reports at all. First: see whether the service is at its maximum of tasks; if so raise it, otherwise look at the stopped tasks.',
    'See both: `aws ecs describe-services --cluster {cluster} --services {service} --query "services[0].[desiredCount,runningCount,events[:5].message]"`.',
  ],
  'service-memory': [
    'The tasks have used more than 80 % of their memory for five minutes: at 100 % they are killed. First: compare with the last release; raise memoryLimitMiB if the growth is legitimate.',
    'See whether tasks were killed (OutOfMemoryError): `aws ecs list-tasks --cluster {cluster} --service-name {service} --desired-status STOPPED`, then `aws ecs describe-tasks --cluster {cluster} --tasks <arn> --query "tasks[].[stoppedReason,containers[].reason]"`.',
  ],
  'directory-throttles': [
    "Cognito has turned away sign-ins, sign-ups or token refreshes for five minutes: users cannot get in, or are signed out. First: see in the directory's row which of them, look for one address or account that tries over and over, and ask for a higher quota in Service Quotas.",
    'List the quotas: `aws service-quotas list-service-quotas --service-code cognito-idp --query "Quotas[].[QuotaName,Value]" --output table`.',
    'Block the addresses that try over and over in the firewall; an app that asks for tokens at each page has to keep them until they end.',
  ],
  'uploads-failed': [
    'Uploads failed too often and were put aside: no images were made of them, though nothing may be wrong with them. First: read the function\'s log for "failed"; when the cause is mended, have them tried again.',
    'Read why: `aws logs tail {logs} --since 1h --filter-pattern failed`.',
    'Try them again: `aws sqs start-message-move-task --source-arn {failed} --destination-arn {queue}`.',
  ],
  'uploads-waiting': [
    'The oldest upload has waited longer than 15 minutes for its images. First: see in the row of the uploads whether more come than usual or each takes longer; then raise maximumConcurrency.',
    'See whether the function reads the queue: `aws lambda list-event-source-mappings --function-name {handler} --query "EventSourceMappings[].[State,StateTransitionReason]"`; and its log: `aws logs tail {logs} --since 30m`.',
    'If more come than usual, find out who sends them; they wait for 14 days, so that none is lost. Then deploy a higher maximumConcurrency.',
  ],
  'uploads-function-errors': [
    'The function that makes the images has ended by itself for three minutes: out of time or memory, or for want of a right. First: read the end of its log; for "Task timed out" raise timeout or memoryMiB, or make fewer sizes and formats.',
    'Find how it ended: `aws logs tail {logs} --since 1h --filter-pattern "?timed ?exited ?Denied"`.',
    'Deploy more time or memory, or the commit before. Uploads come again by themselves; those that failed too often wait in the dead-letter queue.',
  ],
  'uploads-function-throttled': [
    "Lambda has turned calls away for five minutes: the account's functions together run as often as they may. First: find out which function runs so often; then lower maximumConcurrency here, or ask for a higher quota in Service Quotas.",
    'See how many may run, and what asked for more: `aws lambda get-account-settings --query AccountLimit`; in CloudWatch, ConcurrentExecutions by function.',
    'Hold back another function for now: `aws lambda put-function-concurrency --function-name <name> --reserved-concurrent-executions <fewer>`. Uploads wait meanwhile, and none is lost.',
  ],
  'search-shards-lost': [
    'A primary shard is lost: part of the documents can be neither found nor written. First: see whether a node is away or a disk full, which brings shards back once it is mended; otherwise a re-index from PostgreSQL makes the index anew.',
    'Count nodes and unassigned shards: `aws opensearch describe-domain-health --domain-name {domain}`; see which node is away: `aws opensearch describe-domain-nodes --domain-name {domain}`.',
    'If no node comes back within half an hour, re-index each index: `aws lambda invoke --function-name <relay> --cli-read-timeout 900 --cli-binary-format raw-in-base64-out --payload \'{"reindex":"<index>"}\' /dev/stdout`.',
  ],
  'search-copies-missing': [
    'A copy of a shard is missing: everything is found, but the loss of one more node would lose documents. First: see whether a node is being replaced, in which case the copies come back by themselves, or whether disks are full.',
    'Count nodes and unassigned shards: `aws opensearch describe-domain-health --domain-name {domain}`; see whether it is being changed: `aws opensearch describe-domain-change-progress --domain-name {domain}`.',
    'An index with more copies than the other nodes can hold stays yellow: set number_of_replicas in its settings, and re-index. Full disks need a larger storageGiB.',
  ],
  'search-storage': [
    'A node has less than a quarter of its storage left; at about a tenth, OpenSearch refuses writes. First: raise storageGiB, or delete indexes that a re-index left behind.',
    'See what each node has: `aws opensearch describe-domain-nodes --domain-name {domain} --query "DomainNodesStatusList[].[NodeId,NodeType,StorageSize]" --output table`; a re-index that has not ended holds its documents twice.',
    'Deploy a larger storageGiB, which takes no downtime. Follow it: `aws opensearch describe-domain-change-progress --domain-name {domain}`.',
  ],
  'search-writes-blocked': [
    'The domain refuses every write. First: look at free storage and memory pressure in its row: one of them is at its end.',
    'With little storage, deploy a larger storageGiB; with much memory pressure, stop what is expensive. In the log: `aws logs tail "$(aws opensearch describe-domain --domain-name {domain} --query DomainStatus.LogPublishingOptions.ES_APPLICATION_LOGS.CloudWatchLogsLogGroupArn --output text | cut -d: -f7)" --since 1h`.',
    'Writes are taken again by themselves once there is room. Changes wait in the queue meanwhile; those that were refused five times have to be redriven.',
  ],
  'search-memory': [
    'The memory of a node is nearly used up; it may stop answering. First: look in the slow log for expensive searches, then choose a larger instanceType.',
    'Find expensive searches: `aws logs tail "$(aws opensearch describe-domain --domain-name {domain} --query DomainStatus.LogPublishingOptions.SEARCH_SLOW_LOGS.CloudWatchLogsLogGroupArn --output text | cut -d: -f7)" --since 1h`.',
    'Stop whoever sends them: large aggregations, deep pages, a leading wildcard. Then deploy a larger instanceType, or fewer shards.',
  ],
  'search-cpu': [
    'A node has been short of CPU for three quarters of an hour. First: look in the slow log for expensive searches, then choose a larger instanceType.',
    'Find expensive searches: `aws logs tail "$(aws opensearch describe-domain --domain-name {domain} --query DomainStatus.LogPublishingOptions.SEARCH_SLOW_LOGS.CloudWatchLogsLogGroupArn --output text | cut -d: -f7)" --since 1h`; of writes: INDEX_SLOW_LOGS.',
    'A re-index that runs explains it. Otherwise make the searches cheaper, or deploy a larger instanceType or more dataNodes.',
  ],
  'search-snapshot': [
    'The hourly snapshot of the domain failed. First: look whether the domain is red or yellow, which keeps snapshots from being taken.',
    'See its health: `aws opensearch describe-domain-health --domain-name {domain}`.',
    'Mend what is red or yellow; the next hour takes the next snapshot. If it fails for a day though the domain is green, ask AWS Support. The index can be made anew from PostgreSQL.',
  ],
  'search-nodes': [
    "A node was away for some time during the last day. First: look in the domain's application log; a node that is away for long is replaced by the service.",
    'See who is there: `aws opensearch describe-domain-nodes --domain-name {domain} --query "DomainNodesStatusList[].[NodeId,NodeType,NodeStatus]" --output table`.',
    'Read what it said: `aws logs tail "$(aws opensearch describe-domain --domain-name {domain} --query DomainStatus.LogPublishingOptions.ES_APPLICATION_LOGS.CloudWatchLogsLogGroupArn --output text | cut -d: -f7)" --since 1h`. A node that goes again and again is too small: deploy a larger instanceType.',
  ],
  'search-key': [
    'The key that encrypts the domain cannot be used; a deleted key takes the data with it. First: enable the key, or cancel its deletion.',
    'Find the key and its state: `aws opensearch describe-domain --domain-name {domain} --query DomainStatus.EncryptionAtRestOptions.KmsKeyId`; `aws kms describe-key --key-id <key> --query KeyMetadata.KeyState`.',
    '`aws kms cancel-key-deletion --key-id <key>`, `aws kms enable-key --key-id <key>`; then undo the change of its policy that shut OpenSearch Service out.',
  ],
  'search-changes-refused': [
    'Documents could not be indexed after several tries; searches show them as they were before. First: read the indexer\'s log for "failed", correct the row or the mapping, and redrive the dead-letter queue: what is indexed then is the row of that moment.',
    'Read why: `aws logs tail {logs} --since 1h --filter-pattern failed`; each line has the index and the id of a document.',
    'Redrive: `aws sqs start-message-move-task --source-arn {failed}`.',
  ],
  'search-changes-late': [
    'Changes reach the search index late. First: look at the errors of the indexer and at the CPU of the domain.',
    'Read what fails or takes long: `aws logs tail {logs} --since 30m`.',
    'A bulk change of many rows passes by itself. If the domain is busy, its own alarms have runbooks; otherwise see whether the function is throttled.',
  ],
  'search-relay-errors': [
    "Changes stay in the outbox of the database; none is lost, and searches show none of them. First: read the relay's log: the database, its secret or the queue does not answer, or the migration of the outbox is missing.",
    'Read it: `aws logs tail {logs} --since 1h --filter-pattern Error`.',
    'Run the migration (`SearchIngestion.OUTBOX_SQL`), or mend the way to the database; then see the outbox empty itself: `psql -c "SELECT count(*) FROM search.outbox"`.',
  ],
  'search-indexer-errors': [
    "The indexer fails on whole batches; they come again until they are in the dead-letter queue. First: read the indexer's log: the database or its secret does not answer.",
    'Read it: `aws logs tail {logs} --since 1h --filter-pattern Error`.',
    'Mend the way to the database; then redrive what was put aside: `aws sqs start-message-move-task --source-arn {failed}`.',
  ],
  'recovery-replication-failed': [
    'Files of {bucket} were not replicated to the recovery region; S3 does not try them again. First: look at the replication role and the keys of both buckets; then replicate what failed with S3 Batch Replication.',
    'See rule and role: `aws s3api get-bucket-replication --bucket {bucket}`; ask for one file: `aws s3api head-object --bucket {bucket} --key <key> --query ReplicationStatus`.',
  ],
};
