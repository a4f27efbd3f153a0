import { ECRClient, DescribeRepositoriesCommand, PutImageCommand, BatchDeleteImageCommand } from '@aws-sdk/client-ecr';
import { ECSClient, ListTaskDefinitionsCommand, DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { Emulator } from '/work/main/integ/emulator/emulator';
import { CdkCli } from '/work/main/integ/emulator/cdk';
const sleep = (ms: number) => new Promise(r => setTimeout(r, ms));
async function main() {
  const emulator = await Emulator.start();
  try {
    Object.assign(process.env, emulator.environment);
    const cdk = new CdkCli(emulator, 'npx tsx --tsconfig /work/main/tsconfig.dev.json /tmp/gate-try/app.ts');
    await cdk.bootstrap();
    const ecr = new ECRClient({}), ecsClient = new ECSClient({});
    const manifest = (n: string) => JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.docker.distribution.manifest.v2+json', config: { mediaType: 'application/vnd.docker.container.image.v1+json', size: 1, digest: 'sha256:' + n.repeat(64) }, layers: [] });
    const name = async () => { for (;;) { const r = await ecr.send(new DescribeRepositoriesCommand({})).catch(() => undefined); const f = r?.repositories?.find(x => x.repositoryName!.includes('gatetry') || x.repositoryName!.includes('GateTry') || x.repositoryName!.toLowerCase().includes('registry')); if (f) return f.repositoryName!; await sleep(500); } };
    const image = async () => { const l = await ecsClient.send(new ListTaskDefinitionsCommand({})); const d = await ecsClient.send(new DescribeTaskDefinitionCommand({ taskDefinition: l.taskDefinitionArns!.at(-1)! })); return d.taskDefinition!.containerDefinitions![0].image; };
    let t = Date.now();
    const first = cdk.deploy(['GateTry'], { context: { tag: 'v1' } });
    first.catch(() => undefined); const repo = await Promise.race([name(), first.then(() => "", e => { throw e; })]); console.log('repository', repo, 'after', Date.now() - t);
    await sleep(20000); await ecr.send(new PutImageCommand({ repositoryName: repo, imageManifest: manifest('a'), imageTag: 'v1' })); console.log('pushed');
    await first; console.log('FIRST done', Date.now() - t, await image());
    t = Date.now();
    await cdk.deploy(['GateTry'], { context: { tag: 'v2' } }).then(() => console.log('unexpected'), e => console.log('MISSING failed', Date.now() - t, String(e).split('\n').filter((l: string) => /There is no image|docker/.test(l)).slice(0, 4)));
    console.log('after', await image());
    await ecr.send(new PutImageCommand({ repositoryName: repo, imageManifest: manifest('b'), imageTag: 'v3' }));
    await ecr.send(new BatchDeleteImageCommand({ repositoryName: repo, imageIds: [{ imageTag: 'v1' }] }));
    t = Date.now(); await cdk.deploy(['GateTry'], { context: { tag: 'v3' } }); console.log('SECOND', Date.now() - t, await image());
    await ecr.send(new BatchDeleteImageCommand({ repositoryName: repo, imageIds: [{ imageTag: 'v3' }] }));
    t = Date.now(); await cdk.deploy(['GateTry'], { context: { tag: 'v1' } }); console.log('BACK to removed v1', Date.now() - t, await image());
    await cdk.destroy(['GateTry']); console.log('DESTROYED');
  } catch (e) { console.log('ERR', String(e).slice(0, 3000)); } finally { await emulator.stop(); }
}
void main();
