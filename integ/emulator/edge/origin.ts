import { BucketRights, bucketRights } from './bucket-rights';
import { evaluate, evaluateString, Properties, referredTo, Resolve, Template } from './template';

/** Where answers come from. */
export interface Origin {
  readonly id: string;
  readonly domainName: string;
  readonly path: string;
  readonly customHeaders: { readonly [name: string]: string };
  readonly secondsToAnswer: number;
  /** Where it is a bucket. */
  readonly bucket?: BucketRights;
}

const DEFAULT_SECONDS_TO_ANSWER = 30;

export async function readOrigin(template: Template, properties: Properties, resolve: Resolve): Promise<Origin> {
  const domainName = await originDomainName(template, properties.DomainName, resolve);
  const headers = await evaluate(properties.OriginCustomHeaders ?? [], resolve) as { HeaderName: string; HeaderValue: string }[];
  const custom = (properties.CustomOriginConfig ?? properties.VpcOriginConfig) as Properties | undefined;
  return {
    id: properties.Id as string,
    domainName,
    path: await evaluateString(properties.OriginPath ?? '', resolve),
    customHeaders: Object.fromEntries(headers.map(({ HeaderName, HeaderValue }) => [HeaderName.toLowerCase(), HeaderValue])),
    secondsToAnswer: Number(custom?.OriginReadTimeout ?? DEFAULT_SECONDS_TO_ANSWER),
    bucket: properties.S3OriginConfig ? await bucketRights(template, domainName, properties, resolve) : undefined,
  };
}

/** Of a bucket in the template the deployed name is enough: its domain name follows from it. */
async function originDomainName(template: Template, value: unknown, resolve: Resolve): Promise<string> {
  const logicalId = referredTo(value) ?? '';
  if (template.Resources[logicalId]?.Type === 'AWS::S3::Bucket') {
    return `${await resolve({ Ref: logicalId })}.s3.amazonaws.com`;
  }
  return evaluateString(value, resolve);
}
