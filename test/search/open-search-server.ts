import { createServer, Server } from 'http';
import { AddressInfo } from 'net';
import { OpenSearch } from '../../src/search/open-search';

interface Document {
  readonly version: bigint;
  /** Nothing where it is deleted. */
  readonly source?: { readonly [field: string]: unknown };
}

interface Index {
  readonly aliases: Set<string>;
  readonly documents: Map<string, Document>;
  readonly settings: object;
  mappings: { readonly properties?: { readonly bad?: object } };
}

type Answer = [status: number, body: object];

/**
 * As much of OpenSearch as unit tests need: templates, aliases, bulk requests with external versions, notes of a mapping. `npm run integ:search` asks a real one.
 * A document whose `bad` is true is refused, unless the mapping knows that field.
 */
export class OpenSearchStandIn {
  public static async start(): Promise<OpenSearchStandIn> {
    const standIn = new OpenSearchStandIn();
    await new Promise<void>(resolve => standIn.server.listen(0, '127.0.0.1', resolve));
    return standIn;
  }

  public readonly indexes = new Map<string, Index>();
  private readonly templates = new Map<string, { readonly mappings: Index['mappings']; readonly settings: object }>();
  /** Requests as `METHOD /path`, with their bodies. */
  public readonly requests: { readonly what: string; readonly body: string; readonly headers: { readonly [name: string]: unknown } }[] = [];
  /** What the next requests are answered with, whatever they are. */
  public readonly answers: Answer[] = [];

  private readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk)).on('end', () => {
      const body = Buffer.concat(chunks).toString();
      this.requests.push({ what: `${request.method} ${request.url}`, body, headers: request.headers });
      const [status, answer] = this.answers.shift() ?? this.answer(request.method!, request.url!, body);
      response.writeHead(status).end(JSON.stringify(answer));
    });
  });

  public get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public client(timeout = 5_000): OpenSearch {
    return OpenSearch.fromEnvironment(this.endpoint, { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' }, timeout);
  }

  /** Documents that are there, by id. */
  public documents(alias: string): { [id: string]: unknown } {
    const [index] = this.behind(alias);
    return Object.fromEntries([...index.documents].filter(([, { source }]) => source).map(([id, { source }]) => [id, source]));
  }

  public names(alias: string): string[] {
    return [...this.indexes].filter(([, { aliases }]) => aliases.has(alias)).map(([name]) => name);
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private behind(name: string): Index[] {
    return [...this.indexes].filter(([index, { aliases }]) => index === name || aliases.has(name)).map(([, index]) => index);
  }

  private answer(method: string, path: string, body: string): Answer {
    const [, first, second] = path.split('/');
    const content = () => JSON.parse(body);
    if (first === '_index_template') {
      this.templates.set(second, content().template);
      return [200, {}];
    }
    if (first.startsWith('_')) return first === '_aliases' ? this.moveAliases(content().actions) : [200, {}];
    if (second === '_alias') {
      const names = this.names(first);
      return names.length > 0 ? [200, Object.fromEntries(names.map(name => [name, {}]))] : [404, {}];
    }
    if (second === undefined && method === 'PUT') {
      const { mappings, settings } = this.templates.get(first.replace(/-\d+$/, ''))!;
      const aliases = new Set(Object.keys(content().aliases));
      this.indexes.set(first, { aliases, documents: new Map(), mappings, settings: { ...settings, uuid: first } });
      return [200, {}];
    }
    if (this.behind(first).length === 0) return [404, {}];
    const [index] = this.behind(first);
    const { mappings, settings } = index;
    if (second === undefined && method === 'GET') return [200, { [first]: { mappings, settings: { index: settings } } }];
    if (second === undefined) return [this.indexes.delete(first) ? 200 : 404, {}];
    if (second === '_bulk') return [200, { items: this.bulk(index, body.trimEnd().split('\n')) }];
    if (second === '_mapping') index.mappings = { ...mappings, ...content() };
    return [200, {}];
  }

  private bulk(index: Index, lines: string[]): object[] {
    const items: object[] = [];
    while (lines.length > 0) {
      const [[action, { _id, version }]] = Object.entries(JSON.parse(lines.shift()!) as { [action: string]: { _id: string; version: number } });
      const source = action === 'index' ? JSON.parse(lines.shift()!) : undefined;
      items.push({ [action]: { _id, ...this.write(index, _id, { version: BigInt(version), source }) } });
    }
    return items;
  }

  private write({ documents, mappings }: Index, id: string, document: Document): object {
    const known = documents.get(id);
    if (known && known.version >= document.version) return { status: 409, error: { type: 'version_conflict_engine_exception' } };
    if (document.source?.bad && !mappings.properties?.bad) return { status: 400, error: { type: 'mapper_parsing_exception', reason: 'bad' } };
    documents.set(id, document);
    return { status: document.source || known ? 200 : 404 };
  }

  private moveAliases(actions: { [action: string]: { index: string; alias: string } }[]): Answer {
    for (const action of actions) {
      const [[kind, { index, alias }]] = Object.entries(action);
      const { aliases } = this.indexes.get(index)!;
      if (kind === 'add') aliases.add(alias);
      else aliases.delete(alias);
    }
    return [200, {}];
  }
}
