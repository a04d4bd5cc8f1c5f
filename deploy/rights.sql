-- Rights of the account that the web and worker processes use: they read and write rows, and cannot
-- alter a table, drop a trigger or empty a ledger. Run it as the owner of the tables, after each
-- `migrate`, with the name of the account:
--
--   psql --set account=portal --file deploy/rights.sql portal
--
-- The owner is another account, which runs `migrate` and nothing else.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"account";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"account";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO :"account";
