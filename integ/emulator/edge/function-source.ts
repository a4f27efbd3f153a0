import { evaluate, evaluateString, Properties, referredTo, Resolve, Template } from './template';

/** A function of the template, ready to run. */
export interface FunctionSource {
  readonly code: string;
  /** Its key value store: what `Ref` of the store says, with its ARN. */
  readonly keyValueStoreArn?: string;
}

const LARGEST_FUNCTION = 10 * 1024;

/** Reads a function that a behaviour names by its ARN. */
export async function functionSource(template: Template, arn: unknown, resolve: Resolve): Promise<FunctionSource> {
  const resource = template.Resources[referredTo(arn) ?? ''];
  if (resource?.Type !== 'AWS::CloudFront::Function') {
    throw new Error(`the function ${JSON.stringify(arn)} is not in the template`);
  }
  const { FunctionCode, FunctionConfig } = resource.Properties as { FunctionCode: unknown; FunctionConfig: Properties };
  if (FunctionConfig.Runtime !== 'cloudfront-js-2.0') {
    throw new Error(`the function runs on ${FunctionConfig.Runtime}; here is cloudfront-js-2.0 only`);
  }
  const code = await evaluateString(FunctionCode, resolve);
  if (Buffer.byteLength(code) > LARGEST_FUNCTION) {
    throw new Error(`the function has ${Buffer.byteLength(code)} bytes, and CloudFront takes ${LARGEST_FUNCTION}`);
  }
  const [association] = await evaluate(FunctionConfig.KeyValueStoreAssociations ?? [], resolve) as { KeyValueStoreARN: string }[];
  return { code, keyValueStoreArn: association?.KeyValueStoreARN };
}
