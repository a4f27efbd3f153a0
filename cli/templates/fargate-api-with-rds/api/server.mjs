import { createServer } from 'node:http';

const server = createServer((request, response) => {
  const isHealth = request.url === '/health';
  response.writeHead(isHealth ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: isHealth }));
});

// The load balancer keeps idle connections for 60 s; closing them before it does would turn its next request into a 502.
server.keepAliveTimeout = 65_000;
server.listen(8080);
process.on('SIGTERM', () => server.close());
