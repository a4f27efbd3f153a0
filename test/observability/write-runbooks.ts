/* Writes docs/runbooks anew: npx projen runbooks */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'fs';
import { join } from 'path';
import { FOLDER, runbookPages } from './runbook-pages';

const pages = runbookPages();
mkdirSync(FOLDER, { recursive: true });
for (const file of readdirSync(FOLDER).filter(name => !pages.has(name))) rmSync(join(FOLDER, file));
for (const [file, text] of pages) writeFileSync(join(FOLDER, file), text);
console.log(`${pages.size} pages in docs/runbooks`);
