-- Components (部件, GB/T 30428.2): everything of the city that has a code of its own.
CREATE TABLE city.component (
    code text PRIMARY KEY CHECK (code ~ '^\d{16}$'),
    class_id smallint NOT NULL REFERENCES city.case_class,
    name text NOT NULL,
    owner_id smallint NOT NULL REFERENCES city.department,
    competent_id smallint NOT NULL REFERENCES city.department,
    maintainer_id smallint NOT NULL REFERENCES city.department,
    unit_grid text NOT NULL REFERENCES city.unit_grid,
    zone_id smallint NOT NULL REFERENCES city.zone,
    accuracy text NOT NULL CHECK (accuracy IN ('A', 'B', 'C')),
    state city.component_state NOT NULL DEFAULT 'intact',
    initial_date date NOT NULL DEFAULT CURRENT_DATE,
    change_date date CHECK (change_date >= initial_date),
    data_source city.data_source NOT NULL,
    note text,
    geom public.geometry(Geometry, 4546) NOT NULL CHECK (city.is_placed(geom))
        CHECK (public.GeometryType(geom) IN ('POINT', 'LINESTRING', 'POLYGON', 'MULTILINESTRING', 'MULTIPOLYGON'))
);

CREATE INDEX component_class ON city.component (class_id);
CREATE INDEX component_unit_grid ON city.component (unit_grid);
CREATE INDEX component_geom ON city.component USING gist (geom);
