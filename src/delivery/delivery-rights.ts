import { BOOTSTRAP_QUALIFIER_CONTEXT, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import type * as ecr from 'aws-cdk-lib/aws-ecr';
import { IConstruct } from 'constructs';
import type { DeliveryTarget } from './delivery-roles-props';
import type { Right } from '../grant-rights';
import { LOGIN_REASON } from '../registry/github-role';

/** Roles of a bootstrapped region, as their names have them. */
const DEPLOYING = ['deploy', 'file-publishing', 'image-publishing', 'lookup'];
const LOOKING = ['lookup'];

/** A region of an account with its qualifier. Who may deploy there may deploy all that is there. */
export interface BootstrappedRegion {
  readonly account: string;
  readonly region: string;
  readonly qualifier: string;
}

export function bootstrappedRegions(where: IConstruct, target: DeliveryTarget): BootstrappedRegion[] {
  const stack = Stack.of(where);
  const qualifier = target.qualifier ?? where.node.tryGetContext(BOOTSTRAP_QUALIFIER_CONTEXT) ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER;
  return (target.regions ?? [stack.region]).map(region => ({ account: target.account ?? stack.account, region, qualifier }));
}

/** To do what the CDK's command line does to deploy. CloudFormation does the rest, with a role of its own. */
export function deployRight(where: IConstruct, target: DeliveryTarget): Right {
  return assume(where, target, DEPLOYING);
}

/** To look at what is deployed. */
export function lookUpRight(where: IConstruct, target: DeliveryTarget): Right {
  return assume(where, target, LOOKING);
}

/** To see which images there are and what their scans found. */
export function inspectRights(images: ecr.IRepository[]): Right[] {
  return images.length === 0 ? [] : [{
    actions: ['ecr:BatchGetImage', 'ecr:DescribeImages', 'ecr:DescribeImageScanFindings'],
    resources: images.map(({ repositoryArn }) => repositoryArn),
  }];
}

/**
 * To push images, to read them back, for their layers are the cache of the next build, and to wait for their scans.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
 */
export function pushRights(images: ecr.IRepository[]): Right[] {
  return images.length === 0 ? [] : [
    ...inspectRights(images),
    {
      actions: [
        'ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer',
        'ecr:InitiateLayerUpload', 'ecr:UploadLayerPart', 'ecr:CompleteLayerUpload', 'ecr:PutImage',
      ],
      resources: images.map(({ repositoryArn }) => repositoryArn),
    },
    { actions: ['ecr:GetAuthorizationToken'], resources: ['*'], wildcardReason: LOGIN_REASON },
  ];
}

function assume(where: IConstruct, target: DeliveryTarget, roles: string[]): Right {
  const resources = bootstrappedRegions(where, target).flatMap(({ account, region, qualifier }) => roles.map(role => Stack.of(where).formatArn({
    service: 'iam', region: '', account, resource: 'role', resourceName: `cdk-${qualifier}-${role}-role-${account}-${region}`,
  })));
  return { actions: ['sts:AssumeRole'], resources };
}
