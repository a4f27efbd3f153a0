import * as fs from 'fs';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Client } from 'pg';
import { ArcadeWorld } from './arcade-world';
import { Emulator } from './emulator';
import { indexChanges } from '../../src/search/ingestion/index-changes';
import { relay } from '../../src/search/ingestion/relay';
import { OpenSearch } from '../../src/search/open-search';

/**
 * Brings the games of the deployed database into the deployed domain: the library's own relay and indexer, with the login and the role of the deployed ones.
 * The functions themselves would connect to the proxy of the database, which has no port here.
 */
export async function indexGames(emulator: Emulator, world: ArcadeWorld): Promise<number> {
  const search = await [...emulator.dataPlane.searches.values()][0];
  const functionName = await world.find('AWS::Lambda::Function', 'SearchIngestionIndexer');
  const { Role } = await new LambdaClient(emulator.clientSettings).send(new GetFunctionConfigurationCommand({ FunctionName: functionName }));
  const openSearch = OpenSearch.fromEnvironment(search.endpoint, search.environment(Role!), 20_000);
  const database = await connect(emulator, world);
  try {
    const messages: string[] = [];
    await relay(database, async bodies => void messages.push(...bodies), { pause: 0, until: Date.now() + 60_000 });
    const failed = await indexChanges(messages.map((body, index) => ({ messageId: `${index}`, body })), { database, openSearch });
    if (failed.length > 0) throw new Error(`${failed.length} of ${messages.length} changes were not indexed`);
    return messages.length;
  } finally {
    await database.end();
  }
}

async function connect(emulator: Emulator, world: ArcadeWorld): Promise<Client> {
  const SecretId = await world.find('AWS::SecretsManager::Secret', 'DatabaseApplicationSecret');
  const { SecretString } = await new SecretsManagerClient(emulator.clientSettings).send(new GetSecretValueCommand({ SecretId }));
  const { username: user, password, dbname } = JSON.parse(SecretString!);
  const [{ port }] = emulator.dataPlane.databases.values();
  const client = new Client({ host: '127.0.0.1', port, user, password, database: dbname, ssl: { ca: fs.readFileSync(emulator.authority.certificate, 'utf8') } });
  await client.connect();
  return client;
}
