import * as lambda from 'aws-cdk-lib/aws-lambda';

/** A function that ECS calls at one stage of each deployment of a service. */
export interface ReleaseHook {
  readonly stage: 'PRE_SCALE_UP' | 'POST_TEST_TRAFFIC_SHIFT';
  readonly handler: lambda.IFunction;
  /** What the function is told about the release. */
  readonly details: { readonly [name: string]: string };
}
