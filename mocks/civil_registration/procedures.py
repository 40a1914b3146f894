"""The procedure of the registers that takes entries, and its tables.

It commits by itself. The number of the caller is unique, so it refuses a second copy of an entry
with the database's own error about a duplicate (1062).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mocks.civil_registration.mariadb import MariadbServer
from mocks.civil_registration.rows import row_of
from mocks.databases.submissions import ArrivedRow
from mocks.population import Population
from mocks.population.clock import NOW
from mocks.population.records import Application
from mocks.submissions.progress import FIRST_RECEIVED

DATABASE = "ulb"
MARRIAGE = "ULB-MRG"
TABLES = (
    "CREATE TABLE sim_clock (sim_ts DATETIME NOT NULL)",
    f"INSERT INTO sim_clock VALUES ('{NOW}')",
    """CREATE TABLE arrival (
    number INT AUTO_INCREMENT PRIMARY KEY, hub_ref VARCHAR(20) NOT NULL UNIQUE,
    reference VARCHAR(24), service VARCHAR(10) NOT NULL, owner VARCHAR(12),
    member VARCHAR(12) NOT NULL, form TEXT, arrived_at DATETIME NOT NULL)""",
)
PROCEDURE = f"""CREATE PROCEDURE take_entry(
  IN p_hub_ref VARCHAR(40), IN p_pers_no VARCHAR(20), IN p_member VARCHAR(20),
  IN p_reg_typ VARCHAR(3), IN p_nm VARCHAR(200), IN p_form TEXT)
MODIFIES SQL DATA
BEGIN
  DECLARE v_now DATETIME DEFAULT (SELECT sim_ts FROM sim_clock);
  DECLARE v_owner VARCHAR(12);
  DECLARE v_member VARCHAR(12);
  DECLARE v_no VARCHAR(24);
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  SELECT TRIM(pers_no), TRIM(member) INTO v_owner, v_member FROM person
  WHERE TRIM(pers_no) = p_pers_no OR (p_pers_no IS NULL AND TRIM(member) = p_member) LIMIT 1;
  IF v_member IS NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'Person is not in the register';
  END IF;
  IF p_reg_typ NOT IN ('BDC', 'MRG') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'reg_typ is not BDC or MRG';
  END IF;
  IF COALESCE(JSON_VALUE(p_form, '$.evt_dt'), '') NOT RLIKE '^[0-3][0-9]/[01][0-9]/[0-9]{{4}}$' THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'evt_dt is not dd/mm/yyyy';
  END IF;
  INSERT INTO arrival (hub_ref, service, member, form, arrived_at)
  VALUES (p_hub_ref, CONCAT('ULB-', p_reg_typ), v_member, p_form, v_now);
  SET v_no = CONCAT('ULB-', p_reg_typ, '/', YEAR(v_now), '/',
                    LPAD({FIRST_RECEIVED} + LAST_INSERT_ID(), 6, '0'));
  IF v_owner IS NULL THEN
    SET v_owner = CONCAT('UP9', LPAD(LAST_INSERT_ID(), 6, '0'));
    UPDATE person SET pers_no = v_owner WHERE TRIM(member) = v_member;
  END IF;
  UPDATE arrival SET reference = v_no, owner = v_owner WHERE hub_ref = p_hub_ref;
  IF p_reg_typ = 'MRG' THEN
    INSERT INTO mrg_appl VALUES (v_no, v_owner, UPPER(p_nm), DATE_FORMAT(v_now, '%d/%m/%Y'), v_now,
      DATE_FORMAT(v_now + INTERVAL 10 DAY, '%d/%m/%Y'), 'Received', 'N', NULL, NULL, NULL,
      p_hub_ref);
  ELSE
    INSERT INTO bd_appl VALUES (v_no, v_owner, UPPER(p_nm), DATE_FORMAT(v_now, '%d/%m/%Y'), v_now,
      DATE_FORMAT(v_now + INTERVAL 14 DAY, '%d/%m/%Y'), 'Received', 'N', NULL, NULL, NULL,
      p_hub_ref);
  END IF;
  COMMIT;
  SELECT v_no AS regn_no, 'Entry taken' AS msg;
END"""


class RegisterTables:
    """Implements `mocks.databases.submissions.SubmissionTables`."""

    def __init__(self, server: MariadbServer, population: Population) -> None:
        self._server = server
        self._population = population

    async def arrivals(self) -> Sequence[ArrivedRow]:
        found = await self._run(
            "SELECT 'APPLICATION', hub_ref, reference, service, owner, member, arrived_at "
            "FROM arrival ORDER BY number"
        )
        return [ArrivedRow(*row) for row in found]

    async def set_clock(self, now: datetime) -> None:
        await self._run("UPDATE sim_clock SET sim_ts = %s", now)

    async def store(self, applications: Sequence[Application]) -> None:
        for application in applications:
            row = row_of(self._population, application)
            values = (row[4], *row[6:11], application.reference.ljust(24))
            if application.service_code == MARRIAGE:
                await self._run(
                    "UPDATE mrg_appl SET chg_ts = %s, status = %s, objection = %s, remarks = %s, "
                    "with_desig = %s, with_dist = %s WHERE regn_no = %s",
                    *values,
                )
            else:
                await self._run(
                    "UPDATE bd_appl SET upd_ts = %s, st_txt = %s, obj_flg = %s, rmk = %s, "
                    "pend_desig = %s, pend_dist = %s WHERE appl_no = %s",
                    *values,
                )

    async def clear(self) -> None:
        for table in ("bd_appl", "mrg_appl"):
            await self._run(f"DELETE FROM {table} WHERE hub_ref IS NOT NULL")
        await self._run("DELETE FROM arrival")

    async def _run(self, sql: str, *values: object) -> Sequence[Any]:
        connection = await self._server.connect(DATABASE)
        try:
            async with connection.cursor() as cursor:
                await cursor.execute(sql, values or None)
                found: Sequence[Any] = await cursor.fetchall()
                return found
        finally:
            await connection.ensure_closed()
