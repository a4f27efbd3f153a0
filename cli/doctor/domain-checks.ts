import { Resolver } from 'dns/promises';
import { GetHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { bad, Finding, good, unknown } from './finding';
import { textOf } from './texts';
import { allResources, DeployableStack } from '../assembly';

type Settings = { readonly profile?: string; readonly region?: string };

/** Whether the zones that the templates write to are there, and the internet asks them. */
export async function checkDomains(stacks: readonly DeployableStack[], settings: Settings, dnsServer: string | undefined): Promise<Finding[]> {
  const zones = new Set(stacks.flatMap(zonesOf));
  const route53 = new Route53Client(settings);
  const resolver = new Resolver({ timeout: 5000, tries: 2 });
  if (dnsServer !== undefined) resolver.setServers([dnsServer]);
  return Promise.all([...zones].map(id => checkZone(id, route53, resolver)));
}

/** Hosted zones by id. Those that the templates make themselves have none yet. */
function zonesOf(stack: DeployableStack): string[] {
  return allResources(stack).flatMap(({ type, properties }) => {
    if (type === 'AWS::Route53::RecordSet') return [properties.HostedZoneId];
    if (type === 'AWS::CertificateManager::Certificate') return (properties.DomainValidationOptions ?? []).map((option: any) => option.HostedZoneId);
    return [];
  }).map(id => textOf(id, stack)).filter(id => id !== undefined && /^Z[A-Z0-9]+$/.test(id)) as string[];
}

async function checkZone(id: string, route53: Route53Client, resolver: Resolver): Promise<Finding> {
  const where = `hosted zone ${id}`;
  try {
    const { HostedZone: zone, DelegationSet: delegation } = await route53.send(new GetHostedZoneCommand({ Id: id }));
    const name = zone!.Name!.replace(/\.$/, '');
    if (zone!.Config?.PrivateZone) return good(where, 'domain', `${name} is private`);
    return await checkDelegation(where, name, (delegation?.NameServers ?? []).map(normal), resolver);
  } catch (error) {
    if ((error as Error).name !== 'NoSuchHostedZone') return unknown(where, 'domain', error);
    return bad(where, 'domain', 'there is no such zone in this account', 'npx cdk synth with the id that aws route53 list-hosted-zones shows');
  }
}

async function checkDelegation(where: string, name: string, own: string[], resolver: Resolver): Promise<Finding> {
  const fix = `at the registrar, or in the zone above ${name}, set its NS record to: ${own.join(' ')}`;
  try {
    const public_ = (await resolver.resolveNs(name)).map(normal);
    const isSame = public_.length === own.length && public_.every(server => own.includes(server));
    return isSame ? good(where, 'domain', `${name} is delegated to it`) : bad(where, 'domain', `${name} is delegated to ${public_.sort().join(' ')}`, fix);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return ['ENOTFOUND', 'ENODATA', 'ESERVFAIL'].includes(code ?? '') ? bad(where, 'domain', `${name} is not delegated: no NS record (${code})`, fix) : unknown(where, 'domain', error);
  }
}

function normal(server: string): string {
  return server.toLowerCase().replace(/\.$/, '');
}
