-- How far each lane of each log is. epoch rises with each instance that takes the lane over: an older one is refused.
CREATE TABLE {schema}.monitoring_positions (
    lane text COLLATE "C" NOT NULL,
    log_id text COLLATE "C" NOT NULL,
    next bigint NOT NULL,
    written bigint NOT NULL,
    epoch bigint NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (lane, log_id)
) WITH (fillfactor = 10);
