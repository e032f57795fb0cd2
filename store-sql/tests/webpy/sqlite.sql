Recorded by record.py from web.py 0.76 on sqlite.

-- create the table
create table sessions (
    session_id char(128) UNIQUE NOT NULL,
    atime timestamp NOT NULL default current_timestamp,
    data text
)
-- fill
DELETE FROM sessions WHERE '2026-11-20 12:00:01.123456' > atime
-- fill
SELECT * FROM sessions WHERE session_id='5dc1965626ae4414c706b37f191c57c909a00df1'
-- fill
SELECT * FROM sessions WHERE session_id='5dc1965626ae4414c706b37f191c57c909a00df1'
-- fill
INSERT INTO sessions (atime, data, session_id) VALUES ('2026-11-21 12:00:02.123456', 'gASVfQAAAAAAAAB9lCiMCnNlc3Npb25faWSUjCg1ZGMxOTY1NjI2YWU0NDE0YzcwNmIzN2YxOTFj
NTdjOTA5YTAwZGYxlIwLc2VuZF9jb29raWWUiIwFY291bnSUSwGMAmlwlE6MBG5vdGWUjBdpdCdz
IDEwMCAlIFwgw7xiZXIg4piDCpR1Lg==
', '5dc1965626ae4414c706b37f191c57c909a00df1')
-- fill
SELECT * FROM sessions WHERE session_id='4545c5c9a7c3dd9fb472447cbe979b5478d74ff5'
-- fill
SELECT * FROM sessions WHERE session_id='4545c5c9a7c3dd9fb472447cbe979b5478d74ff5'
-- fill
INSERT INTO sessions (atime, data, session_id) VALUES ('2026-11-21 12:00:03.123456', 'gASVfQAAAAAAAAB9lCiMCnNlc3Npb25faWSUjCg0NTQ1YzVjOWE3YzNkZDlmYjQ3MjQ0N2NiZTk3
OWI1NDc4ZDc0ZmY1lIwLc2VuZF9jb29raWWUiIwFY291bnSUSwGMAmlwlE6MBG5vdGWUjBdpdCdz
IDEwMCAlIFwgw7xiZXIg4piDCpR1Lg==
', '4545c5c9a7c3dd9fb472447cbe979b5478d74ff5')
-- fill
SELECT * FROM sessions WHERE session_id='4545c5c9a7c3dd9fb472447cbe979b5478d74ff5'
-- fill
SELECT * FROM sessions WHERE session_id='4545c5c9a7c3dd9fb472447cbe979b5478d74ff5'
-- fill
UPDATE sessions SET atime = '2026-11-21 12:00:04.123456' WHERE session_id='4545c5c9a7c3dd9fb472447cbe979b5478d74ff5'
-- fill
SELECT * FROM sessions WHERE session_id='4545c5c9a7c3dd9fb472447cbe979b5478d74ff5'
-- fill
UPDATE sessions SET atime = '2026-11-21 12:00:05.123456', data = 'gASVlAAAAAAAAAB9lCiMCnNlc3Npb25faWSUjCg0NTQ1YzVjOWE3YzNkZDlmYjQ3MjQ0N2NiZTk3
OWI1NDc4ZDc0ZmY1lIwLc2VuZF9jb29raWWUiIwFY291bnSUSwKMAmlwlE6MBG5vdGWUjC5pdCdz
IDEwMCAlIFwgw7xiZXIg4piDCml0J3MgMTAwICUgXCDDvGJlciDimIMKlHUu
' WHERE session_id='4545c5c9a7c3dd9fb472447cbe979b5478d74ff5'
-- fill
SELECT * FROM sessions WHERE session_id='4c3b221dbad4b8e6ff7bbca6faaba25ebffa4e7e'
-- fill
SELECT * FROM sessions WHERE session_id='4c3b221dbad4b8e6ff7bbca6faaba25ebffa4e7e'
-- fill
INSERT INTO sessions (atime, data, session_id) VALUES ('2026-11-21 12:00:06.123456', 'gASVfQAAAAAAAAB9lCiMCnNlc3Npb25faWSUjCg0YzNiMjIxZGJhZDRiOGU2ZmY3YmJjYTZmYWFi
YTI1ZWJmZmE0ZTdllIwLc2VuZF9jb29raWWUiIwFY291bnSUSwGMAmlwlE6MBG5vdGWUjBdpdCdz
IDEwMCAlIFwgw7xiZXIg4piDCpR1Lg==
', '4c3b221dbad4b8e6ff7bbca6faaba25ebffa4e7e')
-- fill
SELECT * FROM sessions WHERE session_id='4c3b221dbad4b8e6ff7bbca6faaba25ebffa4e7e'
-- fill
SELECT * FROM sessions WHERE session_id='4c3b221dbad4b8e6ff7bbca6faaba25ebffa4e7e'
-- fill
UPDATE sessions SET atime = '2026-11-21 12:00:07.123456' WHERE session_id='4c3b221dbad4b8e6ff7bbca6faaba25ebffa4e7e'
-- fill
SELECT * FROM sessions WHERE session_id='4c3b221dbad4b8e6ff7bbca6faaba25ebffa4e7e'
-- fill
UPDATE sessions SET atime = '2026-11-21 12:00:08.123456', data = 'gASVlAAAAAAAAAB9lCiMCnNlc3Npb25faWSUjCg0YzNiMjIxZGJhZDRiOGU2ZmY3YmJjYTZmYWFi
YTI1ZWJmZmE0ZTdllIwLc2VuZF9jb29raWWUiIwFY291bnSUSwKMAmlwlE6MBG5vdGWUjC5pdCdz
IDEwMCAlIFwgw7xiZXIg4piDCml0J3MgMTAwICUgXCDDvGJlciDimIMKlHUu
' WHERE session_id='4c3b221dbad4b8e6ff7bbca6faaba25ebffa4e7e'
-- fill
SELECT * FROM sessions WHERE session_id='4c3b221dbad4b8e6ff7bbca6faaba25ebffa4e7e'
-- fill
SELECT * FROM sessions WHERE session_id='4c3b221dbad4b8e6ff7bbca6faaba25ebffa4e7e'
-- fill
UPDATE sessions SET atime = '2026-11-21 12:00:09.123456' WHERE session_id='4c3b221dbad4b8e6ff7bbca6faaba25ebffa4e7e'
-- fill
SELECT * FROM sessions WHERE session_id='4c3b221dbad4b8e6ff7bbca6faaba25ebffa4e7e'
-- fill
UPDATE sessions SET atime = '2026-11-21 12:00:10.123456', data = 'gASVqwAAAAAAAAB9lCiMCnNlc3Npb25faWSUjCg0YzNiMjIxZGJhZDRiOGU2ZmY3YmJjYTZmYWFi
YTI1ZWJmZmE0ZTdllIwLc2VuZF9jb29raWWUiIwFY291bnSUSwOMAmlwlE6MBG5vdGWUjEVpdCdz
IDEwMCAlIFwgw7xiZXIg4piDCml0J3MgMTAwICUgXCDDvGJlciDimIMKaXQncyAxMDAgJSBcIMO8
YmVyIOKYgwqUdS4=
' WHERE session_id='4c3b221dbad4b8e6ff7bbca6faaba25ebffa4e7e'
-- fill
SELECT * FROM sessions WHERE session_id='4c3b221dbad4b8e6ff7bbca6faaba25ebffa4e7e'
-- fill
SELECT * FROM sessions WHERE session_id='4c3b221dbad4b8e6ff7bbca6faaba25ebffa4e7e'
-- fill
UPDATE sessions SET atime = '2026-11-21 12:00:11.123456' WHERE session_id='4c3b221dbad4b8e6ff7bbca6faaba25ebffa4e7e'
-- fill
DELETE FROM sessions WHERE session_id='4c3b221dbad4b8e6ff7bbca6faaba25ebffa4e7e'
-- insert
SELECT * FROM sessions WHERE session_id='7676767676767676767676767676767676767676'
-- insert
INSERT INTO sessions (atime, data, session_id) VALUES ('2026-11-21 12:00:12.123456', 'gASVWAAAAAAAAAB9lCiMCnNlc3Npb25faWSUjCg3Njc2NzY3Njc2NzY3Njc2NzY3Njc2NzY3Njc2
NzY3Njc2NzY3Njc2lIwCaXCUjAkxMjcuMC4wLjGUjAVjb3VudJRLB3Uu
', '7676767676767676767676767676767676767676')
-- update
SELECT * FROM sessions WHERE session_id='5dc1965626ae4414c706b37f191c57c909a00df1'
-- update
UPDATE sessions SET atime = '2026-11-21 12:00:13.123456', data = 'gASVWAAAAAAAAAB9lCiMCnNlc3Npb25faWSUjCg1ZGMxOTY1NjI2YWU0NDE0YzcwNmIzN2YxOTFj
NTdjOTA5YTAwZGYxlIwCaXCUjAkxMjcuMC4wLjGUjAVjb3VudJRLZHUu
' WHERE session_id='5dc1965626ae4414c706b37f191c57c909a00df1'
-- read
SELECT * FROM sessions WHERE session_id='4545c5c9a7c3dd9fb472447cbe979b5478d74ff5'
-- read
UPDATE sessions SET atime = '2026-11-21 12:00:14.123456' WHERE session_id='4545c5c9a7c3dd9fb472447cbe979b5478d74ff5'
-- delete
DELETE FROM sessions WHERE session_id='4545c5c9a7c3dd9fb472447cbe979b5478d74ff5'
-- clean up
DELETE FROM sessions WHERE '2026-11-21 12:00:12.623456' > atime
