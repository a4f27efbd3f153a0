import * as dgram from 'dgram';

const NAME_SERVER = 2;
const ANSWER_WITHOUT_ERROR = 0x8580;

/** A name server on this machine that knows one zone's delegation: https://datatracker.ietf.org/doc/html/rfc1035#section-4 */
export class NameServer {
  public static async start(zone: string): Promise<NameServer> {
    const socket = dgram.createSocket('udp4');
    const server = new NameServer(zone, socket);
    socket.on('message', (query, { port, address }) => socket.send(server.respond(query), port, address));
    await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve));
    return server;
  }

  private servers: readonly string[] = ['ns.elsewhere.example'];

  private constructor(private readonly zone: string, private readonly socket: dgram.Socket) {}

  public get address(): string {
    return `127.0.0.1:${this.socket.address().port}`;
  }

  /** What it answers from now on. */
  public answer(servers: readonly string[]): void {
    this.servers = servers;
  }

  public stop(): void {
    this.socket.close();
  }

  private respond(query: Buffer): Buffer {
    const question = query.subarray(12, query.indexOf(0, 12) + 5);
    const isAsked = question.subarray(0, -4).equals(encode(this.zone)) && question.readUInt16BE(question.length - 4) === NAME_SERVER;
    const records = isAsked ? this.servers.map(record) : [];
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(ANSWER_WITHOUT_ERROR, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    return Buffer.concat([header, question, ...records]);
  }
}

/** A name server record of the name that was asked for, which stands at byte 12. */
function record(server: string): Buffer {
  const data = encode(server);
  const head = Buffer.from([0xc0, 12, 0, NAME_SERVER, 0, 1, 0, 0, 0, 60, 0, 0]);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function encode(name: string): Buffer {
  return Buffer.concat([...name.split('.').map(label => Buffer.from([label.length, ...Buffer.from(label)])), Buffer.from([0])]);
}
