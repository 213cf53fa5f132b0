-- A store of format version 1 as it was released: its tables and its functions.
CREATE TABLE @schema@.store (         -- one row
  id integer PRIMARY KEY CHECK (id = 1),
  format_version integer NOT NULL,
  change_log boolean NOT NULL,        -- whether removals leave tombstones
  restored_only boolean NOT NULL      -- whether nothing but restore has written
);
INSERT INTO @schema@.store VALUES (1, 1, false, true);

-- Revisions. A crash of the server can take back those that were given without a synchronous
-- commit; the row in `running`, which an unlogged table loses in every crash, tells that it has
-- happened, and the sequence then goes on far above (function recover).
-- Each number stands for itself and the 1,023 before it, so that a batch has its revisions in a
-- row, with nobody else's among them.
CREATE SEQUENCE @schema@.revision INCREMENT 1024 MINVALUE 0 START 0;
SELECT nextval('@schema@.revision');
CREATE UNLOGGED TABLE @schema@.running (yes boolean PRIMARY KEY CHECK (yes));
INSERT INTO @schema@.running VALUES (true);

CREATE TABLE @schema@.entry (
  namespace text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  created_revision bigint NOT NULL,
  created_at bigint NOT NULL,         -- milliseconds since 1970-01-01T00:00:00Z, as all times
  updated_at bigint NOT NULL,
  expires_at bigint,
  size integer NOT NULL,              -- bytes of namespace, key and value
  value text COLLATE "C" NOT NULL,    -- JSON
  PRIMARY KEY (namespace, key)
);
CREATE UNIQUE INDEX entry_by_created ON @schema@.entry (namespace, created_revision);
CREATE UNIQUE INDEX entry_by_updated ON @schema@.entry (namespace, revision);
CREATE UNIQUE INDEX entry_by_revision ON @schema@.entry (revision);
CREATE INDEX entry_by_expiry ON @schema@.entry (expires_at, namespace, size)
  WHERE expires_at IS NOT NULL;

-- Entries and bytes of each namespace, expired ones that were not reclaimed included: the sum of
-- its rows. A writer adds to a row that no other transaction holds, and makes one where all are
-- held, so that writers of one namespace do not wait for each other here.
CREATE TABLE @schema@.tally (
  namespace text COLLATE "C" NOT NULL,
  part bigint NOT NULL,               -- at random
  entries bigint NOT NULL,
  bytes bigint NOT NULL,
  PRIMARY KEY (namespace, part)
) WITH (fillfactor = 50);

-- One row for each connection that writes. A write leaves its number and its results here, in its
-- own transaction, so that its outcome can be told when the connection was lost on the way
-- (function settle).
CREATE TABLE @schema@.session (
  id bigint PRIMARY KEY,              -- at random
  nonce bigint NOT NULL,              -- of the last write
  fenced boolean NOT NULL,            -- whether no write may follow
  results bigint[],
  used_at bigint NOT NULL
) WITH (fillfactor = 50);

-- Where entries went, with the change log on. One that is older than the entry that lies there now
-- is without meaning.
CREATE TABLE @schema@.tombstone (
  revision bigint PRIMARY KEY,
  namespace text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL
);
CREATE INDEX tombstone_by_address ON @schema@.tombstone (namespace, key);

CREATE TABLE @schema@.indexed_path (  -- paths that equality filters find by an index
  path text COLLATE "C" PRIMARY KEY,
  index_name text NOT NULL
);

CREATE VIEW @schema@.entries AS       -- for people
SELECT namespace, key, value, revision, created_revision,
  to_timestamp(created_at / 1000.0) AS created_at,
  to_timestamp(updated_at / 1000.0) AS updated_at,
  to_timestamp(expires_at / 1000.0) AS expires_at
FROM @schema@.entry;

CREATE OR REPLACE FUNCTION @schema@.instant(p_now bigint, p_floor bigint) RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT coalesce(p_now,
    greatest(floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint, p_floor))
$$;

-- What the role or the server has asked for may be more than that.
CREATE OR REPLACE FUNCTION @schema@.commit_durably() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
END $$;

-- Begins a write. Until the transaction ends, a shared lock tells the others that revisions above
-- its number can still appear (function stable_revision), so it comes before any revision is taken.
CREATE OR REPLACE FUNCTION @schema@.enter_write(
  p_durable boolean, OUT change_log boolean, OUT restored_only boolean)
LANGUAGE plpgsql AS $$
BEGIN
  IF NOT p_durable THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  ELSE
    PERFORM @schema@.commit_durably();
  END IF;
  PERFORM pg_advisory_xact_lock_shared(
    '@schema@.revision'::regclass::oid::bigint::bit(32)::integer,
    (r.last_value / 1024 & 2147483647)::integer) FROM @schema@.revision r;
  SELECT s.change_log, s.restored_only INTO change_log, restored_only
    FROM @schema@.store s, @schema@.running;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the server has crashed since' USING ERRCODE = 'HF002';
  END IF;
END $$;

-- For what looks up a number of entries that the planner cannot know: it would read all of them.
-- Until the transaction ends.
CREATE OR REPLACE FUNCTION @schema@.use_indexes() RETURNS void LANGUAGE sql AS $$
  SELECT set_config('enable_seqscan', 'off', true)
$$;

-- Ends a write: leaves its number and what it gave.
CREATE OR REPLACE FUNCTION @schema@.leave_write(
  p_session bigint, p_nonce bigint, p_results bigint[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE @schema@.session SET nonce = p_nonce, results = p_results,
      used_at = (extract(epoch FROM statement_timestamp()) * 1000)::bigint
    WHERE id = p_session AND NOT fenced;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the session may not write any more' USING ERRCODE = 'HF001';
  END IF;
END $$;

CREATE OR REPLACE FUNCTION @schema@.mark_written() RETURNS void LANGUAGE sql AS $$
  UPDATE @schema@.store SET restored_only = false WHERE restored_only
$$;

CREATE OR REPLACE FUNCTION @schema@.add_tally(p_namespace text, p_entries bigint, p_bytes bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_part bigint;
  v_entries bigint;
  v_bytes bigint;
BEGIN
  IF p_entries = 0 AND p_bytes = 0 THEN RETURN; END IF;
  SELECT t.part, t.entries + p_entries, t.bytes + p_bytes INTO v_part, v_entries, v_bytes
    FROM @schema@.tally t WHERE t.namespace = p_namespace LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    INSERT INTO @schema@.tally
      VALUES (p_namespace, (random() * 9e18)::bigint, p_entries, p_bytes);
  ELSIF v_entries = 0 AND v_bytes = 0 THEN
    DELETE FROM @schema@.tally t WHERE t.namespace = p_namespace AND t.part = v_part;
  ELSE
    UPDATE @schema@.tally t SET entries = v_entries, bytes = v_bytes
      WHERE t.namespace = p_namespace AND t.part = v_part;
  END IF;
END $$;

-- Takes up to p_limit expired entries out, leaving alone those that others hold.
CREATE OR REPLACE FUNCTION @schema@.reclaim(p_limit bigint, p_now bigint, p_change_log boolean)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_count bigint := 0;
  v_group record;
BEGIN
  PERFORM @schema@.use_indexes();
  FOR v_group IN
    WITH due AS (
      SELECT e.namespace, e.key FROM @schema@.entry e WHERE e.expires_at <= p_now
      ORDER BY e.expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED
    ), gone AS (
      DELETE FROM @schema@.entry e USING due d
      WHERE e.namespace = d.namespace AND e.key = d.key RETURNING e.namespace, e.key, e.size
    ), dead AS (
      INSERT INTO @schema@.tombstone
      SELECT nextval('@schema@.revision'), g.namespace, g.key FROM gone g WHERE p_change_log
    )
    SELECT g.namespace, count(*) AS entries, sum(g.size) AS bytes FROM gone g
    GROUP BY g.namespace ORDER BY g.namespace
  LOOP
    PERFORM @schema@.add_tally(v_group.namespace, -v_group.entries, -v_group.bytes);
    v_count := v_count + v_group.entries;
  END LOOP;
  RETURN v_count;
END $$;

-- Writers of handles with limits come one after the other.
CREATE OR REPLACE FUNCTION @schema@.lock_limits() RETURNS void LANGUAGE sql AS $$
  SELECT pg_advisory_xact_lock(4294967296 + '@schema@.revision'::regclass::oid::bigint)
$$;

-- Refuses a write that has grown the store past a limit (null: none); reclaims expired entries
-- before. Says how many.
CREATE OR REPLACE FUNCTION @schema@.enforce_limits(
  p_max_entries bigint, p_max_bytes bigint, p_grown_entries bigint, p_grown_bytes bigint,
  p_now bigint, p_change_log boolean)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_entries bigint;
  v_bytes bigint;
  v_swept bigint;
  v_reclaimed bigint := 0;
BEGIN
  LOOP
    SELECT coalesce(sum(t.entries), 0), coalesce(sum(t.bytes), 0) INTO v_entries, v_bytes
      FROM @schema@.tally t;
    IF NOT coalesce(p_grown_entries > 0 AND v_entries > p_max_entries, false)
      AND NOT coalesce(p_grown_bytes > 0 AND v_bytes > p_max_bytes, false) THEN
      RETURN v_reclaimed;
    END IF;
    v_swept := @schema@.reclaim(256, p_now, p_change_log);
    IF v_swept = 0 THEN
      RAISE EXCEPTION 'the store''s limit would be passed: % entries of % bytes%',
        v_entries, v_bytes, concat(', max_entries=' || p_max_entries, ', max_bytes=' || p_max_bytes)
        USING ERRCODE = 'HF003';
    END IF;
    v_reclaimed := v_reclaimed + v_swept;
  END LOOP;
END $$;

-- The greatest R such that no change at or below it can still appear. A writer that was not seen
-- holding its lock takes its revisions after last_value was read, or its changes are visible now.
CREATE OR REPLACE FUNCTION @schema@.stable_revision() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_last bigint;
BEGIN
  IF pg_is_in_recovery() THEN
    RAISE EXCEPTION 'a standby does not know which writes are under way' USING ERRCODE = 'HF005';
  END IF;
  SELECT r.last_value INTO v_last FROM @schema@.revision r;
  RETURN (
    -- One that began since last_value was read stands above it, where the difference comes round.
    SELECT least(v_last, min(v_last - d.difference * 1024)
      FILTER (WHERE d.difference < 1073741824))
    FROM pg_locks l,
      LATERAL (SELECT (v_last / 1024 - l.objid::bigint) & 2147483647 AS difference) d
    WHERE l.locktype = 'advisory' AND l.objsubid = 2
      AND l.classid = '@schema@.revision'::regclass::oid
      AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()));
END $$;

-- After a crash of the server; see the sequence.
CREATE OR REPLACE FUNCTION @schema@.recover() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock('@schema@.revision'::regclass::oid::bigint);
  IF NOT EXISTS (SELECT FROM @schema@.running) THEN
    -- The next crash must not take this back along with the row in `running`.
    PERFORM @schema@.commit_durably();
    PERFORM setval('@schema@.revision', r.last_value + 17179869184) FROM @schema@.revision r;
    INSERT INTO @schema@.running VALUES (true);
  END IF;
END $$;

-- Lets a connection write under this number, and forgets sessions that nobody can ask for any more.
CREATE OR REPLACE FUNCTION @schema@.open_session(p_session bigint, p_forget_after bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_now bigint := (extract(epoch FROM statement_timestamp()) * 1000)::bigint;
BEGIN
  PERFORM @schema@.commit_durably();
  DELETE FROM @schema@.session WHERE id IN (
    SELECT s.id FROM @schema@.session s WHERE s.used_at < v_now - p_forget_after
    LIMIT 100 FOR UPDATE SKIP LOCKED);
  INSERT INTO @schema@.session VALUES (p_session, 0, false, NULL, v_now);
END $$;

-- What became of a session's last write: waits until its transaction is over, and lets no other
-- follow. No row: the session is not known.
CREATE OR REPLACE FUNCTION @schema@.settle(p_session bigint)
RETURNS TABLE (nonce bigint, results bigint[]) LANGUAGE sql AS $$
  UPDATE @schema@.session s SET fenced = true WHERE s.id = p_session RETURNING s.nonce, s.results
$$;

-- That nothing lies at an address can be relied upon only while nobody else can put something
-- there: entries that have expired hold the places until the transaction removes them. Gives their
-- revisions; null: there are none.
CREATE OR REPLACE FUNCTION @schema@.hold_absent(
  p_kinds integer[], p_namespaces text[], p_keys text[], p_conditions integer[])
RETURNS bigint[] LANGUAGE sql AS $$
  WITH ghost AS (
    INSERT INTO @schema@.entry
    SELECT o.namespace, o.key, o.revision, o.revision, 0, 0, 0, 0, 'null' FROM (
      SELECT a.namespace, a.key, nextval('@schema@.revision') AS revision
      FROM unnest(p_kinds, p_namespaces, p_keys, p_conditions)
        AS a(kind, namespace, key, condition)
      -- Those that would make an entry find out when they do.
      WHERE (a.kind IN (0, 2, 4) OR a.kind = 1 AND a.condition IN (2, 3)) AND NOT EXISTS (
        SELECT FROM @schema@.entry e WHERE e.namespace = a.namespace AND e.key = a.key)
      ORDER BY a.namespace COLLATE "C", a.key COLLATE "C") o
    ON CONFLICT (namespace, key) DO NOTHING RETURNING entry.revision
  )
  SELECT array_agg(g.revision) FROM ghost g
$$;

-- One operation.
CREATE OR REPLACE FUNCTION @schema@.write_one(
  p_session bigint, p_nonce bigint, p_durable boolean, p_now bigint, p_floor bigint,
  p_max_value bigint, p_max_entries bigint, p_max_bytes bigint,
  p_kind integer, p_namespace text, p_key text, p_condition integer, p_revision bigint,
  p_keep_ttl boolean, p_ttl bigint, p_delta bigint, p_value text, p_previous boolean,
  OUT instant bigint, OUT status integer, OUT revision bigint, OUT number bigint,
  OUT reclaimed bigint, OUT old_value text, OUT old_revision bigint,
  OUT old_created_revision bigint, OUT old_created_at bigint, OUT old_updated_at bigint,
  OUT old_expires_at bigint)
LANGUAGE plpgsql AS $$
DECLARE
  v_change_log boolean;
  v_restored_only boolean;
  v_old @schema@.entry%ROWTYPE;
  v_found boolean;
  v_live boolean;
  v_value text := p_value;
  v_size integer;
  v_sum numeric;
BEGIN
  instant := @schema@.instant(p_now, p_floor);
  number := 0;
  reclaimed := 0;
  SELECT w.change_log, w.restored_only INTO v_change_log, v_restored_only
    FROM @schema@.enter_write(p_durable) w;
  IF p_max_entries IS NOT NULL OR p_max_bytes IS NOT NULL THEN
    PERFORM @schema@.lock_limits();
  END IF;
  LOOP
    SELECT * INTO v_old FROM @schema@.entry e
      WHERE e.namespace = p_namespace AND e.key = p_key FOR UPDATE;
    v_found := FOUND;
    v_live := v_found AND (v_old.expires_at IS NULL OR v_old.expires_at > instant);
    revision := CASE WHEN v_live THEN v_old.revision ELSE 0 END;
    IF v_live AND (p_previous OR p_kind = 3) THEN
      old_value := v_old.value;
      old_revision := v_old.revision;
      old_created_revision := v_old.created_revision;
      old_created_at := v_old.created_at;
      old_updated_at := v_old.updated_at;
      old_expires_at := v_old.expires_at;
    END IF;
    IF p_condition <> 0 AND NOT (CASE p_condition WHEN 1 THEN NOT v_live WHEN 2 THEN v_live
        ELSE v_live AND v_old.revision = p_revision END) THEN
      status := 4;  -- unmet
      RETURN;
    ELSIF p_kind = 0 THEN
      status := 5;  -- checked
      RETURN;
    ELSIF p_kind IN (2, 4) AND NOT v_live THEN
      status := 3;  -- absent
      RETURN;
    ELSIF p_kind = 3 THEN
      v_sum := CASE WHEN NOT v_live THEN p_delta
        WHEN v_old.value ~ '^(0|-?[1-9][0-9]*)$' THEN v_old.value::numeric + p_delta END;
      IF v_sum IS NULL OR v_sum NOT BETWEEN -9223372036854775808 AND 9223372036854775807 THEN
        status := 6;  -- refused: the caller says why
        RETURN;
      END IF;
      number := v_sum;
      v_value := number::text;
    END IF;
    IF octet_length(v_value) > p_max_value THEN
      status := 7;  -- too large
      number := octet_length(v_value);
      RETURN;
    END IF;
    IF v_restored_only THEN
      PERFORM @schema@.mark_written();
    END IF;
    -- The entry is held from here on, so that its revisions rise with its writes.
    revision := nextval('@schema@.revision');
    v_size := octet_length(p_namespace) + octet_length(p_key) + octet_length(v_value);
    IF p_kind = 2 THEN
      DELETE FROM @schema@.entry e WHERE e.namespace = p_namespace AND e.key = p_key;
      IF v_change_log THEN
        INSERT INTO @schema@.tombstone VALUES (revision, p_namespace, p_key);
      END IF;
      PERFORM @schema@.add_tally(p_namespace, -1, -v_old.size);
      status := 2;  -- erased
      EXIT;
    ELSIF p_kind = 4 THEN
      UPDATE @schema@.entry e
        SET revision = write_one.revision, updated_at = instant, expires_at = instant + p_ttl
        WHERE e.namespace = p_namespace AND e.key = p_key;
      status := 1;  -- updated
      EXIT;
    ELSIF v_found THEN
      UPDATE @schema@.entry e
        SET revision = write_one.revision, updated_at = instant, size = v_size, value = v_value,
          created_revision = CASE WHEN v_live THEN e.created_revision ELSE write_one.revision END,
          created_at = CASE WHEN v_live THEN e.created_at ELSE instant END,
          expires_at = CASE WHEN v_live AND (p_kind = 3 OR p_keep_ttl) THEN e.expires_at
            ELSE instant + p_ttl END
        WHERE e.namespace = p_namespace AND e.key = p_key;
      PERFORM @schema@.add_tally(p_namespace, 0, v_size - v_old.size);
      status := CASE WHEN v_live THEN 1 ELSE 0 END;  -- updated, created
      reclaimed := CASE WHEN v_live THEN 0 ELSE 1 END;
      EXIT;
    END IF;
    INSERT INTO @schema@.entry VALUES (p_namespace, p_key, revision, revision, instant, instant,
      instant + p_ttl, v_size, v_value) ON CONFLICT (namespace, key) DO NOTHING;
    IF FOUND THEN
      PERFORM @schema@.add_tally(p_namespace, 1, v_size);
      status := 0;  -- created
      EXIT;
    END IF;
    -- Another one made it meanwhile: it is there at the next look.
  END LOOP;
  IF p_kind <> 2 AND (p_max_entries IS NOT NULL OR p_max_bytes IS NOT NULL) THEN
    -- An entry that had expired counts as reclaimed already.
    reclaimed := reclaimed + @schema@.enforce_limits(p_max_entries, p_max_bytes,
      CASE WHEN v_live THEN 0 ELSE 1 END, v_size - CASE WHEN v_live THEN v_old.size ELSE 0 END,
      instant, v_change_log);
  END IF;
  PERFORM @schema@.leave_write(p_session, p_nonce, CASE WHEN NOT p_previous THEN
    ARRAY[instant, reclaimed, status, revision, number] END);
END $$;

-- Operations on addresses that differ from one another, as one. Where one of them ends it all
-- (unmet without p_skip, refused, too large), nothing is written, and the row of the one that comes
-- first comes back alone. p_ranks say where each stood: its precondition times 2^32, plus the rest.
--
-- Each statement gives arrays, one element for each operation, to the next: the planner cannot know
-- how few rows a longer statement's parts give, and would read the whole table.
-- No aggregate beside those that make the arrays has an order of its own: from 16 on, the planner
-- would sort the rows of all of them by it.
CREATE OR REPLACE FUNCTION @schema@.write_many(
  p_session bigint, p_nonce bigint, p_durable boolean, p_now bigint, p_floor bigint,
  p_max_value bigint, p_max_entries bigint, p_max_bytes bigint, p_conditional boolean,
  p_kinds integer[], p_namespaces text[], p_keys text[], p_conditions integer[],
  p_revisions bigint[], p_skips boolean[], p_keep_ttls boolean[], p_ttls bigint[],
  p_deltas bigint[], p_values text[], p_previous boolean[], p_ranks bigint[])
RETURNS TABLE (instant bigint, status integer, revision bigint, number bigint, reclaimed bigint,
  old_value text, old_revision bigint, old_created_revision bigint, old_created_at bigint,
  old_updated_at bigint, old_expires_at bigint, place bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_now bigint := @schema@.instant(p_now, p_floor);
  v_change_log boolean;
  v_restored_only boolean;
  v_limited boolean := p_max_entries IS NOT NULL OR p_max_bytes IS NOT NULL;
  v_ghosts bigint[];
  v_tids tid[];           -- where the old entries lie; null: there is none
  v_live boolean[];
  v_old_sizes integer[];
  v_statuses integer[];
  v_numbers bigint[];
  v_values text[];
  v_sizes integer[];
  v_old_values text[];
  v_old_revisions bigint[];
  v_old_created_revisions bigint[];
  v_old_created_ats bigint[];
  v_old_updated_ats bigint[];
  v_old_expires_ats bigint[];
  v_revisions bigint[];
  v_changes bigint;
  v_rows bigint[];
  v_ending bigint;
  v_grown_entries bigint;
  v_grown_bytes bigint;
  v_reclaimed bigint;
BEGIN
  SELECT w.change_log, w.restored_only INTO v_change_log, v_restored_only
    FROM @schema@.enter_write(p_durable) w;
  PERFORM set_config('jit', 'off', true);
  PERFORM @schema@.use_indexes();
  IF v_limited THEN
    PERFORM @schema@.lock_limits();
  END IF;
  IF v_restored_only THEN
    PERFORM FROM @schema@.store FOR UPDATE;  -- before restore can take revisions as its own
  END IF;
  IF p_conditional THEN
    v_ghosts := @schema@.hold_absent(p_kinds, p_namespaces, p_keys, p_conditions);
  END IF;

  WITH op AS MATERIALIZED (
    SELECT * FROM unnest(p_kinds, p_namespaces, p_keys, p_conditions, p_revisions, p_skips,
      p_deltas, p_values, p_previous, p_ranks) WITH ORDINALITY AS a(kind, namespace, key,
      condition, revision, skip, delta, value, previous, rank, place)
  ), old AS MATERIALIZED (  -- held, in one order for all, until the end of the transaction
    SELECT o.place, e.ctid, e.revision, e.created_revision, e.created_at, e.updated_at,
      e.expires_at, e.size, (e.expires_at IS NULL OR e.expires_at > v_now) AS live,
      CASE WHEN o.previous OR o.kind = 3 THEN e.value END AS value
    FROM op o JOIN @schema@.entry e ON e.namespace = o.namespace AND e.key = o.key
    ORDER BY o.namespace COLLATE "C", o.key COLLATE "C" FOR UPDATE OF e
  ), seen AS (
    SELECT o.*, w.ctid AS tid, coalesce(w.size, 0) AS old_size, coalesce(w.live, false) AS live,
      w.revision AS old_revision, w.created_revision AS old_created_revision,
      w.created_at AS old_created_at, w.updated_at AS old_updated_at,
      w.expires_at AS old_expires_at, w.value AS old_value,
      CASE WHEN o.kind = 3 THEN
        CASE WHEN w.live IS NOT TRUE THEN o.delta::numeric
          WHEN w.value ~ '^(0|-?[1-9][0-9]*)$' THEN w.value::numeric + o.delta END END AS sum
    FROM op o LEFT JOIN old w USING (place)
  ), judged AS (
    SELECT s.*, CASE WHEN s.kind = 3 THEN s.sum::text ELSE s.value END AS new_value,
      CASE WHEN NOT CASE s.condition WHEN 0 THEN true WHEN 1 THEN NOT s.live WHEN 2 THEN s.live
          ELSE s.live AND s.old_revision = s.revision END THEN 4  -- unmet
        WHEN s.kind = 0 THEN 5                                    -- checked
        WHEN s.kind IN (2, 4) AND NOT s.live THEN 3               -- absent
        WHEN s.kind = 3 AND s.sum BETWEEN -9223372036854775808 AND 9223372036854775807
          IS NOT TRUE THEN 6                                      -- refused
        WHEN octet_length(CASE WHEN s.kind = 3 THEN s.sum::text ELSE s.value END) > p_max_value
          THEN 7                                                  -- too large
        WHEN s.kind = 2 THEN 2                                    -- erased
        WHEN s.live THEN 1 ELSE 0 END AS status                   -- updated, created
    FROM seen s ORDER BY s.place
  )
  SELECT array_agg(j.tid), array_agg(j.live), array_agg(j.old_size), array_agg(j.status),
    array_agg(CASE WHEN j.status = 7 THEN octet_length(j.new_value) WHEN j.status < 3 AND j.kind = 3
      THEN j.sum ELSE 0 END::bigint),
    array_agg(j.new_value), array_agg(CASE j.kind WHEN 2 THEN 0 WHEN 4 THEN j.old_size
      ELSE octet_length(j.namespace) + octet_length(j.key) + octet_length(j.new_value) END),
    array_agg(CASE WHEN j.live THEN j.old_value END),
    array_agg(CASE WHEN j.live THEN j.old_revision ELSE 0 END),
    array_agg(j.old_created_revision), array_agg(j.old_created_at), array_agg(j.old_updated_at),
    array_agg(j.old_expires_at),
    min(CASE j.status WHEN 4 THEN j.rank >> 32 ELSE j.rank & 4294967295 END << 32 | j.place)
      FILTER (WHERE j.status > 5 OR j.status = 4 AND NOT j.skip) & 4294967295
  INTO v_tids, v_live, v_old_sizes, v_statuses, v_numbers, v_values, v_sizes, v_old_values,
    v_old_revisions, v_old_created_revisions, v_old_created_ats, v_old_updated_ats,
    v_old_expires_ats, v_ending
  FROM judged j;

  IF v_ghosts IS NOT NULL THEN
    DELETE FROM @schema@.entry e WHERE e.revision = ANY (v_ghosts);
  END IF;
  -- In a row, in the order of the operations, once all is held. Over 1,024 of them come in several
  -- rows, the last one full.
  SELECT count(*) INTO v_changes FROM unnest(v_statuses) AS a(status)
    WHERE v_ending IS NULL AND a.status < 3;
  v_rows := ARRAY(SELECT nextval('@schema@.revision')
    FROM generate_series(1, (v_changes + 1023) / 1024));
  SELECT array_agg(CASE WHEN v_ending IS NULL AND a.status < 3
      THEN v_rows[cardinality(v_rows) - (v_changes - a.nth) / 1024] - (v_changes - a.nth) % 1024
      ELSE a.old_revision END ORDER BY a.place)
    INTO v_revisions FROM (
      SELECT b.*, count(*) FILTER (WHERE b.status < 3) OVER (ORDER BY b.place) AS nth
      FROM unnest(v_statuses, v_old_revisions) WITH ORDINALITY AS b(status, old_revision, place)) a;
  IF v_ending IS NULL AND 3 > ANY (v_statuses) THEN
    UPDATE @schema@.entry e SET revision = c.revision, updated_at = v_now, size = c.size,
        value = CASE WHEN c.kind = 4 THEN e.value ELSE c.value END,
        created_revision = CASE WHEN c.live THEN e.created_revision ELSE c.revision END,
        created_at = CASE WHEN c.live THEN e.created_at ELSE v_now END,
        expires_at = CASE WHEN c.live AND (c.kind = 3 OR c.keep_ttl) THEN e.expires_at
          ELSE v_now + c.ttl END
      FROM unnest(v_statuses, v_tids, v_live, p_kinds, v_revisions, v_sizes, v_values,
        p_keep_ttls, p_ttls)
        AS c(status, tid, live, kind, revision, size, value, keep_ttl, ttl)
      WHERE c.status < 2 AND e.ctid = c.tid;
    INSERT INTO @schema@.entry
      SELECT c.namespace, c.key, c.revision, c.revision, v_now, v_now, v_now + c.ttl, c.size,
        c.value
      FROM unnest(v_statuses, v_tids, p_namespaces, p_keys, v_revisions, v_sizes, v_values,
        p_ttls) AS c(status, tid, namespace, key, revision, size, value, ttl)
      WHERE c.status = 0 AND c.tid IS NULL
      ORDER BY c.namespace COLLATE "C", c.key COLLATE "C";
    IF 2 = ANY (v_statuses) THEN
      DELETE FROM @schema@.entry e USING unnest(v_statuses, v_tids) AS c(status, tid)
        WHERE c.status = 2 AND e.ctid = c.tid;
      INSERT INTO @schema@.tombstone SELECT c.revision, c.namespace, c.key
        FROM unnest(v_statuses, v_revisions, p_namespaces, p_keys)
          AS c(status, revision, namespace, key) WHERE c.status = 2 AND v_change_log;
    END IF;
    IF v_restored_only THEN
      PERFORM @schema@.mark_written();
    END IF;
    PERFORM @schema@.add_tally(t.namespace, t.entries, t.bytes) FROM (
      SELECT c.namespace, sum(CASE WHEN c.status = 2 THEN -1 WHEN c.tid IS NULL THEN 1 ELSE 0
        END)::bigint AS entries, sum(c.size - c.old_size)::bigint AS bytes
      FROM unnest(v_statuses, v_tids, p_namespaces, v_sizes, v_old_sizes)
        AS c(status, tid, namespace, size, old_size)
      WHERE c.status < 3 GROUP BY c.namespace ORDER BY c.namespace COLLATE "C") t;
    -- An entry that had expired counts as reclaimed already.
    SELECT count(*) FILTER (WHERE c.tid IS NOT NULL AND NOT c.live),
        sum(CASE WHEN c.status = 2 THEN -1 WHEN c.live THEN 0 ELSE 1 END),
        sum(c.size - CASE WHEN c.live THEN c.old_size ELSE 0 END)
      INTO v_reclaimed, v_grown_entries, v_grown_bytes
      FROM unnest(v_statuses, v_tids, v_live, v_sizes, v_old_sizes)
        AS c(status, tid, live, size, old_size) WHERE c.status < 3;
    IF v_limited THEN
      v_reclaimed := v_reclaimed + @schema@.enforce_limits(
        p_max_entries, p_max_bytes, v_grown_entries, v_grown_bytes, v_now, v_change_log);
    END IF;
    PERFORM @schema@.leave_write(p_session, p_nonce, CASE WHEN true = ANY (p_previous) THEN NULL
      ELSE ARRAY[v_now, v_reclaimed] || v_statuses::bigint[] || v_revisions || v_numbers END);
  END IF;
  RETURN QUERY SELECT v_now, a.status, a.revision, a.number, coalesce(v_reclaimed, 0),
      a.old_value, a.old_revision, a.old_created_revision, a.old_created_at, a.old_updated_at,
      a.old_expires_at, a.place - 1
    FROM unnest(v_statuses, v_revisions, v_numbers, v_old_values, v_old_revisions,
      v_old_created_revisions, v_old_created_ats, v_old_updated_ats, v_old_expires_ats)
      WITH ORDINALITY AS a(status, revision, number, old_value, old_revision,
      old_created_revision, old_created_at, old_updated_at, old_expires_at, place)
    WHERE a.place = coalesce(v_ending, a.place);
END $$;

-- Erases every entry whose namespace lies in one of the ranges (first included, end excluded).
CREATE OR REPLACE FUNCTION @schema@.clear(
  p_session bigint, p_nonce bigint, p_durable boolean, p_now bigint, p_floor bigint,
  p_firsts text[], p_ends text[], OUT instant bigint, OUT cleared bigint, OUT reclaimed bigint)
LANGUAGE plpgsql AS $$
DECLARE
  v_change_log boolean;
  v_restored_only boolean;
  v_gone bigint := 0;
  v_group record;
BEGIN
  instant := @schema@.instant(p_now, p_floor);
  cleared := 0;
  SELECT w.change_log, w.restored_only INTO v_change_log, v_restored_only
    FROM @schema@.enter_write(p_durable) w;
  PERFORM @schema@.use_indexes();
  FOR i IN 1 .. array_length(p_firsts, 1) LOOP
    FOR v_group IN
      WITH gone AS (
        DELETE FROM @schema@.entry e WHERE e.namespace >= p_firsts[i] AND e.namespace < p_ends[i]
        RETURNING e.namespace, e.key, e.size,
                  (e.expires_at IS NULL OR e.expires_at > instant) AS live
      ), dead AS (
        INSERT INTO @schema@.tombstone
        SELECT nextval('@schema@.revision'), g.namespace, g.key
        FROM (SELECT * FROM gone ORDER BY namespace, key) g WHERE v_change_log
      )
      SELECT g.namespace, count(*) AS entries, count(*) FILTER (WHERE g.live) AS live,
        sum(g.size) AS bytes FROM gone g GROUP BY g.namespace ORDER BY g.namespace
    LOOP
      PERFORM @schema@.add_tally(v_group.namespace, -v_group.entries, -v_group.bytes);
      cleared := cleared + v_group.live;
      v_gone := v_gone + v_group.entries;
    END LOOP;
  END LOOP;
  reclaimed := v_gone - cleared;
  IF v_gone = 0 THEN RETURN; END IF;
  IF v_restored_only THEN
    PERFORM @schema@.mark_written();
  END IF;
  IF NOT v_change_log THEN
    PERFORM nextval('@schema@.revision');
  END IF;
  PERFORM @schema@.leave_write(p_session, p_nonce, ARRAY[instant, reclaimed, cleared]);
END $$;

CREATE OR REPLACE FUNCTION @schema@.sweep(
  p_session bigint, p_nonce bigint, p_durable boolean, p_now bigint, p_floor bigint,
  p_limit bigint, OUT instant bigint, OUT reclaimed bigint)
LANGUAGE plpgsql AS $$
DECLARE
  v_change_log boolean;
BEGIN
  instant := @schema@.instant(p_now, p_floor);
  SELECT w.change_log INTO v_change_log FROM @schema@.enter_write(p_durable) w;
  reclaimed := @schema@.reclaim(p_limit, instant, v_change_log);
  IF reclaimed > 0 THEN
    PERFORM @schema@.leave_write(p_session, p_nonce, ARRAY[instant, reclaimed]);
  END IF;
END $$;

-- Whole entries, on addresses that differ from one another; with p_keep under the revisions given.
CREATE OR REPLACE FUNCTION @schema@.restore(
  p_session bigint, p_nonce bigint, p_durable boolean, p_now bigint, p_floor bigint,
  p_max_value bigint, p_max_entries bigint, p_max_bytes bigint, p_keep boolean,
  p_namespaces text[], p_keys text[], p_values text[], p_created_ats bigint[],
  p_updated_ats bigint[], p_expires_ats bigint[], p_created_revisions bigint[],
  p_revisions bigint[], OUT instant bigint, OUT reclaimed bigint, OUT too_large integer)
LANGUAGE plpgsql AS $$
DECLARE
  v_change_log boolean;
  v_restored_only boolean;
  v_grown_entries bigint := 0;
  v_grown_bytes bigint := 0;
  v_group record;
BEGIN
  instant := @schema@.instant(p_now, p_floor);
  reclaimed := 0;
  SELECT w.change_log INTO v_change_log FROM @schema@.enter_write(p_durable) w;
  PERFORM @schema@.use_indexes();
  SELECT s.restored_only INTO v_restored_only FROM @schema@.store s FOR UPDATE;
  IF p_keep AND NOT v_restored_only THEN
    RAISE EXCEPTION 'revisions can be kept only in a store that nothing but restore has written to'
      USING ERRCODE = 'HF004';
  END IF;
  IF p_max_entries IS NOT NULL OR p_max_bytes IS NOT NULL THEN
    PERFORM @schema@.lock_limits();
  END IF;
  SELECT max(octet_length(a.value)) INTO too_large
    FROM unnest(p_values, p_expires_ats) AS a(value, expires_at)
    WHERE a.expires_at > instant IS NOT FALSE AND octet_length(a.value) > p_max_value;
  IF too_large IS NOT NULL THEN RETURN; END IF;
  FOR v_group IN
    WITH gone AS (
      DELETE FROM @schema@.entry e
      USING unnest(p_namespaces, p_keys, p_expires_ats) AS a(namespace, key, expires_at)
      WHERE a.expires_at > instant IS NOT FALSE AND e.namespace = a.namespace AND e.key = a.key
      RETURNING e.namespace, e.size
    )
    SELECT g.namespace, count(*) AS entries, sum(g.size) AS bytes FROM gone g
    GROUP BY g.namespace ORDER BY g.namespace
  LOOP
    PERFORM @schema@.add_tally(v_group.namespace, -v_group.entries, -v_group.bytes);
    v_grown_entries := v_grown_entries - v_group.entries;
    v_grown_bytes := v_grown_bytes - v_group.bytes;
  END LOOP;
  FOR v_group IN
    WITH given AS MATERIALIZED (  -- in the order given
      SELECT a.*, CASE WHEN NOT p_keep THEN nextval('@schema@.revision') END AS assigned
      FROM (
        SELECT * FROM unnest(p_namespaces, p_keys, p_values, p_created_ats, p_updated_ats,
          p_expires_ats, p_created_revisions, p_revisions) WITH ORDINALITY AS u(namespace, key,
          value, created_at, updated_at, expires_at, created_revision, revision, place)
        WHERE u.expires_at > instant IS NOT FALSE ORDER BY u.place) a
    ), inserted AS (
      INSERT INTO @schema@.entry
      SELECT g.namespace, g.key, coalesce(g.assigned, g.revision),
        coalesce(g.assigned, g.created_revision), g.created_at, g.updated_at, g.expires_at,
        octet_length(g.namespace) + octet_length(g.key) + octet_length(g.value), g.value
      FROM given g ORDER BY g.namespace COLLATE "C", g.key COLLATE "C"
      RETURNING namespace, size, revision
    )
    SELECT n.namespace, count(*) AS entries, sum(n.size) AS bytes, max(n.revision) AS revision
    FROM inserted n GROUP BY n.namespace ORDER BY n.namespace
  LOOP
    PERFORM @schema@.add_tally(v_group.namespace, v_group.entries, v_group.bytes);
    v_grown_entries := v_grown_entries + v_group.entries;
    v_grown_bytes := v_grown_bytes + v_group.bytes;
    IF p_keep THEN
      PERFORM setval('@schema@.revision',
          greatest(r.last_value, (v_group.revision + 1023) / 1024 * 1024))
        FROM @schema@.revision r;
    END IF;
  END LOOP;
  IF p_max_entries IS NOT NULL OR p_max_bytes IS NOT NULL THEN
    reclaimed := @schema@.enforce_limits(p_max_entries, p_max_bytes, v_grown_entries,
      v_grown_bytes, instant, v_change_log);
  END IF;
  PERFORM @schema@.leave_write(p_session, p_nonce, ARRAY[instant, reclaimed]);
END $$;
