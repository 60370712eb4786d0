-- Rows of new kinds tell of returns, payments, reports and the days of the ledger.  The tables stay as they are; the
-- number says that a program which does not know these rows must not read, tidy or salvage what it would take for damage.

CREATE INDEX rows_of_money ON rows (kind)
WHERE kind = 'payment-approved' OR kind = 'payment-reversed' OR kind = 'day-closed';
