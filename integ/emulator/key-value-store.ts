import { Emulator } from './emulator';

/**
 * A value of a CloudFront KeyValueStore. The SDK's client cannot ask for it: it writes the account's number in front of the
 * endpoint's host, which is an address here.
 */
export async function storedValue(emulator: Emulator, storeArn: string, key: string): Promise<string | undefined> {
  const { endpoint, region, credentials } = emulator.clientSettings;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/20270101/${region}/cloudfront-keyvaluestore/aws4_request`;
  const url = `${endpoint}/key-value-stores/${encodeURIComponent(storeArn)}/keys/${encodeURIComponent(key)}`;
  const response = await fetch(url, { headers: { authorization } });
  if (response.status === 404) {
    return undefined;
  }
  return (await response.json() as { Value: string }).Value;
}
