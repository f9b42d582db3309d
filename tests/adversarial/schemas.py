"""Schemas of several domains, each with what makes trouble: composite keys, cycles, self-references, reserved words."""

from __future__ import annotations

SCHEMAS = {
    "hospital": """
        CREATE TABLE ward (code TEXT PRIMARY KEY, floor INTEGER NOT NULL);
        CREATE TABLE patient (id INTEGER PRIMARY KEY, ssn TEXT NOT NULL UNIQUE, name TEXT NOT NULL, born DATE);
        CREATE TABLE stay (patient_id INTEGER NOT NULL REFERENCES patient (id), began TEXT NOT NULL,
          ward_code TEXT REFERENCES ward (code), ended TEXT, state TEXT NOT NULL, PRIMARY KEY (patient_id, began));
        CREATE TABLE reading (patient_id INTEGER NOT NULL, began TEXT NOT NULL, taken TEXT NOT NULL, pulse INTEGER NOT NULL,
          PRIMARY KEY (patient_id, began, taken), FOREIGN KEY (patient_id, began) REFERENCES stay (patient_id, began));
    """,
    "chat": """
        CREATE TABLE "user" (id TEXT PRIMARY KEY, handle TEXT NOT NULL UNIQUE, last_login TEXT);
        CREATE TABLE "group" (id TEXT PRIMARY KEY, "order" INTEGER NOT NULL, owner_id TEXT NOT NULL REFERENCES "user" (id));
        CREATE TABLE member (group_id TEXT NOT NULL REFERENCES "group" (id), user_id TEXT NOT NULL REFERENCES "user" (id),
          since TEXT NOT NULL, PRIMARY KEY (group_id, user_id));
        CREATE TABLE message (id TEXT PRIMARY KEY, group_id TEXT NOT NULL REFERENCES "group" (id),
          author_id TEXT REFERENCES "user" (id), sent TEXT NOT NULL, text TEXT, pinned BOOLEAN NOT NULL);
    """,
    "devices": """
        CREATE TABLE device (id TEXT PRIMARY KEY, model TEXT NOT NULL, online BOOLEAN NOT NULL);
        CREATE TABLE event (device_id TEXT NOT NULL REFERENCES device (id), at TEXT NOT NULL, state TEXT NOT NULL,
          level INTEGER NOT NULL, PRIMARY KEY (device_id, at));
    """,
    "staff": """
        CREATE TABLE employee (id INTEGER PRIMARY KEY, boss_id INTEGER REFERENCES employee (id), name TEXT NOT NULL,
          hired TEXT NOT NULL, wage INTEGER NOT NULL, division TEXT NOT NULL);
    """,
    "market": """
        CREATE TABLE seller (id INTEGER PRIMARY KEY, country TEXT NOT NULL, rating REAL);
        CREATE TABLE category (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES category (id), title TEXT NOT NULL);
        CREATE TABLE offer (id INTEGER PRIMARY KEY, seller_id INTEGER NOT NULL REFERENCES seller (id),
          category_id INTEGER NOT NULL REFERENCES category (id), price DECIMAL(10, 2) NOT NULL, state TEXT NOT NULL,
          listed TEXT NOT NULL, title TEXT NOT NULL);
        CREATE TABLE tag (offer_id INTEGER NOT NULL REFERENCES offer (id), word TEXT NOT NULL, PRIMARY KEY (offer_id, word));
    """,
    "ledger": """
        CREATE TABLE account (iban TEXT PRIMARY KEY, holder TEXT NOT NULL COLLATE NOCASE, opened DATE NOT NULL);
        CREATE TABLE transfer (id INTEGER PRIMARY KEY, source TEXT NOT NULL REFERENCES account (iban),
          target TEXT NOT NULL REFERENCES account (iban), amount DECIMAL(12, 2) NOT NULL, booked TEXT NOT NULL, note TEXT);
    """,
    "school": """
        CREATE TABLE course (dept TEXT NOT NULL, number INTEGER NOT NULL, title TEXT NOT NULL, PRIMARY KEY (dept, number));
        CREATE TABLE pupil (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE enrolment (dept TEXT NOT NULL, number INTEGER NOT NULL, pupil_id INTEGER NOT NULL REFERENCES pupil (id),
          grade INTEGER, PRIMARY KEY (dept, number, pupil_id), FOREIGN KEY (dept, number) REFERENCES course (dept, number));
    """,
    "cycle": """
        CREATE TABLE team (id INTEGER PRIMARY KEY, captain_id INTEGER REFERENCES player (id), name TEXT NOT NULL);
        CREATE TABLE player (id INTEGER PRIMARY KEY, team_id INTEGER NOT NULL REFERENCES team (id), shirt INTEGER NOT NULL,
          UNIQUE (team_id, shirt));
    """,
    "shop": """
        CREATE TABLE session (token TEXT PRIMARY KEY, user_name TEXT NOT NULL, login TEXT NOT NULL, expires_at INTEGER NOT NULL);
        CREATE TABLE cart (user_name TEXT NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL, PRIMARY KEY (user_name, sku));
        CREATE TABLE label (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
    """,
}
