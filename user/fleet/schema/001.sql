-- SPDX-License-Identifier: GPL-2.0-only
-- Connections of many machines, and the batches that their rows came in.
--
-- What stands between @ is filled in by `tcpspan fleet schema`, which see.
CREATE DATABASE IF NOT EXISTS @database@;

-- A row for each connection, and for each half-open request. What is not known is NULL; a flow of 0
-- is none. A row that comes twice is one, once the engine has merged its parts.
CREATE TABLE IF NOT EXISTS @database@.connections@local@
(
    kind @word@,
    host @word@,
    run UInt64,
    id UInt64,
    flow UInt64,
    start_ns UInt64,
    start_known UInt8,
    end_ns Nullable(UInt64),
    netns Nullable(UInt32),
    netns_name @name@,
    family @name@,
    laddr Nullable(String),
    lport Nullable(UInt16),
    raddr Nullable(String),
    rport Nullable(UInt16),
    role @word@,
    pid Nullable(UInt32),
    comm @name@,
    process @name@,
    uid Nullable(UInt32),
    owner_source @name@,
    unit @name@,
    container @name@,
    pod @name@,
    states Array(String),
    dwell_ns Array(Nullable(UInt64)),
    handshake_ns Nullable(UInt64),
    handshake_quality @word@,
    handshake_retransmits Nullable(UInt16),
    handshake_flags Array(String),
    accept_wait_ns Nullable(UInt64),
    life_ns Nullable(UInt64),
    outcome @name@,
    initiator @name@,
    errno @name@,
    cause @name@,
    reset_reason @name@,
    tries Nullable(UInt16),
    time_wait_ns Nullable(UInt64),
    time_wait_end @name@,
    bytes_sent Nullable(UInt64),
    bytes_received Nullable(UInt64),
    segments_sent Nullable(UInt32),
    segments_received Nullable(UInt32),
    retransmits Nullable(UInt32),
    srtt_us Nullable(UInt32),
    min_rtt_us Nullable(UInt32),
    complete UInt8,
    gaps UInt8,
    seeded UInt8
)
ENGINE = @engine connections@
PARTITION BY toYYYYMMDD(toDateTime(intDiv(start_ns, 1000000000)))
ORDER BY (start_ns, host, run, id);

-- A row for each batch: a number that is missing is a batch that has not come.
CREATE TABLE IF NOT EXISTS @database@.batches@local@
(
    host @word@,
    run UInt64,
    batch UInt64,
    time_ns UInt64,
    rows UInt64,
    connections UInt64,
    half_open UInt64,
    sampling_ratio Nullable(Float64),
    events_ring_full UInt64,
    events_missed UInt64,
    gaps UInt64,
    incomplete UInt64,
    evicted UInt64,
    unsampled UInt64,
    half_open_unprinted UInt64,
    rows_dropped UInt64,
    rows_failed UInt64,
    version String
)
ENGINE = @engine batches@
PARTITION BY toYYYYMM(toDateTime(intDiv(time_ns, 1000000000)))
ORDER BY (host, run, batch);

-- Both ends of a connection have one flow, and stand on one shard.
@sharded@ CREATE TABLE IF NOT EXISTS @database@.connections AS @database@.connections_local
@sharded@ ENGINE = Distributed(@cluster@, @database@, connections_local,
@sharded@     if(flow = 0, cityHash64(host, run, id), flow));
@sharded@ CREATE TABLE IF NOT EXISTS @database@.batches AS @database@.batches_local
@sharded@ ENGINE = Distributed(@cluster@, @database@, batches_local, cityHash64(host));

-- Which versions of this were applied.
CREATE TABLE IF NOT EXISTS @database@.schema_versions
(
    version UInt32,
    time DateTime
)
ENGINE = ReplacingMergeTree()
PARTITION BY tuple()
ORDER BY version;
