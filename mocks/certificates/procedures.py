"""The functions of the revenue database that take applications, and their tables.

The old application has no check for copies: whoever calls `submit_application` twice has applied
twice. It recognises the second copy of a withdrawal.
"""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mocks.certificates.postgresql import PostgresqlServer
from mocks.certificates.rows import application_row, certificate_row, file_row, history_of
from mocks.databases.command import Rows
from mocks.databases.copying import copy_text
from mocks.databases.submissions import ArrivedRow
from mocks.population import Population
from mocks.population.clock import NOW
from mocks.population.records import Application
from mocks.population.services import CERTIFICATES
from mocks.submissions import certificate_of
from mocks.submissions.progress import FIRST_RECEIVED

DATABASE = "revenue"
SCHEMA = "rev"
WITHDRAWN = "40"
TABLES = f"""
CREATE TABLE rev.sim_clock (sim_ts TIMESTAMP NOT NULL);
INSERT INTO rev.sim_clock VALUES ('{NOW}');
CREATE TABLE rev.arrival (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind TEXT NOT NULL, hub_ref TEXT NOT NULL, reference TEXT NOT NULL, service TEXT NOT NULL,
  owner TEXT NOT NULL, member TEXT NOT NULL, form JSON, docs JSON, arrived_at TIMESTAMP NOT NULL
);
CREATE INDEX ON rev.arrival (hub_ref);
CREATE SEQUENCE rev.new_person_no START 9000000001;
CREATE SEQUENCE rev.new_appl_no START {FIRST_RECEIVED + 1};
"""
SUBMIT = """
CREATE FUNCTION rev.submit_application(
  p_hub_ref TEXT, p_person_no NUMERIC, p_member TEXT, p_svc_cd TEXT, p_appl_nm_hi TEXT,
  p_mobile TEXT, p_src TEXT, p_form JSON, p_docs JSON)
RETURNS TABLE (appl_no TEXT, msg TEXT) LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  v_now TIMESTAMP := (SELECT c.sim_ts FROM rev.sim_clock c);
  v_person rev.person%ROWTYPE;
  v_needed TEXT[];
  v_no TEXT;
BEGIN
  IF COALESCE(p_hub_ref, '') = '' THEN
    RAISE EXCEPTION 'hub_ref is mandatory';
  END IF;
  SELECT * INTO v_person FROM rev.person p
  WHERE p.person_no = p_person_no OR (p_person_no IS NULL AND p.member = p_member)
  ORDER BY p.person_no LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'Person is not found in the register' USING ERRCODE = 'P0002';
  END IF;
  v_needed := CASE p_svc_cd
    WHEN 'SCC' THEN ARRAY['father_nm', 'cat_cd', 'caste_nm']
    WHEN 'RES' THEN ARRAY['addr', 'yrs_res']
    WHEN 'INC' THEN ARRAY['inc_yr']
  END;
  IF v_needed IS NULL THEN
    RAISE EXCEPTION 'svc_cd % is not taken online', p_svc_cd;
  END IF;
  FOR n IN 1 .. array_length(v_needed, 1) LOOP
    IF COALESCE(p_form ->> v_needed[n], '') = '' THEN
      RAISE EXCEPTION '% is mandatory', v_needed[n] USING ERRCODE = '22004';
    END IF;
  END LOOP;
  IF v_person.person_no IS NULL THEN
    v_person.person_no := nextval('rev.new_person_no');
    UPDATE rev.person p SET person_no = v_person.person_no WHERE p.member = v_person.member;
  END IF;
  v_no := format('REV-%s/%s/%s', p_svc_cd, to_char(v_now, 'YYYY'),
                 lpad(nextval('rev.new_appl_no')::text, 7, '0'));
  INSERT INTO rev.arrival
    (kind, hub_ref, reference, service, owner, member, form, docs, arrived_at)
  VALUES ('APPLICATION', p_hub_ref, v_no, 'REV-' || p_svc_cd, v_person.person_no::text,
          trim(v_person.member), p_form, p_docs, v_now);
  INSERT INTO rev.appl (appl_no, person_no, svc_cd, st_cd, appl_nm_hi, mobile, appl_dt, upd_ts,
                        due_dt, src, remarks, pend_desig, pend_office, hub_ref)
  VALUES (v_no, v_person.person_no, p_svc_cd, 0, p_appl_nm_hi, p_mobile,
          to_char(v_now, 'DD/MM/YYYY'), v_now,
          v_now::date + CASE p_svc_cd WHEN 'SCC' THEN 7 ELSE 15 END,
          p_src, NULL, 'Patwari', NULL, p_hub_ref);
  INSERT INTO rev.appl_hist VALUES
    (v_no, 1, 0, 'Application Submission', NULL, NULL, v_now, v_now, NULL);
  RETURN QUERY SELECT v_no, 'Application saved'::text;
END $$;
"""
WITHDRAW = f"""
CREATE FUNCTION rev.withdraw_application(p_hub_ref TEXT, p_appl_no TEXT, p_reason TEXT)
RETURNS TABLE (appl_no TEXT, msg TEXT) LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  v_now TIMESTAMP := (SELECT c.sim_ts FROM rev.sim_clock c);
  v_appl rev.appl%ROWTYPE;
BEGIN
  SELECT * INTO v_appl FROM rev.appl a WHERE a.appl_no = p_appl_no::bpchar FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'Application is not found' USING ERRCODE = 'P0002';
  END IF;
  IF EXISTS (SELECT FROM rev.arrival w WHERE w.hub_ref = p_hub_ref AND w.kind = 'WITHDRAWAL') THEN
    RETURN QUERY SELECT trim(v_appl.appl_no), 'Already withdrawn'::text;
    RETURN;
  END IF;
  IF v_appl.st_cd IN (10, 11, {WITHDRAWN}) THEN
    RAISE EXCEPTION 'Application is already disposed of';
  END IF;
  INSERT INTO rev.arrival (kind, hub_ref, reference, service, owner, member, form, arrived_at)
  SELECT 'WITHDRAWAL', p_hub_ref, trim(v_appl.appl_no), 'REV-' || v_appl.svc_cd,
         v_appl.person_no::text, COALESCE(trim(p.member), ''),
         json_build_object('reason', p_reason), v_now
  FROM (SELECT 1) one LEFT JOIN rev.person p ON p.person_no = v_appl.person_no LIMIT 1;
  UPDATE rev.appl a SET st_cd = {WITHDRAWN}, upd_ts = v_now, remarks = left(p_reason, 120),
    pend_desig = NULL, pend_office = NULL WHERE a.appl_no = v_appl.appl_no;
  INSERT INTO rev.appl_hist
  SELECT v_appl.appl_no, COALESCE(max(h.seq), 0) + 1, {WITHDRAWN}, 'Withdrawal', NULL, NULL,
         v_now, v_now, left(p_reason, 120)
  FROM rev.appl_hist h WHERE h.appl_no = v_appl.appl_no;
  RETURN QUERY SELECT trim(v_appl.appl_no), 'Application withdrawn'::text;
END $$;
"""


async def create_procedures(database: Any) -> None:
    """Create the functions and their tables, after the tables of the registers."""
    for statements in (TABLES, SUBMIT, WITHDRAW):
        await database.execute(statements)


class RevenueTables:
    """Implements `mocks.databases.submissions.SubmissionTables`."""

    def __init__(self, server: PostgresqlServer, population: Population, rows: Rows) -> None:
        self._server = server
        self._population = population
        # Withdrawals change generated applications, too: `clear` restores them.
        self._generated = {name: list(rows[name]) for name in ("appl", "appl_hist")}

    async def arrivals(self) -> Sequence[ArrivedRow]:
        found = await self._fetch(
            "SELECT kind, hub_ref, reference, service, owner, member, arrived_at "
            "FROM rev.arrival ORDER BY number"
        )
        return [ArrivedRow(*row) for row in found]

    async def set_clock(self, now: datetime) -> None:
        await self._fetch("UPDATE rev.sim_clock SET sim_ts = $1", now)

    async def store(self, applications: Sequence[Application]) -> None:
        database = await self._server.connect(DATABASE)
        try:
            async with database.transaction():
                for application in applications:
                    await self._store(database, application)
        finally:
            await database.close()

    async def _store(self, database: Any, application: Application) -> None:
        number = application.reference
        row = application_row(self._population, application)
        await database.execute(
            "UPDATE rev.appl SET st_cd = $2, upd_ts = $3, remarks = $4, pend_desig = $5, "
            "pend_office = $6 WHERE appl_no = $1",
            number, row[3], row[7], row[10], row[11], row[12],
        )  # fmt: skip
        await database.execute("DELETE FROM rev.appl_hist WHERE appl_no = $1", number)
        await database.executemany(
            "INSERT INTO rev.appl_hist VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            list(history_of(application)),
        )
        holder = self._population.by_member_id[application.member_id]
        certificate = certificate_of(CERTIFICATES, application, holder)
        if certificate is None:
            return
        # A delivered application has one certificate, however often its state is stored.
        for table in ("cert", "cert_doc"):
            await database.execute(
                f"DELETE FROM rev.{table} WHERE cert_no = $1", certificate.number
            )
        version = certificate_row(
            certificate, holder, certificate.issued_on, certificate.updated_at
        )
        slots = ", ".join(f"${n}" for n in range(1, len(version) + 1))
        await database.execute(f"INSERT INTO rev.cert VALUES ({slots})", *version)
        document = file_row(certificate, holder)
        if document is not None:
            await database.execute("INSERT INTO rev.cert_doc VALUES ($1, $2, $3)", *document)

    async def clear(self) -> None:
        database = await self._server.connect(DATABASE)
        try:
            async with database.transaction():
                for table in ("cert", "cert_doc"):
                    await database.execute(
                        f"DELETE FROM rev.{table} WHERE substr(cert_no, 13)::int > $1",
                        FIRST_RECEIVED,
                    )
                await database.execute("TRUNCATE rev.arrival, rev.appl, rev.appl_hist")
                for name, rows in self._generated.items():
                    await database.copy_to_table(
                        name, schema_name=SCHEMA, source=io.BytesIO(copy_text(rows))
                    )
        finally:
            await database.close()

    async def _fetch(self, sql: str, *values: object) -> Sequence[Any]:
        database = await self._server.connect(DATABASE)
        try:
            found: Sequence[Any] = await database.fetch(sql, *values)
            return found
        finally:
            await database.close()
