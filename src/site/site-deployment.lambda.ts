/* eslint-disable import/no-extraneous-dependencies -- the Lambda runtime has the SDK */
/* eslint-disable @typescript-eslint/no-require-imports -- what few invocations need is loaded then */
import type { Context } from 'aws-lambda';
import { answerCloudFormation } from '../custom-resource-answer';
import type { Edge } from './deployment/release-invalidation';
import type { SiteCommand } from './deployment/release-return';
import { createS3, LIMITS, S3AssetFile, S3SiteStore } from './deployment/release-s3';
import { answerSiteRequest, RequestWorld, runSiteCommand, SiteRequest } from './deployment/request';

/** Rights take seconds, rarely more than a minute. */
const PATIENCE_MILLISECONDS = 90_000;

/** Three entrances: a custom resource, a schedule, and a person with a command. */
export async function handler(event: SiteRequest | SiteCommand | null, context: Context): Promise<unknown> {
  const asked = event ?? {};
  if (!('RequestType' in asked)) return runSiteCommand(asked, createWorld(context, { isPatient: 'sweep' in asked, hasNewRights: false }));
  // The request itself is not written down: whoever has its address can answer CloudFormation.
  return answerCloudFormation(asked, await answerSiteRequest(asked, createWorld(context, { isPatient: true, hasNewRights: true })));
}

function createWorld(context: Context, { isPatient, hasNewRights }: { isPatient: boolean; hasNewRights: boolean }): RequestWorld {
  const environment = process.env as { [name: string]: string };
  const sleep = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds));
  const print = (line: object) => console.log(JSON.stringify(line));
  const s3 = createS3({ patientUntil: hasNewRights ? Date.now() + PATIENCE_MILLISECONDS : 0, sleep, print });
  return {
    store: new S3SiteStore(s3, environment.BUCKET),
    edge: environment.DISTRIBUTION_ID ? createEdge(environment.DISTRIBUTION_ID) : undefined,
    asset: (bucket, key) => new S3AssetFile(s3, bucket, key),
    waitForInvalidation: environment.WAIT_FOR_INVALIDATION === 'true',
    gracePeriod: Number(environment.GRACE_PERIOD_SECONDS) * 1000,
    keptReleases: Number(environment.KEPT_RELEASES),
    execution: context.awsRequestId,
    patient: isPatient,
    now: Date.now,
    remaining: () => context.getRemainingTimeInMillis(),
    sleep,
    print,
  };
}

function createEdge(DistributionId: string): Edge {
  const { CloudFrontClient, CreateInvalidationCommand, GetInvalidationCommand } = require('@aws-sdk/client-cloudfront');
  const cloudfront = new CloudFrontClient({ maxAttempts: 5, requestHandler: { ...LIMITS, requestTimeout: 15_000 } });
  return {
    invalidate: async (Items, CallerReference) => {
      const InvalidationBatch = { CallerReference, Paths: { Quantity: Items.length, Items } };
      const { Invalidation } = await cloudfront.send(new CreateInvalidationCommand({ DistributionId, InvalidationBatch }));
      return Invalidation.Id;
    },
    isDone: async Id => {
      const { Invalidation } = await cloudfront.send(new GetInvalidationCommand({ DistributionId, Id }));
      return Invalidation.Status === 'Completed';
    },
  };
}
