-- Alarms (ISA-18.2): each asks a person to act; what asks for nothing is an event and does not stand here.
CREATE TABLE city.alarm (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    urgency city.urgency NOT NULL,
    state city.alarm_state NOT NULL DEFAULT 'unacknowledged',
    vehicle_id integer REFERENCES city.vehicle,
    sensor_id smallint REFERENCES city.sensor,
    raised_at timestamptz NOT NULL,
    acknowledged_at timestamptz,
    acknowledged_by integer REFERENCES city.staff,
    cleared_at timestamptz,
    value double precision,
    limit_value double precision,
    detail jsonb NOT NULL DEFAULT '{}',
    geom public.geometry(Point, 4546) CHECK (city.is_placed(geom)),
    CHECK (num_nonnulls(vehicle_id, sensor_id) = 1)
);

CREATE INDEX alarm_standing ON city.alarm (raised_at) WHERE state <> 'normal';
CREATE INDEX alarm_vehicle ON city.alarm (vehicle_id, raised_at);
CREATE INDEX alarm_sensor ON city.alarm (sensor_id, raised_at);
