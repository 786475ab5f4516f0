-- SPDX-License-Identifier: GPL-2.0-only
-- Whether a batch was the last one of its run: a run without one was cut short.
ALTER TABLE @database@.batches@local@ ADD COLUMN ended Nullable(UInt8);
@sharded@ ALTER TABLE @database@.batches ADD COLUMN ended Nullable(UInt8);
