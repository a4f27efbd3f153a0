import { createHash } from 'crypto';
import { Aspects, IStackSynthesizer, RemoveTag, Stack, Stage, Tag, Token } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import { PlatformError } from '../errors';

/** What CloudFormation takes as the name of a stack. */
const LONGEST_STACK_NAME = 128;
const LONGEST_DESCRIPTION = 1024;

const HOME = Symbol.for('cdk-web-platform.stackBesideOf');

/** A stack in another region that belongs to a stack. */
export interface StackBeside {
  readonly region: string;
  /** What follows the id and the name of the stack that it belongs to. */
  readonly suffix: string;
  readonly description: string;
}

/**
 * The stack of that suffix beside another one, with the same tags, account and protection: it is made when it is first asked for.
 *
 * @param home a stack that CloudFormation knows by name
 */
export function stackBeside(home: Stack, { region, suffix, description }: StackBeside): Stack {
  const stage = Stage.of(home)!;
  const id = `${home.node.path.slice(stage.node.path.length).replace(/^\//, '').replace(/\//g, '-')}-${suffix}`;
  const taken = stage.node.tryFindChild(id);
  if (taken) return checkOwn(taken, home, region);

  const beside = new Stack(stage, id, {
    stackName: stackName(home.stackName, suffix),
    description: description.slice(0, LONGEST_DESCRIPTION),
    env: { account: Token.isUnresolved(home.account) ? undefined : home.account, region },
    terminationProtection: home.terminationProtection,
    tags: home.tags.tagValues(),
    synthesizer: synthesizerOf(home),
  });
  Object.defineProperty(beside, HOME, { value: home });
  sameTags(beside, ...home.node.scopes.slice(home.node.scopes.indexOf(stage) + 1));
  return beside;
}

/** The same ids below another stack, so that two constructs of one stack never meet. */
export function samePlace(beside: Stack, home: Stack, user: Construct): Construct {
  const originals = user.node.scopes.slice(user.node.scopes.indexOf(home) + 1);
  return originals.reduce<Construct>((parent, original) => {
    const found = parent.node.tryFindChild(original.node.id) as Construct | undefined;
    return found ?? sameTags(new Construct(parent, original.node.id), original);
  }, beside);
}

/**
 * The synthesizer that a stack was given, with its roles and its qualifier. The stack itself has a copy of it that is bound, whose prototype it is;
 * one that is made for a single stack cannot be shared, and the app's own is used instead.
 */
function synthesizerOf(home: Stack): IStackSynthesizer | undefined {
  const given = Object.getPrototypeOf(home.synthesizer);
  return given !== given.constructor.prototype && 'reusableBind' in given ? given : undefined;
}

function checkOwn(taken: IConstruct, home: Stack, region: string): Stack {
  if ((taken as { [HOME]?: Stack })[HOME] === home) return taken as Stack;
  throw new PlatformError(home, {
    problem: `the id of its stack in ${region} is taken.`,
    got: `${taken.node.path}, which is something else`,
    allowed: `nothing else with the id ${taken.node.id}`,
    fix: `rename ${taken.node.path}, or ${home.node.path}`,
  });
}

function stackName(home: string, suffix: string): string {
  const room = LONGEST_STACK_NAME - suffix.length - 1;
  if (home.length <= room) return `${home}-${suffix}`;
  // Two long names may begin alike.
  const digest = createHash('sha256').update(home).digest('hex').slice(0, 8);
  return `${home.slice(0, room - digest.length - 1)}-${digest}-${suffix}`;
}

/** Tags are put on when the app is synthesized, so that those that a team adds later are on the copy too. */
function sameTags<T extends IConstruct>(copy: T, ...originals: IConstruct[]): T {
  const tagsOf = (original: IConstruct) => Aspects.of(original).all.filter(aspect => aspect instanceof Tag || aspect instanceof RemoveTag);
  Aspects.of(copy).add({ visit: node => originals.flatMap(tagsOf).forEach(tag => tag.visit(node)) });
  return copy;
}
