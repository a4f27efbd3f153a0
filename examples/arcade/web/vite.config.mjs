import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** On a developer's machine nobody deploys a config.js: here it is made of the variables of the shell. */
const configuration = {
  name: 'configuration',
  configureServer(server) {
    server.middlewares.use('/config.js', (request, response) => {
      const { VITE_API_BASE_URL = '', AUTH_ISSUER, AUTH_CLIENT_ID, AUTH_URL } = process.env;
      response.setHeader('Content-Type', 'text/javascript');
      response.end(`window.__CONFIG__ = ${JSON.stringify({ VITE_API_BASE_URL, AUTH_ISSUER, AUTH_CLIENT_ID, AUTH_URL })};`);
    });
  },
};

export default defineConfig({
  plugins: [react(), configuration],
  build: {
    // A data: address would need a Content-Security-Policy that allows it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
