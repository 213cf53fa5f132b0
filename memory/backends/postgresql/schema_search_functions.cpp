// The functions of the search index: what keeps it in step with the entries, and what reads it.
//
// Functions are made anew with every format version: whoever changes one raises format_version.
// That some of them set which plans the server may take keeps their cost with what they look up:
// it cannot know how much that is, and statistics of terms are not gathered.
#include "schema.hpp"

namespace holdfast::postgresql {

const char* const search_functions = R"sql(
-- Before entries are written: whoever writes has to know what is configured now. Changes of that
-- lock the table, so that it stays so until the transaction ends.
CREATE OR REPLACE FUNCTION @schema@.search_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('holdfast.search_generation', true) IS DISTINCT FROM
    (SELECT s.search_generation::text FROM @schema@.store s) THEN
    RAISE EXCEPTION 'the store keeps a search index, which a writer has to know as it is now'
      USING ERRCODE = 'HF006';
  END IF;
  RETURN NULL;
END $$;

-- After entries went. Nobody else changes their documents: whoever would holds the entry.
CREATE OR REPLACE FUNCTION @schema@.search_forget_gone() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
  DELETE FROM @schema@.search_document d WHERE d.ctid = ANY (ARRAY(
    SELECT s.ctid FROM gone g
    CROSS JOIN LATERAL (SELECT n.id FROM @schema@.search_namespace n
      WHERE n.namespace = g.namespace OFFSET 0) n
    CROSS JOIN LATERAL (SELECT d.ctid FROM @schema@.search_document d
      WHERE d.namespace_id = n.id AND d.created_revision = g.created_revision OFFSET 0) s));
  DELETE FROM @schema@.search_vector v WHERE v.ctid = ANY (ARRAY(
    SELECT s.ctid FROM gone g
    CROSS JOIN LATERAL (SELECT n.id FROM @schema@.search_namespace n
      WHERE n.namespace = g.namespace OFFSET 0) n
    CROSS JOIN LATERAL (SELECT v.ctid FROM @schema@.search_vector v
      WHERE v.namespace_id = n.id AND v.created_revision = g.created_revision OFFSET 0) s));
  RETURN NULL;
END $$;

-- After an entry took the place of one that had expired, or of any by a restore.
CREATE OR REPLACE FUNCTION @schema@.search_forget_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_id bigint := (SELECT n.id FROM @schema@.search_namespace n WHERE n.namespace = OLD.namespace);
BEGIN
  DELETE FROM @schema@.search_document d
    WHERE d.namespace_id = v_id AND d.created_revision = OLD.created_revision;
  DELETE FROM @schema@.search_vector v
    WHERE v.namespace_id = v_id AND v.created_revision = OLD.created_revision;
  RETURN NULL;
END $$;

-- Puts documents, each in the place of the one that is there; where lengths are null, none is kept.
-- p_terms and p_counts have an array for each, as text. p_texts has the texts to be embedded, or
-- null for those without; it is null where no vectors are kept at all.
CREATE OR REPLACE FUNCTION @schema@.search_put(
  p_generation bigint, p_namespaces text[], p_created_revisions bigint[], p_lengths bytea[],
  p_terms text[], p_counts text[], p_texts text[])
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
BEGIN
  IF p_generation <> (SELECT s.search_generation FROM @schema@.store s) THEN
    RAISE EXCEPTION 'what is configured for searching has changed' USING ERRCODE = 'HF006';
  END IF;
  INSERT INTO @schema@.search_namespace (namespace)
    SELECT DISTINCT a.namespace COLLATE "C" FROM unnest(p_namespaces) AS a(namespace)
    WHERE NOT EXISTS (SELECT FROM @schema@.search_namespace n
      WHERE n.namespace = a.namespace OFFSET 0)
    ORDER BY 1 ON CONFLICT (namespace) DO NOTHING;
  INSERT INTO @schema@.search_document AS d
    SELECT n.id, c.created_revision, c.lengths, ARRAY(SELECT n.id || ' ' || t.term
        FROM unnest(c.terms::text[]) WITH ORDINALITY AS t(term, place) ORDER BY t.place),
      c.counts::bytea[]
    FROM unnest(p_namespaces, p_created_revisions, p_lengths, p_terms, p_counts)
      AS c(namespace, created_revision, lengths, terms, counts)
      CROSS JOIN LATERAL (SELECT s.id FROM @schema@.search_namespace s
        WHERE s.namespace = c.namespace OFFSET 0) n
    WHERE c.lengths IS NOT NULL
    ON CONFLICT (namespace_id, created_revision) DO UPDATE
      SET lengths = excluded.lengths, terms = excluded.terms, counts = excluded.counts
      WHERE (d.lengths, d.terms, d.counts)
        IS DISTINCT FROM (excluded.lengths, excluded.terms, excluded.counts);
  IF p_texts IS NOT NULL THEN
    PERFORM @schema@.search_await(p_namespaces, p_created_revisions, p_texts);
  END IF;
END $$;

-- The namespaces with documents in ranges (first included, end excluded).
CREATE OR REPLACE FUNCTION @schema@.search_namespaces(p_firsts text[], p_ends text[])
RETURNS TABLE (id bigint, namespace text) LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
BEGIN
  RETURN QUERY SELECT n.id, n.namespace FROM unnest(p_firsts, p_ends) AS r(first, past)
    CROSS JOIN LATERAL (SELECT * FROM @schema@.search_namespace s
      WHERE s.namespace >= r.first AND s.namespace < r.past OFFSET 0) n;
END $$;

-- Takes all that the index has of the namespaces in ranges out, while nobody else writes; but for
-- vectors that have an entry, where p_keeps_vectors.
CREATE OR REPLACE FUNCTION @schema@.search_clear(
  p_firsts text[], p_ends text[], p_keeps_vectors boolean)
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  v_ids bigint[];
BEGIN
  v_ids := ARRAY(SELECT n.id FROM @schema@.search_namespaces(p_firsts, p_ends) n);
  DELETE FROM @schema@.search_document d WHERE d.namespace_id = ANY (v_ids);
  DELETE FROM @schema@.search_vector v USING @schema@.search_namespace n
    WHERE v.namespace_id = ANY (v_ids) AND n.id = v.namespace_id
      AND NOT (p_keeps_vectors AND EXISTS (SELECT FROM @schema@.entry e
        WHERE e.namespace = n.namespace AND e.created_revision = v.created_revision OFFSET 0));
  PERFORM @schema@.search_forget_names(p_firsts, p_ends);
END $$;

-- Takes the names of the namespaces in ranges of which the index has nothing out, while nobody else
-- writes.
CREATE OR REPLACE FUNCTION @schema@.search_forget_names(p_firsts text[], p_ends text[])
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  DELETE FROM @schema@.search_namespace s
    WHERE s.id = ANY (ARRAY(SELECT n.id FROM @schema@.search_namespaces(p_firsts, p_ends) n
      WHERE NOT EXISTS (
        SELECT FROM @schema@.search_document d WHERE d.namespace_id = n.id OFFSET 0)
        AND NOT EXISTS (
        SELECT FROM @schema@.search_vector v WHERE v.namespace_id = n.id OFFSET 0)));
END $$;

-- The postings of terms in namespaces: for each that has some, rows of eight bytes of
-- created_revision and the counts, by created_revision.
CREATE OR REPLACE FUNCTION @schema@.search_postings(p_ids bigint[], p_terms text[])
RETURNS TABLE (id bigint, term text, data text) LANGUAGE plpgsql STABLE
-- The index by term alone.
SET enable_seqscan = off SET enable_indexscan = off SET enable_indexonlyscan = off
SET enable_bitmapscan = on SET jit = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT n.id, t.term, p.data
    FROM unnest(p_ids) AS n(id) CROSS JOIN unnest(p_terms) AS t(term)
    CROSS JOIN LATERAL (
      SELECT encode(string_agg(int8send(d.created_revision)
          || d.counts[array_position(d.terms, n.id || ' ' || t.term)], ''
          ORDER BY d.created_revision), 'hex') AS data
      FROM @schema@.search_document d WHERE d.terms @> ARRAY[n.id || ' ' || t.term]) p
    WHERE p.data IS NOT NULL;
END $$;

-- All that a search needs of the namespaces in ranges: the instant (kind 0), their documents (1),
-- which of their entries have expired (2), and the postings (3); numbers of namespaces in `id`.
CREATE OR REPLACE FUNCTION @schema@.search_read(
  p_now bigint, p_floor bigint, p_firsts text[], p_ends text[], p_terms text[])
RETURNS TABLE (kind integer, id bigint, name text, data text) LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
  v_now bigint := @schema@.instant(p_now, p_floor);
  v_ids bigint[];
  v_namespaces text[];
BEGIN
  RETURN QUERY SELECT 0, v_now, NULL::text, NULL::text;
  SELECT array_agg(n.id), array_agg(n.namespace) INTO v_ids, v_namespaces FROM (
    SELECT * FROM @schema@.search_namespaces(p_firsts, p_ends) s
    ORDER BY s.namespace COLLATE "C") n;
  RETURN QUERY SELECT 1, n.id, n.namespace, (
      SELECT encode(string_agg(int8send(d.created_revision) || d.lengths, ''), 'hex') FROM (
        SELECT s.created_revision, s.lengths FROM @schema@.search_document s
        WHERE s.namespace_id = n.id ORDER BY s.created_revision) d)
    FROM unnest(v_ids, v_namespaces) AS n(id, namespace);
  -- The index knows whether there are any; most of the time there are none.
  IF EXISTS (
    SELECT FROM unnest(p_firsts, p_ends) AS r(first, past) CROSS JOIN LATERAL (
      SELECT count(*) AS entries FROM @schema@.entry e WHERE e.expires_at <= v_now
        AND e.namespace >= r.first AND e.namespace < r.past) x WHERE x.entries > 0) THEN
    RETURN QUERY SELECT 2, n.id, NULL::text, encode(string_agg(int8send(x.created_revision), ''
        ORDER BY x.created_revision), 'hex')
      FROM unnest(p_firsts, p_ends) AS r(first, past) CROSS JOIN LATERAL (
        SELECT e.namespace, e.created_revision FROM @schema@.entry e WHERE e.expires_at <= v_now
          AND e.namespace >= r.first AND e.namespace < r.past OFFSET 0) x
      JOIN unnest(v_ids, v_namespaces) AS n(id, namespace) ON n.namespace = x.namespace
      GROUP BY n.id;
  END IF;
  RETURN QUERY SELECT 3, p.id, p.term, p.data FROM @schema@.search_postings(v_ids, p_terms) p;
END $$;
)sql";

}  // namespace holdfast::postgresql
