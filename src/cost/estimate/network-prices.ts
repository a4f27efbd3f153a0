import type { Bill } from './bill';
import { internetDoors } from './compute-prices';
import { several, type PricingRules } from './pricing-rules';
import type { TemplateResource } from './template-resource';
import { MONTH_HOURS } from '../default-usage';

const FREE_DATA_OUT_GB = 100;
/** A capacity unit bears 25 new connections a second or 1 GB an hour, whichever is used up first. */
const CONNECTIONS_OF_CAPACITY_UNIT = 25 * 3600;

/** Networks, load balancers and addresses. */
export const NETWORK_PRICES: PricingRules = {
  'AWS::ElasticLoadBalancingV2::LoadBalancer': (balancer, bill) => {
    if (balancer.text('Type', 'application') !== 'application') return bill.unpriced(balancer, `it is of type ${balancer.properties.Type}`);
    const balancers = bill.ofType('AWS::ElasticLoadBalancingV2::LoadBalancer');
    const [requests, dataGB] = [bill.share(bill.usage.requests, balancers), bill.share(bill.usage.dataOutGB, balancers)];
    bill.charge(balancer, { price: 'alb', what: 'load balancer', quantity: MONTH_HOURS });
    bill.charge(balancer, {
      price: 'alb-capacity', what: 'capacity units, each request a new connection', quantity: Math.max(requests / CONNECTIONS_OF_CAPACITY_UNIT, dataGB), use: true,
    });
    if (balancer.text('Scheme', 'internet-facing') === 'internal') return;
    const zones = balancer.list('Subnets').length || balancer.list('SubnetMappings').length || 2;
    bill.charge(balancer, { price: 'public-ipv4', what: `public addresses, ${several(zones, 'zone')}`, quantity: zones * MONTH_HOURS });
    bill.charge(balancer, {
      price: 'data-out', what: 'data to the internet', quantity: bill.share(bill.usage.dataOutGB, internetDoors(bill)), free: FREE_DATA_OUT_GB, use: true,
    });
  },

  'AWS::EC2::NatGateway': (gateway, bill) => {
    bill.charge(gateway, { price: 'nat', what: 'NAT gateway', quantity: MONTH_HOURS });
    bill.charge(gateway, { price: 'nat-data', what: 'data through NAT', quantity: privateData(bill), use: true });
  },

  'AWS::EC2::EIP': (address, bill) => bill.charge(address, { price: 'public-ipv4', what: 'public address', quantity: MONTH_HOURS }),

  'AWS::EC2::VPCEndpoint': (endpoint, bill) => {
    if (!isInterface(endpoint)) return bill.free(endpoint);
    const zones = endpoint.list('SubnetIds').length || 1;
    bill.charge(endpoint, { price: 'endpoint', what: `interface endpoint, ${several(zones, 'zone')}`, quantity: zones * MONTH_HOURS });
    bill.charge(endpoint, { price: 'endpoint-data', what: 'data through the endpoint', quantity: privateData(bill), use: true });
  },

  'AWS::Route53::HostedZone': (zone, bill) => bill.charge(zone, { price: 'dns-zone', what: 'hosted zone', quantity: 1 }),

  'AWS::Route53::HealthCheck': (check, bill) => {
    const type = check.text('HealthCheckConfig.Type', 'HTTPS');
    const options = [
      type.startsWith('HTTPS'), type.endsWith('STR_MATCH'), check.isTrue('HealthCheckConfig.MeasureLatency'),
      check.number('HealthCheckConfig.RequestInterval', 30) === 10,
    ].filter(Boolean).length;
    const unsure = 'an address outside AWS costs more: 0.75, and 2 for each option';
    bill.charge(check, { price: 'health-check', what: 'health check', quantity: 1, free: 50, unsure });
    if (options > 0) bill.charge(check, { price: 'health-check-option', what: 'options (HTTPS, text, latency, 10 seconds)', quantity: options, unsure });
  },

  'AWS::CertificateManager::Certificate': (certificate, bill) => {
    if (certificate.properties.CertificateExport !== 'ENABLED') return bill.free(certificate);
    const names = 1 + certificate.list('SubjectAlternativeNames').length;
    bill.charge(certificate, { price: 'certificate-exportable', what: 'names of an exportable certificate, each issue', quantity: names });
  },

  'AWS::CloudFront::Distribution': (distribution, bill) => {
    const distributions = bill.ofType('AWS::CloudFront::Distribution');
    const region = String(distribution.stack.region).startsWith('eu-') ? 'europe' : 'america';
    bill.charge(distribution, {
      price: 'cdn-data', what: 'data to visitors in North America and Europe', quantity: bill.share(bill.usage.dataOutGB, internetDoors(bill)), free: 1000, use: true,
    });
    bill.charge(distribution, {
      price: `cdn-requests-${region}`, what: 'HTTPS requests', quantity: bill.share(bill.usage.requests, distributions) / 10_000, free: 1000, use: true,
    });
  },

  'AWS::CloudFront::Function': (run, bill) => {
    const quantity = bill.share(bill.usage.requests, bill.ofType('AWS::CloudFront::Function')) / 1e6;
    bill.charge(run, { price: 'cdn-function', what: 'runs at the edge', quantity, free: 2, use: true });
  },

  'AWS::CloudFront::KeyValueStore': (store, bill) => bill.unpriced(store, 'the table has no price of its reads'),

  'AWS::WAFv2::WebACL': (firewall, bill) => {
    const rules = firewall.list('Rules');
    const bots = rules.filter(rule => managedGroup(rule) === 'AWSManagedRulesBotControlRuleSet').length;
    const paid = rules.map(managedGroup).filter(group => group === 'AWSManagedRulesATPRuleSet' || group === 'AWSManagedRulesACFPRuleSet');
    bill.charge(firewall, { price: 'firewall', what: 'web ACL', quantity: 1 });
    if (rules.length > 0) bill.charge(firewall, { price: 'firewall-rule', what: 'rules and rule groups', quantity: rules.length });
    if (bots > 0) bill.charge(firewall, { price: 'firewall-bot-control', what: 'Bot Control, beside its requests', quantity: bots });
    for (const group of paid) bill.unpriced(firewall, `the table has no price of ${group}`);
    chargeFirewallRequests(firewall, bill);
  },

  'AWS::WAFv2::RuleGroup': (group, bill) => {
    if (group.list('Rules').length > 0) bill.charge(group, { price: 'firewall-rule', what: 'rules', quantity: group.list('Rules').length });
    else bill.free(group);
  },
};

function isInterface({ properties }: TemplateResource): boolean {
  return properties.VpcEndpointType === 'Interface';
}

/** Gateways and interface endpoints share what leaves private subnets. */
function privateData(bill: Bill): number {
  return bill.share(bill.usage.privateDataGB, [...bill.ofType('AWS::EC2::NatGateway'), ...bill.ofType('AWS::EC2::VPCEndpoint').filter(isInterface)]);
}

function managedGroup(rule: { readonly Statement?: { readonly ManagedRuleGroupStatement?: { readonly Name?: string } } }): string | undefined {
  return rule.Statement?.ManagedRuleGroupStatement?.Name;
}

function chargeFirewallRequests(firewall: TemplateResource, bill: Bill): void {
  const sameScope = bill.ofType('AWS::WAFv2::WebACL').filter(({ properties }) => properties.Scope === firewall.properties.Scope);
  bill.charge(firewall, { price: 'firewall-requests', what: 'requests', quantity: bill.share(bill.usage.requests, sameScope) / 1e6, use: true });
}
