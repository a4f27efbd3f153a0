import { createServer, Server } from 'http';
import { AddressInfo } from 'net';
import { CustomResourceAnswer, CustomResourceRequest } from '../src/custom-resource-answer';

/** Takes the answers of custom resources, as CloudFormation's presigned address does. */
export class CloudFormationReceiver {
  public static async start(): Promise<CloudFormationReceiver> {
    const receiver = new CloudFormationReceiver();
    await new Promise<void>(resolve => receiver.server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  public readonly answers: CustomResourceAnswer[] = [];
  /** How many of the next requests are refused. */
  public failures = 0;

  private readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk)).on('end', () => {
      if (this.failures-- > 0) {
        response.writeHead(503).end();
        return;
      }
      this.answers.push(JSON.parse(Buffer.concat(chunks).toString()));
      response.end();
    });
  });

  public request(RequestType: CustomResourceRequest['RequestType'], PhysicalResourceId?: string): CustomResourceRequest {
    const { port } = this.server.address() as AddressInfo;
    return { RequestType, PhysicalResourceId, ResponseURL: `http://127.0.0.1:${port}/`, StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Resource' };
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }
}
