import { appendFileSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'fs';
import { dirname, join, relative, resolve } from 'path';

/** The program `aws` of a run: it has the command done by the test's server, which is quicker than a process for each. */
export const AWS_PROGRAM = `#!/bin/sh
printf '%s\\0' "$PWD" "$@" | exec curl -sS --fail-with-body --max-time 60 --data-binary @- "$RELEASES_URL/?aws"
`;

/**
 * The few commands of the AWS CLI that the workflow uses, on a folder instead of S3: `<buckets>/<bucket>/<key>`, with what S3 would keep beside
 * each object in `<key>.metadata`, and a line in `<buckets>/calls` for each write.
 */
export class AwsStandIn {
  private words: string[] = [];
  private directory = '';

  constructor(private readonly buckets: string, private readonly invalidate: (path: string) => void) {}

  /** Does what was posted by the program, and answers with what it prints. */
  public run(posted: Buffer): string {
    const [directory, service, command, ...words] = posted.toString().split('\0').slice(0, -1);
    this.directory = directory;
    this.words = words;
    switch (`${service} ${command}`) {
      case 's3 cp': return this.copy();
      case 's3api list-objects-v2': return `${this.list().join('\t') || 'None'}\n`;
      case 's3api put-object-tagging': return this.tag();
      case 'cloudfront create-invalidation':
        this.note(`invalidate ${this.option('--distribution-id')} ${this.option('--paths')}`);
        this.invalidate(this.option('--paths')!);
        return 'I123\n';
      default: throw new Error(`aws ${service} ${command} is not known here`);
    }
  }

  private copy(): string {
    const [from, to] = this.words;
    if (!this.words.includes('--recursive')) return this.put(this.place(from), this.place(to));
    for (const name of files(this.place(from)).filter(file => this.chosen(file))) this.put(join(this.place(from), name), join(this.place(to), name));
    return '';
  }

  private put(from: string, to: string): string {
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
    if (!to.startsWith(this.buckets)) return '';
    const metadata = { 'cache-control': this.option('--cache-control'), 'content-type': this.option('--content-type') ?? 'binary/octet-stream' };
    writeFileSync(`${to}.metadata`, JSON.stringify(metadata));
    this.note(`put ${relative(this.buckets, to)}`);
    return '';
  }

  /** The last filter that matches decides, and a star also stands for slashes. */
  private chosen(name: string): boolean {
    let included = true;
    this.words.forEach((word, index) => {
      if (word !== '--exclude' && word !== '--include') return;
      const pattern = new RegExp(`^${this.words[index + 1].replace(/[.+^$()|{}]/g, '\\$&').replace(/\*/g, '.*')}$`);
      if (pattern.test(name)) included = word === '--include';
    });
    return included;
  }

  private list(): string[] {
    const prefix = this.option('--prefix')!;
    const keys = files(join(this.buckets, this.option('--bucket')!)).filter(key => key.startsWith(prefix));
    if (this.option('--query') !== 'CommonPrefixes[].Prefix') return keys;
    const inside = keys.map(key => key.slice(prefix.length)).filter(key => key.includes('/'));
    return [...new Set(inside.map(key => `${prefix}${key.split('/')[0]}/`))];
  }

  private tag(): string {
    const object = `${join(this.buckets, this.option('--bucket')!, this.option('--key')!)}.metadata`;
    const [, retired] = /^TagSet=\[\{Key=retired,Value=(true|false)\}\]$/.exec(this.option('--tagging')!)!;
    writeFileSync(object, JSON.stringify({ ...JSON.parse(readFileSync(object, 'utf8')) as object, retired }));
    return '';
  }

  private option(name: string): string | undefined {
    return this.words.includes(name) ? this.words[this.words.indexOf(name) + 1] : undefined;
  }

  private place(address: string): string {
    return address.startsWith('s3://') ? join(this.buckets, address.slice(5)) : resolve(this.directory, address);
  }

  private note(text: string): void {
    appendFileSync(join(this.buckets, 'calls'), `${text}\n`);
  }
}

function files(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true }).map(String)
    .filter(name => !name.endsWith('.metadata') && statSync(join(folder, name)).isFile())
    .sort();
}
