import { ChildProcess, execFileSync, spawn } from 'child_process';
import { mkdtempSync, readFileSync, rmSync } from 'fs';
import * as http from 'http';
import * as https from 'https';
import * as net from 'net';
import { tmpdir } from 'os';
import { join } from 'path';
import { SmokeTestTarget } from '../../../src/service/release/smoke-test-request';
import { PlannedSmokeTest, runSmokeTests, SmokeTestResult } from '../../../src/service/release/smoke-test-run';

/** A self-signed certificate: its own authority. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Makes a certificate for a name, with OpenSSL. */
export function certificateFor(name: string): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync('openssl', [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
      '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-keyout', key, '-out', cert,
    ], { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A server on 127.0.0.1 that knows its connections, so that a test can see them closed. */
export class TestServer {
  public static http(listener: http.RequestListener): Promise<TestServer> {
    return TestServer.start(http.createServer(listener));
  }

  public static https(certificate: Certificate, listener: http.RequestListener): Promise<TestServer> {
    return TestServer.start(https.createServer({ ...certificate }, listener));
  }

  /** Speaks whatever the test says, byte by byte. */
  public static tcp(listener: (socket: net.Socket) => void): Promise<TestServer> {
    return TestServer.start(net.createServer(listener));
  }

  private static async start(server: net.Server): Promise<TestServer> {
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return new TestServer(server);
  }

  private readonly sockets = new Set<net.Socket>();

  private constructor(private readonly server: net.Server) {
    server.on('connection', socket => {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  public get port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }

  public get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  public target(changes: Partial<SmokeTestTarget> = {}): SmokeTestTarget {
    return { protocol: 'http:', addresses: ['127.0.0.1'], port: this.port, host: 'api.example.test', ...changes };
  }

  /** Resolves when every connection has been closed by the other side. */
  public async allClosed(): Promise<void> {
    for (const end = Date.now() + 3000; this.sockets.size > 0;) {
      if (Date.now() > end) throw new Error(`${this.sockets.size} connections are still open`);
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  }

  public async stop(): Promise<void> {
    const stopped = new Promise(resolve => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await stopped;
  }
}

/** An address that neither takes nor refuses a connection: its program is stopped, and its queue is full. */
export class SwallowingAddress {
  public static async start(host: string, port: number): Promise<SwallowingAddress> {
    const script = `require('net').createServer().listen({ host: '${host}', port: ${port}, backlog: 1 }, () => console.log('ready'))`;
    const program = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise(resolve => program.stdout!.once('data', resolve));
    program.kill('SIGSTOP');
    const address = new SwallowingAddress(program);
    for (let connections = 0; await address.takes(host, port); connections++) {
      if (connections > 20) throw new Error(`${host} takes every connection`);
    }
    return address;
  }

  private readonly sockets: net.Socket[] = [];

  private constructor(private readonly program: ChildProcess) {}

  public async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    const stopped = new Promise(resolve => this.program.once('exit', resolve));
    this.program.kill('SIGKILL');
    await stopped;
  }

  private takes(host: string, port: number): Promise<boolean> {
    const socket = net.connect(port, host);
    this.sockets.push(socket);
    return new Promise(resolve => {
      socket.on('error', () => resolve(true)).on('connect', () => resolve(true));
      setTimeout(() => resolve(false), 300);
    });
  }
}

/** Runs one test without a pause between its tries and answers its result. */
export async function runOne(
  test: PlannedSmokeTest, target: SmokeTestTarget, deadline: AbortSignal = new AbortController().signal,
): Promise<SmokeTestResult> {
  const [result] = await runSmokeTests([{ retries: 0, ...test }], target, { deadline, log: () => undefined, pauseMilliseconds: 1 });
  return result;
}
