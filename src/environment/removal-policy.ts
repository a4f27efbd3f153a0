import { RemovalPolicy } from 'aws-cdk-lib';

/** For what AWS takes no snapshot of, such as secrets, logs and buckets beside a database: SNAPSHOT means that it goes. */
export function withoutSnapshot(removalPolicy: RemovalPolicy): RemovalPolicy {
  return removalPolicy === RemovalPolicy.SNAPSHOT ? RemovalPolicy.DESTROY : removalPolicy;
}
