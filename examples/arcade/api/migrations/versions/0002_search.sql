CREATE SCHEMA IF NOT EXISTS search;

CREATE TABLE IF NOT EXISTS search.outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  index_name text NOT NULL,
  document_id text NOT NULL
);

CREATE OR REPLACE FUNCTION search.record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  before text;
  after text;
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    EXECUTE format('INSERT INTO search.outbox (index_name, document_id) SELECT DISTINCT $1, %1$I::text FROM %2$I.%3$I WHERE %1$I IS NOT NULL',
      TG_ARGV[1], TG_TABLE_SCHEMA, TG_TABLE_NAME) USING TG_ARGV[0];
    RETURN NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    EXECUTE format('SELECT ($1).%I::text', TG_ARGV[1]) INTO before USING OLD;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    EXECUTE format('SELECT ($1).%I::text', TG_ARGV[1]) INTO after USING NEW;
  END IF;
  INSERT INTO search.outbox (index_name, document_id)
    SELECT DISTINCT TG_ARGV[0], changed FROM unnest(ARRAY[before, after]) AS changed WHERE changed IS NOT NULL;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION search.watch(watched regclass, index_name text, id_column text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE OR REPLACE TRIGGER %I AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION search.record_change(%L, %L)',
    'search_' || index_name, watched, index_name, id_column);
  EXECUTE format('CREATE OR REPLACE TRIGGER %I BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION search.record_change(%L, %L)',
    'search_' || index_name || '_all', watched, index_name, id_column);
END $$;
