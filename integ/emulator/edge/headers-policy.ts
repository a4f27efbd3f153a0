import { HeaderFields } from './header-fields';

/** A header that a response headers policy sets. */
export interface SetHeader {
  readonly name: string;
  readonly value: string;
  /** Also where the origin has sent that header. */
  readonly override: boolean;
}

export interface ResponseHeadersPolicy {
  readonly set: readonly SetHeader[];
  readonly remove: readonly string[];
}

type Config = { readonly [name: string]: unknown } | undefined;

/**
 * Properties of an AWS::CloudFront::ResponseHeadersPolicy.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html
 */
export function responseHeadersPolicy(config: { readonly [name: string]: unknown }): ResponseHeadersPolicy {
  for (const unknown of ['CorsConfig', 'ServerTimingHeadersConfig'].filter((name) => config[name] !== undefined)) {
    throw new Error(`a response headers policy has ${unknown}, which is not served here`);
  }
  const custom = (config.CustomHeadersConfig as { Items: { Header: string; Value: string; Override: boolean }[] } | undefined)?.Items ?? [];
  const removed = (config.RemoveHeadersConfig as { Items: { Header: string }[] } | undefined)?.Items ?? [];
  return {
    set: [
      ...securityHeaders((config.SecurityHeadersConfig ?? {}) as { readonly [name: string]: Config }),
      ...custom.map(({ Header, Value, Override }) => ({ name: Header.toLowerCase(), value: Value, override: Override })),
    ],
    remove: removed.map(({ Header }) => Header.toLowerCase()),
  };
}

/** Changes headers of an answer as the policy says. */
export function applyHeadersPolicy(policy: ResponseHeadersPolicy | undefined, headers: HeaderFields): HeaderFields {
  const changed = { ...headers };
  for (const name of policy?.remove ?? []) {
    delete changed[name];
  }
  for (const { name, value, override } of policy?.set ?? []) {
    if (override || !(name in headers)) {
      changed[name] = [value];
    }
  }
  return changed;
}

function securityHeaders(config: { readonly [name: string]: Config }): SetHeader[] {
  const line = (name: string, part: Config, value: (part: NonNullable<Config>) => string): SetHeader[] =>
    part ? [{ name, value: value(part), override: part.Override === true }] : [];
  return [
    ...line('strict-transport-security', config.StrictTransportSecurity, (part) => [
      `max-age=${part.AccessControlMaxAgeSec}`, part.IncludeSubdomains ? 'includeSubDomains' : '', part.Preload ? 'preload' : '',
    ].filter(Boolean).join('; ')),
    ...line('x-content-type-options', config.ContentTypeOptions, () => 'nosniff'),
    ...line('x-frame-options', config.FrameOptions, (part) => `${part.FrameOption}`),
    ...line('referrer-policy', config.ReferrerPolicy, (part) => `${part.ReferrerPolicy}`),
    ...line('content-security-policy', config.ContentSecurityPolicy, (part) => `${part.ContentSecurityPolicy}`),
    ...line('x-xss-protection', config.XSSProtection, (part) => [
      part.Protection ? '1' : '0', part.ModeBlock ? 'mode=block' : '', part.ReportUri ? `report=${part.ReportUri}` : '',
    ].filter(Boolean).join('; ')),
  ];
}

/** The managed SecurityHeadersPolicy. @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html */
export const MANAGED_HEADERS_POLICIES: { readonly [id: string]: ResponseHeadersPolicy } = {
  '67f7725c-6f97-4210-82d7-5512b31e9d03': {
    set: [
      { name: 'strict-transport-security', value: 'max-age=31536000', override: false },
      { name: 'x-content-type-options', value: 'nosniff', override: true },
      { name: 'x-frame-options', value: 'SAMEORIGIN', override: false },
      { name: 'referrer-policy', value: 'strict-origin-when-cross-origin', override: false },
      { name: 'x-xss-protection', value: '1; mode=block', override: false },
    ],
    remove: [],
  },
};
