import { ChildProcess, spawnSync } from 'child_process';
import { createHash, createHmac, Hash, Hmac } from 'crypto';
import * as fs from 'fs';
import * as http from 'http';
import * as https from 'https';
import * as net from 'net';
import * as path from 'path';
import { SignatureV4 } from '@smithy/signature-v4';
import { Authority } from './authority';
import { listen, run, runToEnd, start, stop, waitFor } from './process';
import { REPOSITORY } from './python';

const REGION = 'eu-central-1';
const SECRET = 'emulator';
const FILES = path.join(__dirname, 'opensearch');

/**
 * An OpenSearch 2.19 with its security plugin on 127.0.0.1, behind a front door as a domain has one: requests are signed, the door checks the signature and
 * tells OpenSearch the sender's IAM role, and OpenSearch decides by its own roles what that may do. The role is what the session token says, or, without one,
 * the access key.
 */
export class OpenSearchServer {
  public static async start(directory: string, authority: Authority, masterRole: string): Promise<OpenSearchServer> {
    const installed = await install();
    const node = path.join(directory, 'node_1');
    const configuration = path.join(node, 'config');
    fs.mkdirSync(path.join(configuration, 'opensearch-security'), { recursive: true });
    fs.cpSync(path.join(installed, 'security', 'config'), path.join(configuration, 'opensearch-security'), { recursive: true });
    const names = { [authority.certificate]: 'authority.pem', [authority.serverCertificate]: 'node.pem', [authority.serverKey]: 'node.key' };
    for (const [file, name] of Object.entries(names)) fs.copyFileSync(file, path.join(configuration, name));
    fs.copyFileSync(path.join(FILES, 'opensearch.yml'), path.join(configuration, 'opensearch.yml'));
    fs.copyFileSync(path.join(FILES, 'security.yml'), path.join(configuration, 'opensearch-security', 'config.yml'));
    fs.writeFileSync(path.join(configuration, 'opensearch-security', 'roles_mapping.yml'), JSON.stringify({
      _meta: { type: 'rolesmapping', config_version: 2 }, all_access: { backend_roles: [masterRole] },
    }));
    const server = new OpenSearchServer(directory, installed, masterRole, await freeNodePort(), authority);
    await server.startEngine();
    server.endpoint = `http://127.0.0.1:${await listen(server.door)}`;
    server.httpsPort = await listen(server.secureDoor);
    return server;
  }

  /** Where the front door is, in clear text for this process. */
  public endpoint = '';
  /** Port of localhost where it is for all others. */
  public httpsPort = 0;
  /** How many of the next bulk requests get no answer, although they are carried out. */
  public lostAnswers = 0;
  /** Whether no node answers. */
  public away = false;
  private engine?: ChildProcess;
  private readonly door = http.createServer((request, response) => void this.forward(request, response));
  private readonly secureDoor: https.Server;

  private constructor(
    private readonly directory: string, private readonly installed: string, private readonly masterRole: string, private readonly port: number,
    { serverCertificate, serverKey }: Authority,
  ) {
    const certificate = { cert: fs.readFileSync(serverCertificate), key: fs.readFileSync(serverKey) };
    this.secureDoor = https.createServer(certificate, (request, response) => void this.forward(request, response));
  }

  /** What a function running under a role finds in its environment. */
  public environment(roleArn: string): NodeJS.ProcessEnv {
    return { AWS_REGION: REGION, AWS_ACCESS_KEY_ID: roleArn, AWS_SECRET_ACCESS_KEY: SECRET };
  }

  /** The nodes go away; the data stays. */
  public async stopEngine(): Promise<void> {
    await stop(this.engine!);
  }

  public async startEngine(): Promise<void> {
    const classes = ['engine', 'security'].map(folder => path.join(this.installed, folder, '*')).join(path.delimiter);
    this.engine = start(['java', '-Xms512m', '-Xmx512m', '-XX:+UseSerialGC', '-cp', classes, 'org.codelibs.opensearch.runner.OpenSearchRunner',
      '-basePath', this.directory, '-numOfNode', '1', '-baseHttpPort', `${this.port - 1}`, '-clusterName', 'emulator',
      '-pluginTypes', 'org.opensearch.security.OpenSearchSecurityPlugin'], { logFile: path.join(this.directory, 'opensearch.log') });
    await waitFor('OpenSearch', 360, async () => {
      const answer = await fetch(`http://127.0.0.1:${this.port}/_cluster/health`, { headers: identity(this.masterRole) });
      if (!answer.ok) throw new Error(`health answers ${answer.status}`);
    }, this.engine);
  }

  public async stop(): Promise<void> {
    for (const door of [this.door, this.secureDoor]) {
      door.closeAllConnections();
      door.close();
    }
    await stop(this.engine!);
  }

  private async forward(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const role = await sender(request, body);
    if (role === undefined) {
      response.writeHead(403).end('{"message":"The request signature we calculated does not match the signature you provided."}');
      return;
    }
    if (this.away) {
      response.writeHead(503).end('{"message":"no healthy node"}');
      return;
    }
    const loses = this.lostAnswers > 0 && request.url!.endsWith('/_bulk');
    const forwarded = http.request({
      host: '127.0.0.1',
      port: this.port,
      method: request.method,
      path: request.url,
      headers: { ...identity(role), ...request.headers['content-type'] && { 'content-type': request.headers['content-type'] }, 'content-length': body.length },
    }, answer => {
      if (loses) {
        this.lostAnswers--;
        answer.resume().on('end', () => response.destroy());
        return;
      }
      response.writeHead(answer.statusCode!, { 'content-type': 'application/json' });
      answer.pipe(response);
    });
    forwarded.on('error', () => response.writeHead(503).end('{"message":"no healthy node"}'));
    forwarded.end(body);
  }
}

/** Node's own, in the form that the signer asks for. */
class Sha256 {
  private hash: Hash | Hmac;

  constructor(private readonly secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = this.fresh();
  }

  public update(data: Uint8Array): void {
    this.hash.update(data);
  }

  public async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }

  public reset(): void {
    this.hash = this.fresh();
  }

  private fresh(): Hash | Hmac {
    return this.secret === undefined ? createHash('sha256') : createHmac('sha256', this.secret as string);
  }
}

function identity(roleArn: string) {
  return { 'x-forwarded-for': '127.0.0.1', 'x-proxy-user': roleArn, 'x-proxy-roles': roleArn };
}

/** The role that signed a request; nothing if nobody did. AWS's own package signs it again, and both have to agree. */
async function sender(request: http.IncomingMessage, body: Buffer): Promise<string | undefined> {
  const { authorization = '', 'x-amz-date': time } = request.headers;
  const [, accessKeyId, scope, signedHeaders = ''] = /Credential=(.+)\/(\d{8}\/[^,]+), *SignedHeaders=([^,]+)/.exec(authorization) ?? [];
  if (!accessKeyId || scope !== `${String(time).slice(0, 8)}/${REGION}/es/aws4_request`) return undefined;
  const url = new URL(request.url!, `https://${request.headers.host}`);
  const sessionToken = request.headers['x-amz-security-token'] as string | undefined;
  const signer = new SignatureV4({
    service: 'es', region: REGION, sha256: Sha256, applyChecksum: false, credentials: { accessKeyId, secretAccessKey: SECRET, sessionToken },
  });
  const names = signedHeaders.split(';').filter(name => !['x-amz-date', 'x-amz-security-token'].includes(name));
  const signed = await signer.sign({
    method: request.method!,
    protocol: 'https:',
    hostname: url.hostname,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    body,
    headers: Object.fromEntries(names.map(name => [name, String(request.headers[name])])),
  }, { signingDate: new Date(String(time).replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z')) });
  return signed.headers.authorization === authorization ? sessionToken ?? accessKeyId : undefined;
}

/** The runner looks for a port of its own only up to 9299. */
async function freeNodePort(): Promise<number> {
  for (let port = 9210; port < 9299; port++) {
    const server = net.createServer();
    const free = await new Promise<boolean>(resolve => server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)));
    if (!free) continue;
    await new Promise(resolve => server.close(resolve));
    return port;
  }
  throw new Error('no port from 9210 to 9298 is free');
}

/** The jars, from Maven Central, once for each content of pom.xml. */
async function install(): Promise<string> {
  const pom = path.join(FILES, 'pom.xml');
  const target = path.join(REPOSITORY, 'node_modules', '.cache', 'opensearch', createHash('sha256').update(fs.readFileSync(pom)).digest('hex').slice(0, 16));
  const complete = path.join(target, 'complete');
  if (fs.existsSync(complete)) return target;
  console.log('opensearch: fetching it from Maven Central, the first time takes half a minute ...');
  const started = Date.now();
  await installMavenIfMissing();
  await run(['mvn', '--quiet', '--batch-mode', '--file', pom, `-Dtarget=${target}`, 'package']);
  fs.writeFileSync(complete, '');
  console.log(`opensearch: done in ${Math.round((Date.now() - started) / 1000)} s`);
  return target;
}

/** Debian's package brings a Java with it. */
async function installMavenIfMissing(): Promise<void> {
  if (spawnSync('mvn', ['--version']).status === 0) return;
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await runToEnd(['apt-get', 'update', '-qq'], { environment });
  const { code, output } = await runToEnd(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'maven', 'default-jre-headless'], { environment });
  if (code !== 0) throw new Error(`There is no mvn, and "apt-get install maven" failed (it needs root on Debian):\n${output.slice(-1000)}`);
}
