-- Under which name this database numbers its transactions. Whoever follows the ledger names a place in it by that name;
-- a copy or a restored dump goes by another, because a place in the one says nothing in the other.
--
-- `identity` is what the name was given to: the cluster, its timeline, the database and this table. The row counts only
-- while it still is the one that the transaction it names has written, which one that was restored from a dump is not.
CREATE TABLE inventory.stream_epochs (
  identity       text PRIMARY KEY,
  epoch          uuid NOT NULL,
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id()
);
