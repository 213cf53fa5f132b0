// The functions of the vectors beside the entries: what awaits, keeps and reads them.
//
// Functions are made anew with every format version: whoever changes one raises format_version.
// That they set which plans the server may take is as in schema_search_functions.cpp.
#include "schema.hpp"

namespace holdfast::postgresql {

const char* const vector_functions = R"sql(
-- Brings vectors in line with texts, in the step that writes these: one of another text goes, and
-- that of the new one is awaited. The caller holds the entries.
CREATE OR REPLACE FUNCTION @schema@.search_await(
  p_namespaces text[], p_created_revisions bigint[], p_texts text[])
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  DELETE FROM @schema@.search_vector v WHERE v.ctid = ANY (ARRAY(
    SELECT s.ctid FROM unnest(p_namespaces, p_created_revisions, p_texts)
      AS c(namespace, created_revision, text)
    CROSS JOIN LATERAL (SELECT n.id FROM @schema@.search_namespace n
      WHERE n.namespace = c.namespace OFFSET 0) n
    CROSS JOIN LATERAL (SELECT v.ctid FROM @schema@.search_vector v
      WHERE v.namespace_id = n.id AND v.created_revision = c.created_revision OFFSET 0) s
    WHERE c.text IS NULL));
  INSERT INTO @schema@.search_vector AS v (namespace_id, created_revision, text_hash)
    SELECT n.id, c.created_revision, sha256(convert_to(c.text, 'UTF8'))
    FROM unnest(p_namespaces, p_created_revisions, p_texts) AS c(namespace, created_revision, text)
    CROSS JOIN LATERAL (SELECT s.id FROM @schema@.search_namespace s
      WHERE s.namespace = c.namespace OFFSET 0) n
    WHERE c.text IS NOT NULL
    ON CONFLICT (namespace_id, created_revision) DO UPDATE
      SET text_hash = excluded.text_hash, vector = NULL
      WHERE v.text_hash <> excluded.text_hash;
END $$;

-- Keeps vectors whose entries are live and have the revisions, and says the instant and how many
-- there are, with the p_kept of earlier calls of the transaction.
--
-- What gives ids in a namespace comes one after the other, up to the commit: so they come to be
-- seen in their order. That commit is durable, as an id that somebody has seen must not be given
-- again. Entries are held, so that none gets another text meanwhile; each statement sees what was
-- committed before it, as the transaction is READ COMMITTED.
CREATE OR REPLACE FUNCTION @schema@.search_put_vectors(
  p_session bigint, p_nonce bigint, p_now bigint, p_floor bigint, p_generation bigint,
  p_kept bigint, p_namespaces text[], p_keys text[], p_revisions bigint[], p_vectors bytea[])
RETURNS bigint[] LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
  v_now bigint := @schema@.instant(p_now, p_floor);
  v_lock integer;
  v_ids bigint[];
  v_created bigint[];
  v_vectors bytea[];
  v_results bigint[];
BEGIN
  PERFORM @schema@.enter_write(true);
  -- Whoever changes what is configured, or takes names out, waits for those who write.
  LOCK TABLE @schema@.entry IN ROW EXCLUSIVE MODE;
  IF p_generation <> (SELECT s.search_generation FROM @schema@.store s) THEN
    RAISE EXCEPTION 'what is configured for searching has changed' USING ERRCODE = 'HF006';
  END IF;
  FOR v_lock IN SELECT DISTINCT (n.id & 2147483647)::integer FROM unnest(p_namespaces) AS a(name)
    CROSS JOIN LATERAL (SELECT s.id FROM @schema@.search_namespace s
      WHERE s.namespace = a.name OFFSET 0) n ORDER BY 1 LOOP
    PERFORM pg_advisory_xact_lock(
      '@schema@.search_vector'::regclass::oid::bigint::bit(32)::integer, v_lock);
  END LOOP;
  -- In the order in which writers hold entries.
  SELECT array_agg(h.id), array_agg(h.created_revision), array_agg(h.vector)
    INTO v_ids, v_created, v_vectors FROM (
      SELECT n.id, e.created_revision, a.vector
      FROM unnest(p_namespaces, p_keys, p_revisions, p_vectors) WITH ORDINALITY
          AS a(namespace, key, revision, vector, place)
        JOIN @schema@.search_namespace n ON n.namespace = a.namespace
        JOIN @schema@.entry e ON e.namespace = a.namespace AND e.key = a.key
      WHERE e.revision = a.revision AND (e.expires_at IS NULL OR e.expires_at > v_now)
      ORDER BY a.namespace COLLATE "C", a.key COLLATE "C", a.place FOR SHARE OF e) h;
  -- Of several for one entry, the last.
  WITH kept AS (
    UPDATE @schema@.search_vector v SET id = DEFAULT, vector = c.vector FROM (
      SELECT DISTINCT ON (h.id, h.created_revision) h.id, h.created_revision, h.vector
      FROM unnest(v_ids, v_created, v_vectors) WITH ORDINALITY
        AS h(id, created_revision, vector, place)
      ORDER BY h.id, h.created_revision, h.place DESC) c
    WHERE v.namespace_id = c.id AND v.created_revision = c.created_revision
    RETURNING v.namespace_id, v.created_revision
  )
  SELECT ARRAY[v_now, p_kept + count(*)] INTO v_results
    FROM unnest(v_ids, v_created) AS h(id, created_revision)
    JOIN kept k ON k.namespace_id = h.id AND k.created_revision = h.created_revision;
  PERFORM @schema@.leave_write(p_session, p_nonce, v_results);
  RETURN v_results;
END $$;

-- A restore under revisions given takes entries out and puts them in again. Those that keep their
-- place in the order of creation (p_entries) may keep their texts, and with them their vectors:
-- these are out of the reach of what forgets them, until search_show_vectors.
CREATE OR REPLACE FUNCTION @schema@.search_hide_vectors(p_entries tid[])
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  UPDATE @schema@.search_vector v SET namespace_id = -n.id
    FROM @schema@.entry e JOIN @schema@.search_namespace n ON n.namespace = e.namespace
    WHERE e.ctid = ANY (p_entries) AND v.namespace_id = n.id
      AND v.created_revision = e.created_revision;
END $$;
CREATE OR REPLACE FUNCTION @schema@.search_show_vectors(
  p_namespaces text[], p_created_revisions bigint[])
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  UPDATE @schema@.search_vector v SET namespace_id = n.id
    FROM unnest(p_namespaces, p_created_revisions) AS c(namespace, created_revision)
      JOIN @schema@.search_namespace n ON n.namespace = c.namespace
    WHERE v.namespace_id = -n.id AND v.created_revision = c.created_revision;
END $$;

-- The namespaces in ranges that have vectors: the greatest id in each, and how many there are. That
-- they are no more than the entries is enough, unless these are more than p_most.
CREATE OR REPLACE FUNCTION @schema@.search_vector_heads(
  p_now bigint, p_floor bigint, p_firsts text[], p_ends text[], p_most bigint)
RETURNS TABLE (instant bigint, id bigint, namespace text, last bigint, vectors bigint)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT @schema@.instant(p_now, p_floor), n.id, n.namespace, h.id,
      CASE WHEN t.entries <= p_most THEN t.entries ELSE (
        SELECT count(*) FROM @schema@.search_vector v
        WHERE v.namespace_id = n.id AND v.vector IS NOT NULL) END
    FROM @schema@.search_namespaces(p_firsts, p_ends) n
    CROSS JOIN LATERAL (SELECT v.id FROM @schema@.search_vector v
      WHERE v.namespace_id = n.id AND v.vector IS NOT NULL ORDER BY v.id DESC LIMIT 1) h
    CROSS JOIN LATERAL (SELECT coalesce(sum(s.entries), 0)::bigint AS entries
      FROM @schema@.tally s WHERE s.namespace = n.namespace) t;
END $$;

-- Vectors of a namespace with greater ids than p_after, up to p_limit, in the order of their ids.
CREATE OR REPLACE FUNCTION @schema@.search_vectors_after(
  p_namespace_id bigint, p_after bigint, p_limit bigint)
RETURNS TABLE (id bigint, created_revision bigint, vector text) LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT v.id, v.created_revision, encode(v.vector, 'hex')
    FROM @schema@.search_vector v
    WHERE v.namespace_id = p_namespace_id AND v.id > p_after AND v.vector IS NOT NULL
    ORDER BY v.id LIMIT p_limit;
END $$;

-- Vectors, or those that are awaited, of the namespaces from p_namespace on and before p_end: in
-- their order, and within each in that of creation, behind p_created in the first one.
CREATE OR REPLACE FUNCTION @schema@.search_vector_page(
  p_namespace text, p_created bigint, p_end text, p_awaited boolean, p_limit bigint)
RETURNS TABLE (namespace text, created_revision bigint, vector bytea) LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
  v_left bigint := p_limit;
  v_found bigint;
  v_ns record;
BEGIN
  FOR v_ns IN SELECT n.id, n.namespace,
      CASE WHEN n.namespace = p_namespace THEN p_created ELSE -1 END AS created
    FROM @schema@.search_namespace n WHERE n.namespace >= p_namespace AND n.namespace < p_end
    ORDER BY n.namespace LOOP
    IF p_awaited THEN
      RETURN QUERY SELECT v_ns.namespace, v.created_revision, v.vector
        FROM @schema@.search_vector v WHERE v.namespace_id = v_ns.id AND v.vector IS NULL
          AND v.created_revision > v_ns.created ORDER BY v.created_revision LIMIT v_left;
    ELSE
      RETURN QUERY SELECT v_ns.namespace, v.created_revision, v.vector
        FROM @schema@.search_vector v WHERE v.namespace_id = v_ns.id AND v.vector IS NOT NULL
          AND v.created_revision > v_ns.created ORDER BY v.created_revision LIMIT v_left;
    END IF;
    GET DIAGNOSTICS v_found = ROW_COUNT;
    v_left := v_left - v_found;
    EXIT WHEN v_left = 0;
  END LOOP;
END $$;
)sql";

}  // namespace holdfast::postgresql
