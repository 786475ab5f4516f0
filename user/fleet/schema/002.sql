-- SPDX-License-Identifier: GPL-2.0-only
-- What governed a connection's window, and whether it was a subflow of MPTCP.
ALTER TABLE @database@.connections@local@ ADD COLUMN congestion_control @name@;
ALTER TABLE @database@.connections@local@ ADD COLUMN mptcp UInt8;
@sharded@ ALTER TABLE @database@.connections ADD COLUMN congestion_control @name@;
@sharded@ ALTER TABLE @database@.connections ADD COLUMN mptcp UInt8;
