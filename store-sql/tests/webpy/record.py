"""Records what web.py's DBStore says to a database, each statement as the database receives it.

    pip install web.py==0.76 psycopg2-binary pymysql
    ../../../scripts/servers python3 record.py

Writes sqlite.sql, postgres.sql and mariadb.sql beside this file: first the table of the manual and how a web.py
application fills it, then every kind of statement that DBStore has. A line that begins with `-- ` is the title of the statement
below it. The sessions belong to nobody, and their ids are made from fixed bytes.
"""

import datetime
import os
import pathlib
import random
import tempfile
import urllib.parse

import psycopg2
import pymysql
import web
import web.session

MANUAL = """create table sessions (
    session_id char(128) UNIQUE NOT NULL,
    atime timestamp NOT NULL default current_timestamp,
    data text
)"""

NOW = datetime.datetime(2026, 11, 21, 12, 0, 0)


class Clock(datetime.datetime):
    """A second goes by with every look."""

    looks = 0

    @classmethod
    def now(cls):
        cls.looks += 1
        return NOW + datetime.timedelta(seconds=cls.looks, microseconds=123456)


def freeze():
    """Makes ids and times the same in every recording."""
    Clock.looks = 0
    web.session.datetime = type("datetime", (), {"datetime": Clock, "timedelta": datetime.timedelta})
    web.session.os = type("os", (), {"urandom": random.Random(76).randbytes, "path": os.path})
    web.session.time = type("time", (), {"time": lambda: NOW.timestamp()})


def application(db):
    """The counter of the manual, with what its visitors did: three of them, one of whom left."""

    class count:
        def GET(self):
            session.count += 1
            session.note = "it's 100 % \\ \u00fcber \u2603\n" * session.count
            return str(session.count)

    class leave:
        def GET(self):
            session.kill()
            return "bye"

    app = web.application(("/count", count, "/leave", leave), {"count": count, "leave": leave})
    store = web.session.DBStore(db, "sessions")
    session = web.session.Session(app, store, initializer={"count": 0})
    for visits in (1, 2, 3):
        cookie = {}
        for _ in range(visits):
            answer = app.request("/count", headers=cookie)
            cookie = {"Cookie": answer.header_items[-1][1].split(";")[0]}
        if visits == 3:
            app.request("/leave", headers=cookie)
    return store


def record(name, db, executed):
    """Writes down each statement that makes it to the database."""
    freeze()
    statements, title = [], ["create the table"]
    execute = db._db_execute

    def recorded(cursor, query):
        result = execute(cursor, query)
        statements.append((title[0], executed(cursor, query)))
        return result

    db._db_execute = recorded
    db.query(MANUAL)
    title[0] = "fill"
    store = application(db)
    ids = [row.session_id.strip() for row in db.query("select session_id from sessions order by atime")]
    statements.pop()
    title[0] = "insert"
    store["76" * 20] = {"session_id": "76" * 20, "ip": "127.0.0.1", "count": 7}
    title[0] = "update"
    store[ids[0]] = {"session_id": ids[0], "ip": "127.0.0.1", "count": 100}
    title[0] = "read"
    assert store[ids[1]]["count"] == 2
    title[0] = "delete"
    del store[ids[1]]
    title[0] = "clean up"
    store.cleanup(2.5)
    file = pathlib.Path(__file__).with_name(f"{name}.sql")
    head = f"Recorded by record.py from web.py {web.__version__} on {name}.\n\n"
    file.write_text(head + "".join(f"-- {title}\n{text}\n" for title, text in statements))


def on_server(name, variable, connect, executed, **options):
    """Records on a server, in a database of its own."""
    url = urllib.parse.urlparse(os.environ[variable])
    where = {"host": url.hostname, "port": url.port, "user": url.username, "password": url.password or ""}
    server = connect(database=url.path[1:], **where)
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute("create database webpy_recording")
        try:
            db = web.database(db="webpy_recording", pooling=False, **options, **where)
            record(name, db, executed)
            db.ctx.db.close()
        finally:
            cursor.execute("drop database webpy_recording")


def main():
    web.config.debug = False
    traced = []

    def traced_last(cursor, query):
        return traced[-1]

    with tempfile.TemporaryDirectory() as folder:
        sqlite = web.database(dbn="sqlite", db=f"{folder}/sessions.db", pooling=False)
        execute = sqlite._db_execute

        def traced_execute(cursor, query):
            cursor.connection.set_trace_callback(lambda text: text == "BEGIN " or traced.append(text))
            return execute(cursor, query)

        sqlite._db_execute = traced_execute
        record("sqlite", sqlite, traced_last)
    on_server(
        "postgres", "TEST_POSTGRES_URL", psycopg2.connect, lambda cursor, query: cursor.query.decode(), dbn="postgres"
    )
    on_server(
        "mariadb", "TEST_MYSQL_URL", pymysql.connect, lambda cursor, query: cursor._executed, dbn="mysql", driver="pymysql"
    )


if __name__ == "__main__":
    main()
