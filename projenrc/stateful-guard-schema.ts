/*
 * Writes StatefulGuard's table: the properties of each type that CloudFormation can only give to a new resource, from its resource schemas.
 * `npm run stateful-guard-schema` after a new version of @aws-cdk/aws-service-spec; a test tells when the table is out of date.
 */
import { writeFileSync } from 'fs';
import { join } from 'path';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { KNOWN_TYPES, SUPPORTING_TYPES } from '../src/recovery/stateful-guard-types';

export const TABLE_FILE = join(__dirname, '..', 'src', 'recovery', 'stateful-guard-schema.ts');

type Specification = ReturnType<typeof loadAwsServiceSpecSync>;
type PropertyType = { readonly type: string; readonly reference?: { readonly $ref: string } };
type Properties = { readonly [name: string]: { readonly type: unknown; readonly causesReplacement?: 'yes' | 'no' | 'maybe' } };

/** The table as source code. */
export function schemaTable(specification: Specification = loadAwsServiceSpecSync()): string {
  const lines = [...KNOWN_TYPES, ...SUPPORTING_TYPES].sort().map(type => {
    const resource = specification.lookup('resource', 'cloudFormationType', 'equals', type)[0];
    if (!resource) throw new Error(`CloudFormation has no type ${type}`);
    const paths = replacing(specification, resource.properties);
    return `  '${type}': { createOnly: [${quoted(paths, 'yes')}], conditional: [${quoted(paths, 'maybe')}] },`;
  });
  return `// Made by projenrc/stateful-guard-schema.ts from CloudFormation's resource schemas. To modify, run "npm run stateful-guard-schema".
/* eslint-disable @stylistic/max-len */

/** Paths of the properties that CloudFormation can only give to a new resource, and of those for which its schema says that this depends. */
export interface ReplacingProperties {
  readonly createOnly: readonly string[];
  readonly conditional: readonly string[];
}

/** By type. */
export const REPLACING_PROPERTIES: { readonly [type: string]: ReplacingProperties } = {
${lines.join('\n')}
};
`;
}

/** What is below a create-only property, or in a list, says no more than the property or list itself. */
function replacing(specification: Specification, properties: Properties, above: readonly string[] = []): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, { type, causesReplacement = 'no' }] of Object.entries(properties)) {
    const { type: kind, reference } = type as PropertyType;
    if (causesReplacement !== 'no') {
      found.set([...above, name].join('.'), causesReplacement);
    } else if (kind === 'ref' && above.length < 5) {
      const below = specification.get('typeDefinition', reference!.$ref).properties as Properties;
      for (const [path, answer] of replacing(specification, below, [...above, name])) found.set(path, answer);
    }
  }
  return found;
}

function quoted(paths: Map<string, string>, answer: string): string {
  return [...paths].filter(([, each]) => each === answer).map(([path]) => `'${path}'`).sort().join(', ');
}

if (require.main === module) writeFileSync(TABLE_FILE, schemaTable());
