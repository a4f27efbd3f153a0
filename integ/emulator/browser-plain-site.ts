import { App, Duration, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Template } from './edge/template';

const APEX = 'arcade.example.com';
const PASSWORD = `
  const authorization = event.request.headers.authorization;
  const digest = crypto.createHash('sha256').update(authorization ? authorization.value : '').digest('hex');
  if (!(await store.exists('basic-auth')) || digest !== await store.get('basic-auth')) {
    return { statusCode: 401, statusDescription: 'Unauthorized', headers: { 'www-authenticate': { value: 'Basic realm="staging"' } } };
  }`;

/** The site itself, or the same behind a password. */
export type PlainSiteName = 'arcade' | 'staging';

/** A single-page app behind CloudFront, as a team would write it with CDK's constructs. */
export function plainSite(name: PlainSiteName): Template {
  const app = new App();
  const stack = new Stack(app, 'Plain');
  const isStaging = name === 'staging';
  const bucket = new s3.Bucket(stack, 'Bucket', { enforceSSL: true });
  const certificate = acm.Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:us-east-1:111111111111:certificate/plain');
  const viewerRequest = new cloudfront.Function(stack, 'ViewerRequest', {
    runtime: cloudfront.FunctionRuntime.JS_2_0,
    code: cloudfront.FunctionCode.fromInline(viewerRequestCode(isStaging)),
    keyValueStore: isStaging ? new cloudfront.KeyValueStore(stack, 'Passwords') : undefined,
  });
  const functionAssociations = [{ function: viewerRequest, eventType: cloudfront.FunctionEventType.VIEWER_REQUEST }];
  const viewerProtocolPolicy = cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS;
  new cloudfront.Distribution(stack, 'Distribution', {
    certificate,
    domainNames: isStaging ? [`staging.${APEX}`] : [APEX, `www.${APEX}`],
    defaultRootObject: 'index.html',
    defaultBehavior: {
      origin: origins.S3BucketOrigin.withOriginAccessControl(bucket, { originPath: '/site' }),
      cachePolicy: new cloudfront.CachePolicy(stack, 'CachePolicy', {
        minTtl: Duration.seconds(0),
        defaultTtl: Duration.days(1),
        maxTtl: Duration.days(365),
        enableAcceptEncodingGzip: true,
        enableAcceptEncodingBrotli: true,
      }),
      responseHeadersPolicy: securityHeaders(stack),
      functionAssociations,
      viewerProtocolPolicy,
    },
    additionalBehaviors: {
      '/api/*': {
        origin: new origins.HttpOrigin('api.example.com'),
        allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
        cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
        originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        viewerProtocolPolicy,
      },
    },
  });
  return app.synth().getStackByName('Plain').template as Template;
}

function securityHeaders(stack: Stack): cloudfront.ResponseHeadersPolicy {
  return new cloudfront.ResponseHeadersPolicy(stack, 'Headers', {
    securityHeadersBehavior: {
      contentSecurityPolicy: { contentSecurityPolicy: "default-src 'self'; script-src 'self'; style-src 'self'; frame-ancestors 'none'", override: true },
      contentTypeOptions: { override: true },
      strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override: true },
    },
  });
}

function viewerRequestCode(isStaging: boolean): string {
  return `${isStaging ? "import cf from 'cloudfront';\nimport crypto from 'crypto';\nconst store = cf.kvs();\n" : ''}
async function handler(event) {
  const request = event.request;
  const host = request.headers.host.value;
  if (host.indexOf('www.') === 0) {
    const query = request.rawQueryString();
    const location = 'https://' + host.slice(4) + request.uri + (query ? '?' + query : '');
    return { statusCode: 301, statusDescription: 'Moved Permanently', headers: { location: { value: location } } };
  }${isStaging ? PASSWORD : ''}
  const name = request.uri.slice(request.uri.lastIndexOf('/') + 1);
  if (name.indexOf('.') < 0) {
    request.uri = '/index.html';
  }
  return request;
}
`;
}
