import { CloudFrontToS3 } from '@aws-solutions-constructs/aws-cloudfront-s3';
import { buildWebacl } from '@aws-solutions-constructs/core';
import { App, Stack } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';

/** AWS Solutions Constructs' site with a firewall: what is compared with `subject-site.ts`. The firewall is what their aws-wafwebacl-cloudfront makes. */
export function addStack(app: App, id: string): Stack {
  const stack = new Stack(app, id);
  const site = new CloudFrontToS3(stack, 'Site', {});
  const firewall = buildWebacl(site, 'CLOUDFRONT', {});
  (site.cloudFrontWebDistribution.node.defaultChild as cloudfront.CfnDistribution).addPropertyOverride('DistributionConfig.WebACLId', firewall.attrArn);
  return stack;
}
