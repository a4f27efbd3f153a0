import { readFileSync } from 'fs';
import { join } from 'path';
import { SearchIngestion } from '../../src';

test('the outbox that arcade migrates its database to is the one that the ingestion reads', () => {
  const migration = join(__dirname, '../../examples/arcade/api/migrations/versions/0002_search.sql');
  expect(readFileSync(migration, 'utf8')).toBe(SearchIngestion.OUTBOX_SQL);
});
