import * as http from 'http';
import * as zlib from 'zlib';
import { readDistribution } from '../../integ/emulator/edge/distribution';
import { EdgeSite } from '../../integ/emulator/edge/edge-site';
import { EdgeAnswer, EdgeRequest } from '../../integ/emulator/edge/function-event';
import { OriginClient } from '../../integ/emulator/edge/origin-client';
import { Properties, Reference, Template } from '../../integ/emulator/edge/template';
import { listen } from '../../integ/emulator/process';

interface Stored { readonly body: string; readonly headers?: http.OutgoingHttpHeaders }

/** Objects of the bucket `site-bucket`, by key, and what was asked for. */
const objects = new Map<string, Stored>();
const asked: { method: string; url: string; headers: http.IncomingHttpHeaders; body: string }[] = [];
let s3: http.Server;
let api: http.Server;
let s3Endpoint: string;
let apiUrl: string;

beforeAll(async () => {
  s3 = http.createServer(({ method, url, headers }, response) => {
    asked.push({ method: method!, url: url!, headers, body: '' });
    const object = objects.get(decodeURIComponent(url!.slice('/site-bucket/'.length)));
    const etag = `"${object?.body.length}"`;
    if (!object) {
      response.writeHead(404).end('NoSuchKey');
    } else if (headers['if-none-match'] === etag) {
      response.writeHead(304, { etag }).end();
    } else {
      response.writeHead(200, { 'content-type': 'text/html', etag, ...object.headers }).end(object.body);
    }
  });
  api = http.createServer((incoming, response) => {
    let body = '';
    incoming.on('data', (chunk) => body += chunk).once('end', () => {
      asked.push({ method: incoming.method!, url: incoming.url!, headers: incoming.headers, body });
      response.writeHead(incoming.url!.startsWith('/api/missing') ? 404 : 200, { 'set-cookie': ['s=1', 't=2'], 'x-powered-by': 'api' }).end('from the API');
    });
  });
  s3Endpoint = `http://127.0.0.1:${await listen(s3)}`;
  apiUrl = `http://127.0.0.1:${await listen(api)}`;
});

afterAll(async () => {
  await Promise.all([s3, api].map((server) => new Promise((closed) => server.close(closed))));
});

beforeEach(() => {
  objects.clear();
  asked.length = 0;
});

const DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const ALL_EXCEPT_HOST = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

function template(changes: { config?: Properties; behavior?: Properties; headers?: Properties; code?: string; mayList?: boolean } = {}): Template {
  const statement = (Action: string, Resource: unknown) => ({ Effect: 'Allow', Action, Resource, Principal: { Service: 'cloudfront.amazonaws.com' } });
  const none = (kind: string) => ({ [`${kind}Behavior`]: 'none' });
  return {
    Resources: {
      Bucket: { Type: 'AWS::S3::Bucket' },
      BucketPolicy: {
        Type: 'AWS::S3::BucketPolicy',
        Properties: {
          Bucket: { Ref: 'Bucket' },
          PolicyDocument: {
            Statement: [
              statement('s3:GetObject', { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Bucket', 'Arn'] }, '/site/*']] }),
              ...(changes.mayList ? [statement('s3:ListBucket', { 'Fn::GetAtt': ['Bucket', 'Arn'] })] : []),
            ],
          },
        },
      },
      CachePolicy: {
        Type: 'AWS::CloudFront::CachePolicy',
        Properties: {
          CachePolicyConfig: {
            MinTTL: 0,
            DefaultTTL: 60,
            MaxTTL: 31536000,
            ParametersInCacheKeyAndForwardedToOrigin: {
              EnableAcceptEncodingBrotli: true,
              EnableAcceptEncodingGzip: true,
              HeadersConfig: none('Header'),
              CookiesConfig: none('Cookie'),
              QueryStringsConfig: none('QueryString'),
            },
          },
        },
      },
      Headers: {
        Type: 'AWS::CloudFront::ResponseHeadersPolicy',
        Properties: {
          ResponseHeadersPolicyConfig: {
            Name: 'headers',
            SecurityHeadersConfig: {
              StrictTransportSecurity: { AccessControlMaxAgeSec: 60, IncludeSubdomains: true, Preload: true, Override: true },
              FrameOptions: { FrameOption: 'DENY', Override: false },
            },
            CustomHeadersConfig: { Items: [{ Header: 'Permissions-Policy', Value: 'camera=()', Override: true }] },
            RemoveHeadersConfig: { Items: [{ Header: 'X-Powered-By' }] },
            ...changes.headers,
          },
        },
      },
      Function: {
        Type: 'AWS::CloudFront::Function',
        Properties: { FunctionCode: changes.code ?? '', FunctionConfig: { Runtime: 'cloudfront-js-2.0' } },
      },
      Distribution: {
        Type: 'AWS::CloudFront::Distribution',
        Properties: {
          DistributionConfig: {
            Enabled: true,
            Aliases: ['arcade.example.com'],
            DefaultRootObject: 'index.html',
            Origins: [
              { Id: 'bucket', DomainName: { 'Fn::GetAtt': ['Bucket', 'RegionalDomainName'] }, OriginPath: '/site', S3OriginConfig: {}, OriginAccessControlId: 'oac' },
              { Id: 'api', DomainName: 'api.example.com', CustomOriginConfig: { OriginReadTimeout: 5 }, OriginCustomHeaders: [{ HeaderName: 'X-From', HeaderValue: 'edge' }] },
            ],
            DefaultCacheBehavior: {
              TargetOriginId: 'bucket',
              ViewerProtocolPolicy: 'redirect-to-https',
              Compress: true,
              CachePolicyId: { Ref: 'CachePolicy' },
              ResponseHeadersPolicyId: { Ref: 'Headers' },
              ...(changes.code ? { FunctionAssociations: [{ EventType: 'viewer-request', FunctionARN: { 'Fn::GetAtt': ['Function', 'FunctionARN'] } }] } : {}),
              ...changes.behavior,
            },
            CacheBehaviors: [{
              PathPattern: '/api/*',
              TargetOriginId: 'api',
              ViewerProtocolPolicy: 'https-only',
              AllowedMethods: ['GET', 'HEAD', 'POST'],
              CachePolicyId: DISABLED,
              OriginRequestPolicyId: ALL_EXCEPT_HOST,
              ResponseHeadersPolicyId: { Ref: 'Headers' },
            }],
            ...changes.config,
          },
        },
      },
    },
  };
}

function resolve(reference: Reference): string {
  const [, attribute] = (reference['Fn::GetAtt'] ?? []) as string[];
  const answers: { [name: string]: string } = { Arn: 'arn:aws:s3:::site-bucket', DomainName: 'd1.cloudfront.net', Bucket: 'site-bucket' };
  return answers[attribute ?? reference.Ref as string] ?? 'unknown';
}

async function site(changes?: Parameters<typeof template>[0]): Promise<EdgeSite> {
  const distribution = await readDistribution(template(changes), resolve);
  return new EdgeSite(distribution, new OriginClient({ s3Endpoint, origins: { api: apiUrl } }));
}

function request(address: string, options: Partial<EdgeRequest> = {}): EdgeRequest {
  const { protocol, host, pathname, search } = new URL(address, 'https://arcade.example.com');
  return {
    scheme: protocol === 'http:' ? 'http' : 'https',
    method: 'GET',
    host,
    path: pathname,
    query: search.slice(1),
    headers: {},
    ip: '192.0.2.1',
    body: Buffer.alloc(0),
    ...options,
  };
}

function cacheOf({ headers }: EdgeAnswer): string {
  return headers['x-cache'][0].split(' ')[0];
}

describe('buckets', () => {
  test('objects are read below the origin path, and "/" is the default root object', async () => {
    objects.set('site/index.html', { body: 'home' }).set('secret.txt', { body: 'secret' });
    const edge = await site();
    expect(`${(await edge.answer(request('/'))).body}`).toBe('home');
    expect((await edge.answer(request('/secret.txt'))).status).toBe(403);
    expect(asked.map(({ url }) => url)).toEqual(['/site-bucket/site/index.html', '/site-bucket/site/secret.txt']);
  });

  test('what is missing is a 403, and with the right to list a 404', async () => {
    expect((await (await site()).answer(request('/none'))).status).toBe(403);
    expect((await (await site({ mayList: true })).answer(request('/none'))).status).toBe(404);
  });

  test('what the bucket’s policy does not give is not read', async () => {
    objects.set('other/a', { body: 'other' });
    const origins = [{ Id: 'bucket', DomainName: { 'Fn::GetAtt': ['Bucket', 'RegionalDomainName'] }, OriginPath: '/other', S3OriginConfig: {}, OriginAccessControlId: 'oac' }];
    const edge = await site({ config: { Origins: origins, CacheBehaviors: [] } });
    expect((await edge.answer(request('/a'))).status).toBe(403);
    expect(asked).toEqual([]);
  });
});

describe('the cache', () => {
  test('a fresh answer is not asked for again, and says its age', async () => {
    objects.set('site/a', { body: 'one' });
    const edge = await site();
    expect(cacheOf(await edge.answer(request('/a')))).toBe('Miss');
    objects.set('site/a', { body: 'changed' });
    const hit = await edge.answer(request('/a?query=ignored'));
    expect([cacheOf(hit), `${hit.body}`, hit.headers.age]).toEqual(['Hit', 'one', ['0']]);
    expect(asked).toHaveLength(1);
  });

  test('no-cache is asked for again each time, with the tag', async () => {
    objects.set('site/a', { body: 'one', headers: { 'cache-control': 'no-cache' } });
    const edge = await site();
    await edge.answer(request('/a'));
    const refreshed = await edge.answer(request('/a'));
    expect([cacheOf(refreshed), `${refreshed.body}`, asked[1].headers['if-none-match']]).toEqual(['RefreshHit', 'one', '"3"']);
    objects.set('site/a', { body: 'changed' });
    expect(`${(await edge.answer(request('/a'))).body}`).toBe('changed');
  });

  test('no-store is a miss each time', async () => {
    objects.set('site/config.js', { body: 'x', headers: { 'cache-control': 'no-store' } });
    const edge = await site();
    await edge.answer(request('/config.js'));
    expect(cacheOf(await edge.answer(request('/config.js')))).toBe('Miss');
  });

  test('an invalidation brings what is new', async () => {
    objects.set('site/a', { body: 'one', headers: { 'cache-control': 'max-age=3600' } });
    const edge = await site();
    await edge.answer(request('/a'));
    objects.set('site/a', { body: 'second' });
    edge.cache.invalidate(['/a']);
    expect(`${(await edge.answer(request('/a'))).body}`).toBe('second');
  });

  test('errors are kept for ten seconds', async () => {
    const edge = await site();
    await edge.answer(request('/late'));
    objects.set('site/late', { body: 'now' });
    expect((await edge.answer(request('/late'))).status).toBe(403);
    edge.cache.invalidate(['/late']);
    expect((await edge.answer(request('/late'))).status).toBe(200);
  });

  test('large texts are compressed as the viewer takes it, each on its own', async () => {
    const body = 'long '.repeat(500);
    objects.set('site/a', { body }).set('site/small', { body: 'small' });
    const edge = await site();
    const brotli = await edge.answer(request('/a', { headers: { 'accept-encoding': ['gzip, br'] } }));
    const gzip = await edge.answer(request('/a', { headers: { 'accept-encoding': ['gzip'] } }));
    const plain = await edge.answer(request('/a'));
    expect(brotli.headers).toMatchObject({ 'content-encoding': ['br'], 'vary': ['Accept-Encoding'], 'etag': ['W/"2500"'] });
    expect(`${zlib.brotliDecompressSync(brotli.body)}`).toBe(body);
    expect(`${zlib.gunzipSync(gzip.body)}`).toBe(body);
    expect([`${plain.body}`, plain.headers['content-encoding']]).toEqual([body, undefined]);
    const small = await edge.answer(request('/small', { headers: { 'accept-encoding': ['br'] } }));
    expect(small.headers['content-encoding']).toBeUndefined();
  });
});

describe('what a viewer asks for', () => {
  test('nothing where it has the same already', async () => {
    objects.set('site/a', { body: 'one' });
    const answer = await (await site()).answer(request('/a', { headers: { 'if-none-match': ['W/"3"'] } }));
    expect([answer.status, answer.body.length, answer.headers['content-type']]).toEqual([304, 0, undefined]);
    expect(answer.headers['strict-transport-security']).toBeDefined();
  });

  test.each([
    ['bytes=1-3', 206, '123', 'bytes 1-3/10'],
    ['bytes=8-', 206, '89', 'bytes 8-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=20-', 416, '', 'bytes */10'],
    ['bytes=1-2,4-5', 200, '0123456789', undefined],
  ])('a part of it: %s', async (range, status, body, contentRange) => {
    objects.set('site/a', { body: '0123456789' });
    const answer = await (await site()).answer(request('/a', { headers: { range: [range] } }));
    expect([answer.status, `${answer.body}`, answer.headers['content-range']?.[0]]).toEqual([status, body, contentRange]);
  });

  test('only its length', async () => {
    objects.set('site/a', { body: 'one' });
    const edge = await site();
    await edge.answer(request('/a'));
    const answer = await edge.answer(request('/a', { method: 'HEAD' }));
    expect([answer.status, answer.body.length, answer.headers['content-length']]).toEqual([200, 0, ['3']]);
  });
});

describe('behaviors', () => {
  test('http leads to https, or nowhere', async () => {
    const edge = await site();
    const redirected = await edge.answer(request('http://arcade.example.com/a?b=1'));
    expect([redirected.status, redirected.headers.location, cacheOf(redirected)]).toEqual([301, ['https://arcade.example.com/a?b=1'], 'Redirect']);
    // Known of CloudFront: its own redirect has no headers of the policy.
    expect(redirected.headers['strict-transport-security']).toBeUndefined();
    expect((await edge.answer(request('http://arcade.example.com/api/a'))).status).toBe(403);
  });

  test('methods and names that are not the distribution’s are refused', async () => {
    const edge = await site();
    expect((await edge.answer(request('/a', { method: 'POST' }))).status).toBe(403);
    expect((await edge.answer(request('https://other.example.com/'))).status).toBe(403);
    expect(asked).toEqual([]);
  });

  test('the API gets what the policies say, is never cached, and may set cookies', async () => {
    const edge = await site();
    const options = {
      method: 'POST',
      body: Buffer.from('{}'),
      headers: { 'authorization': ['Bearer x'], 'cookie': ['a=1'], 'content-type': ['application/json'], 'x-forwarded-for': ['198.51.100.1'] },
    };
    const answer = await edge.answer(request('/api/users?page=2', options));
    expect(`${answer.body}`).toBe('from the API');
    expect(asked[0]).toMatchObject({ method: 'POST', url: '/api/users?page=2', body: '{}' });
    expect(asked[0].headers).toMatchObject({
      'host': 'api.example.com',
      'authorization': 'Bearer x',
      'cookie': 'a=1',
      'content-type': 'application/json',
      'x-from': 'edge',
      'x-forwarded-for': '198.51.100.1, 192.0.2.1',
    });
    expect(answer.headers['set-cookie']).toEqual(['s=1', 't=2']);
    await edge.answer(request('/api/users'));
    expect(cacheOf(await edge.answer(request('/api/users')))).toBe('Miss');
  });

  test('without an origin request policy the API gets no cookies and no authorization', async () => {
    const { Properties: properties } = template().Resources.Distribution;
    const [behavior] = (properties!.DistributionConfig as { CacheBehaviors: Properties[] }).CacheBehaviors;
    const { OriginRequestPolicyId: _, ...bare } = behavior;
    const edge = await site({ config: { CacheBehaviors: [bare] } });
    const answer = await edge.answer(request('/api/users?page=2', { headers: { authorization: ['Bearer x'], cookie: ['a=1'] } }));
    expect(asked[0].url).toBe('/api/users');
    expect(asked[0].headers.authorization).toBeUndefined();
    expect(asked[0].headers.cookie).toBeUndefined();
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('an origin that is not there is a 502', async () => {
    const distribution = await readDistribution(template(), resolve);
    const edge = new EdgeSite(distribution, new OriginClient({ s3Endpoint, origins: { 'api.example.com': 'http://127.0.0.1:1' } }));
    expect((await edge.answer(request('/api/a'))).status).toBe(502);
  });
});

describe('headers', () => {
  test('are set, kept and removed as the policy says', async () => {
    objects.set('site/a', { body: 'one', headers: { 'x-frame-options': 'SAMEORIGIN', 'strict-transport-security': 'max-age=1', 'x-powered-by': 's3' } });
    const { headers } = await (await site()).answer(request('/a'));
    expect(headers).toMatchObject({
      'strict-transport-security': ['max-age=60; includeSubDomains; preload'], 'x-frame-options': ['SAMEORIGIN'], 'permissions-policy': ['camera=()'],
    });
    expect(headers['x-powered-by']).toBeUndefined();
  });

  test('are on errors and on answers of the function as well', async () => {
    expect((await (await site()).answer(request('/none'))).headers['permissions-policy']).toEqual(['camera=()']);
    const edge = await site({ code: 'function handler() { return { statusCode: 401 }; }' });
    const refused = await edge.answer(request('/'));
    expect([refused.status, refused.headers['permissions-policy'], cacheOf(refused)]).toEqual([401, ['camera=()'], 'FunctionGeneratedResponse']);
  });
});

describe('functions and error pages', () => {
  test('a function changes the path, and the behavior stays', async () => {
    objects.set('site/api/a', { body: 'from the bucket' });
    const edge = await site({ code: "function handler(event) { event.request.uri = '/api/a'; return event.request; }" });
    expect(`${(await edge.answer(request('/x'))).body}`).toBe('from the bucket');
    expect(edge.log[0]).toMatchObject({ url: 'https://arcade.example.com/x', uri: '/api/a', status: 200, cache: 'Miss' });
  });

  test('a function that throws is a 503, and one that answers nonsense a 502', async () => {
    expect((await (await site({ code: 'function handler() { throw new Error("no"); }' })).answer(request('/'))).status).toBe(503);
    expect((await (await site({ code: 'function handler() { return 1; }' })).answer(request('/'))).status).toBe(502);
  });

  test('error pages replace errors of every behavior, the API’s too', async () => {
    objects.set('site/index.html', { body: 'home' });
    const errors = [{ ErrorCode: 404, ResponseCode: 200, ResponsePagePath: '/index.html' }];
    const edge = await site({ config: { CustomErrorResponses: errors }, mayList: true });
    const page = await edge.answer(request('/none'));
    const fromApi = await edge.answer(request('/api/missing'));
    expect([page.status, `${page.body}`, cacheOf(page)]).toEqual([200, 'home', 'Error']);
    expect([fromApi.status, `${fromApi.body}`]).toEqual([200, 'home']);
  });

  test('an error page that is missing leaves the error', async () => {
    const edge = await site({ config: { CustomErrorResponses: [{ ErrorCode: 403, ResponsePagePath: '/403.html', ResponseCode: 404 }] } });
    expect((await edge.answer(request('/none'))).status).toBe(403);
  });
});

describe('what is not served here is refused', () => {
  test.each<[string, Parameters<typeof template>[0], RegExp]>([
    ['an origin group', { config: { OriginGroups: { Quantity: 1 } } }, /OriginGroups/],
    ['a Lambda at the edge', { behavior: { LambdaFunctionAssociations: [{}] } }, /LambdaFunctionAssociations/],
    ['a function for answers', { behavior: { FunctionAssociations: [{ EventType: 'viewer-response', FunctionARN: 'x' }] } }, /viewer requests/],
    ['a policy from elsewhere', { behavior: { CachePolicyId: 'elsewhere' } }, /neither in the template/],
    ['an origin that does not exist', { behavior: { TargetOriginId: 'nobody' } }, /nobody/],
    ['a function over its size', { code: `function handler() {} //${'x'.repeat(10240)}` }, /bytes/],
    ['CORS of a headers policy', { headers: { CorsConfig: {} } }, /CorsConfig/],
  ])('%s', async (_, changes, message) => {
    await expect(site(changes)).rejects.toThrow(message);
  });
});
