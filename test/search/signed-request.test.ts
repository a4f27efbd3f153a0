import { createHash, createHmac, Hash, Hmac } from 'crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import * as fc from 'fast-check';
import { PlainRequest, signedHeaders } from '../../src/search/signed-request';

/** Node's own hash, in the form that AWS's signer asks for. */
class Sha256 {
  private readonly hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as string);
  }

  public update(data: Uint8Array): void {
    this.hash.update(data);
  }

  public async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }

  public reset(): void {
    throw new Error('the signer makes a new one each time');
  }
}

const requests: fc.Arbitrary<PlainRequest> = fc.record({
  method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'PATCH'),
  host: fc.domain(),
  path: fc.stringMatching(/^\/[a-z0-9_-]{1,12}(\/_[a-z]{1,8}){0,2}$/),
  query: fc.dictionary(fc.stringMatching(/^[a-zA-Z_.]{1,8}$/), fc.string({ unit: 'binary', maxLength: 12 }), { maxKeys: 4 }),
  body: fc.option(fc.string({ unit: 'binary', maxLength: 50 }), { nil: undefined }),
}, { requiredKeys: ['method', 'host', 'path'] });

test("every request is signed as AWS's own package signs it", async () => {
  await fc.assert(fc.asyncProperty(
    requests, fc.option(fc.string({ minLength: 1, maxLength: 20 }).filter(token => token.trim() === token && !/\s\s/.test(token)), { nil: undefined }),
    fc.date({ min: new Date('2020-01-01'), max: new Date('2099-01-01'), noInvalidDate: true }),
    async (request, sessionToken, date) => {
      const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', sessionToken };
      const { method, host, path, query, body } = request;
      const signer = new SignatureV4({ service: 'es', region: 'eu-central-1', sha256: Sha256, applyChecksum: false, credentials });
      const signed = await signer.sign(
        { method, protocol: 'https:', hostname: host, path, query, body, headers: { host } }, { signingDate: new Date(date) });
      expect(signedHeaders(request, credentials, { region: 'eu-central-1', date })).toEqual(signed.headers);
    }), { numRuns: 300 });
});

test.each(['/games-*/_search', '/a,b/_search', '/games/_doc/ü', '/a b', ''])('the path %p is refused, because signers disagree on its encoding', path => {
  const sign = () => signedHeaders({ method: 'GET', host: 'x', path }, { accessKeyId: 'a', secretAccessKey: 'b' }, { region: 'r', date: new Date() });
  expect(sign).toThrow('characters that would have to be encoded');
});
