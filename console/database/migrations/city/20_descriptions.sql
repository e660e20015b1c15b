-- What every table, column, function and type holds, with unit, coordinate system and source of its codes; shown by
-- psql (\d+), QGIS and docs/database.md. Geometry is EPSG:4546 (CGCS2000 / 3-degree Gauss-Krüger CM 111E), metres, east first.
COMMENT ON SCHEMA city IS 'The city of the urban management centre: areas, components, drainage, fleet, sensors, alarms, cases. Geometry in EPSG:4546, metres; times with time zone; codes of the national standards.';

-- Types
COMMENT ON TYPE city.case_kind IS 'What a case is about (GB/T 30428.2): a component, an event, or a service matter.';
COMMENT ON TYPE city.case_mode IS 'How a case is worked: closed_loop through all seven stages, self_handled by the inspector on the spot, direct_assess charged to the unit without dispatch, campaign without scoring, simple by one desk.';
COMMENT ON TYPE city.case_source IS 'Who brought the report: inspector, video operator or recognition, hotline 12345, citizen, leader, department, media, sensor.';
COMMENT ON TYPE city.case_level IS 'Weight of a case: daily, normal, serious, major.';
COMMENT ON TYPE city.case_state IS 'States of the case life cycle (GB/T 30428.8, as run in Yuncheng) in the order in which a case passes them; from closed on it has ended.';
COMMENT ON TYPE city.case_move IS 'What was done to a case: one word for each move that a row of case_event records.';
COMMENT ON TYPE city.limit_unit IS 'Unit of a time limit: UH urgent hours and UD urgent days on the natural clock, WH working hours and WD working days (8 WH) inside working time.';
COMMENT ON TYPE city.appeal_state IS 'What became of a unit''s appeal against an overdue mark.';
COMMENT ON TYPE city.role IS 'The nine posts; each is a database role of the same name, of which logins are members.';
COMMENT ON TYPE city.component_state IS 'ObjState of GB/T 30428.2: intact 完好, damaged 破损, lost 丢失, abandoned 废弃, removed 移除.';
COMMENT ON TYPE city.data_source IS 'Where a record comes from: DATASOURCE of GB/T 51187 (design drawing, as-built drawing, survey, estimate) and DataSource of GB/T 30428.2 (topographic map, survey, other).';
COMMENT ON TYPE city.drainage_system IS 'PIPE_CATEGORY and JUNC_CATEGORY of GB/T 51187: storm 雨水 (1), sanitary 污水 (2), combined 合流 (3), other 其他 (4).';
COMMENT ON TYPE city.pipe_shape IS 'SHAPETYPE of GB/T 51187: circle 1, trapezoid 2, triangle 3, ellipse 4, rectangle 5, irregular 6.';
COMMENT ON TYPE city.street_class IS 'Rank of a street: arterial, secondary, branch, lane.';
COMMENT ON TYPE city.load_state IS 'Load of a truck, status bits 8–9 of JT/T 808: empty 00, half 01, full 11.';
COMMENT ON TYPE city.sensor_kind IS 'What a sensor measures: water_level in cm over the road, rain in mm since its reading before.';
COMMENT ON TYPE city.alarm_state IS 'State of an alarm by ISA-18.2 / IEC 62682.';
COMMENT ON TYPE city.urgency IS 'How soon a person must act on an alarm.';

-- Areas
COMMENT ON TABLE city.zone IS 'The five inspection zones (片区) 东西南北中; together they are the managed city, without gaps or overlaps.';
COMMENT ON COLUMN city.zone.id IS 'Number of the zone, 1 to 5.';
COMMENT ON COLUMN city.zone.code IS 'Short code of the centre, such as E for east.';
COMMENT ON COLUMN city.zone.name IS 'Chinese name, such as 东片区.';
COMMENT ON COLUMN city.zone.name_en IS 'English name.';
COMMENT ON COLUMN city.zone.geom IS 'Outline, EPSG:4546.';

COMMENT ON TABLE city.subdistrict IS 'Subdistricts (街道) with their statistical codes.';
COMMENT ON COLUMN city.subdistrict.code IS '9 digits: district (GB/T 2260) and subdistrict, such as 140802001.';
COMMENT ON COLUMN city.subdistrict.name IS 'Chinese name.';
COMMENT ON COLUMN city.subdistrict.geom IS 'Outline, EPSG:4546.';

COMMENT ON TABLE city.community IS 'Communities (社区) with their statistical codes.';
COMMENT ON COLUMN city.community.code IS '12 digits: subdistrict code and community.';
COMMENT ON COLUMN city.community.subdistrict_code IS 'First 9 digits of the code.';
COMMENT ON COLUMN city.community.name IS 'Chinese name.';
COMMENT ON COLUMN city.community.geom IS 'Outline, EPSG:4546.';

COMMENT ON TABLE city.unit_grid IS 'Unit grids (单元网格, GB/T 30428.1): near 10 000 m² where built up; each lies in one community and one zone; they cover the city without gaps or overlaps.';
COMMENT ON COLUMN city.unit_grid.code IS '15 digits (BGID): community code and a number from 001, west to east, then north to south; never used again.';
COMMENT ON COLUMN city.unit_grid.community_code IS 'First 12 digits of the code.';
COMMENT ON COLUMN city.unit_grid.zone_id IS 'Inspection zone that the grid lies in.';
COMMENT ON COLUMN city.unit_grid.land_use IS 'built_up, park, water or open; only built-up grids are near 10 000 m².';
COMMENT ON COLUMN city.unit_grid.area_m2 IS 'Area in m², from the outline.';
COMMENT ON COLUMN city.unit_grid.initial_date IS 'ORDate: day on which the grid was set up.';
COMMENT ON COLUMN city.unit_grid.change_date IS 'CHDate: day of its last change.';
COMMENT ON COLUMN city.unit_grid.note IS 'Memo: remark in free words.';
COMMENT ON COLUMN city.unit_grid.geom IS 'Outline, EPSG:4546.';

COMMENT ON TABLE city.street IS 'Street centre lines, cut at crossings.';
COMMENT ON COLUMN city.street.id IS 'Number of the street section.';
COMMENT ON COLUMN city.street.code IS 'Code of the street section.';
COMMENT ON COLUMN city.street.name IS 'Chinese name of the street; sections of one street share it.';
COMMENT ON COLUMN city.street.class IS 'Rank of the street.';
COMMENT ON COLUMN city.street.width_m IS 'Width between the kerbs in m.';
COMMENT ON COLUMN city.street.from_node IS 'Number of the crossing at which the line begins; sections that meet share it.';
COMMENT ON COLUMN city.street.to_node IS 'Number of the crossing at which the line ends.';
COMMENT ON COLUMN city.street.length_m IS 'Length in m, from the line.';
COMMENT ON COLUMN city.street.geom IS 'Centre line, EPSG:4546.';

-- Organisation
COMMENT ON TABLE city.department IS 'Units that own, maintain or answer for something (权属、养护、责任、主管单位).';
COMMENT ON COLUMN city.department.id IS 'Number of the department.';
COMMENT ON COLUMN city.department.code IS 'Code of the department in the centre.';
COMMENT ON COLUMN city.department.short_name IS 'Short Chinese name, as used in the filing standard.';
COMMENT ON COLUMN city.department.name IS 'Full Chinese name.';
COMMENT ON COLUMN city.department.name_en IS 'English name.';
COMMENT ON COLUMN city.department.kind IS 'centre, bureau, enforcement, sanitation, park, municipal, subdistrict or owner.';
COMMENT ON COLUMN city.department.parent_id IS 'Department that it belongs to.';

COMMENT ON TABLE city.team IS 'Inspection teams, one a zone.';
COMMENT ON COLUMN city.team.id IS 'Number of the team.';
COMMENT ON COLUMN city.team.name IS 'Chinese name.';
COMMENT ON COLUMN city.team.zone_id IS 'Zone that the team patrols.';

COMMENT ON TABLE city.staff IS 'Posts and the logins that hold them; no personal names.';
COMMENT ON COLUMN city.staff.id IS 'Number of the post.';
COMMENT ON COLUMN city.staff.login IS 'Database login of whoever holds the post; empty when nobody does.';
COMMENT ON COLUMN city.staff.title IS 'Chinese title of the post, such as 受理员一号.';
COMMENT ON COLUMN city.staff.title_en IS 'English title.';
COMMENT ON COLUMN city.staff.role IS 'Role of the post: what it may do.';
COMMENT ON COLUMN city.staff.department_id IS 'Department of the post; a department''s login works on the cases of this one.';
COMMENT ON COLUMN city.staff.team_id IS 'Team, for inspectors.';
COMMENT ON COLUMN city.staff.active IS 'False for a post that has been given up; its login counts as nobody''s.';

COMMENT ON TABLE city.shift IS 'Shifts of the day.';
COMMENT ON COLUMN city.shift.id IS 'Number of the shift.';
COMMENT ON COLUMN city.shift.name IS 'Chinese name.';
COMMENT ON COLUMN city.shift.name_en IS 'English name.';
COMMENT ON COLUMN city.shift.starts IS 'Begin, local time (Asia/Shanghai).';
COMMENT ON COLUMN city.shift.ends IS 'End, local time; before the begin when the shift passes midnight.';

COMMENT ON TABLE city.roster IS 'Who works which shift on which day.';
COMMENT ON COLUMN city.roster.staff_id IS 'Post on duty.';
COMMENT ON COLUMN city.roster.day IS 'Day on which the shift begins.';
COMMENT ON COLUMN city.roster.shift_id IS 'Shift that is worked.';

COMMENT ON TABLE city.calendar_day IS 'Working calendar: which days count as working days, with public holidays and make-up days (调休).';
COMMENT ON COLUMN city.calendar_day.day IS 'Day, local date (Asia/Shanghai).';
COMMENT ON COLUMN city.calendar_day.is_working IS 'Whether limits in working hours and working days run on this day.';
COMMENT ON COLUMN city.calendar_day.name IS 'Chinese name of the holiday.';
COMMENT ON COLUMN city.calendar_day.assumed IS 'True when no decision of the State Council was known and Monday to Friday were assumed.';

COMMENT ON TABLE city.working_hours IS 'Hours of a working day in which working time runs; several rows a season, one for each stretch.';
COMMENT ON COLUMN city.working_hours.valid_from IS 'First day of the season.';
COMMENT ON COLUMN city.working_hours.valid_to IS 'Last day of the season.';
COMMENT ON COLUMN city.working_hours.opens IS 'Begin of the stretch, local time.';
COMMENT ON COLUMN city.working_hours.closes IS 'End of the stretch, local time.';

COMMENT ON TABLE city.setting IS 'Figures that rules use and the centre may change.';
COMMENT ON COLUMN city.setting.name IS 'Name of the setting.';
COMMENT ON COLUMN city.setting.value IS 'Value, as JSON.';
COMMENT ON COLUMN city.setting.unit IS 'Unit of the value; empty when it has none.';
COMMENT ON COLUMN city.setting.assumed IS 'True when the value is an assumption of this project; shown as such.';
COMMENT ON COLUMN city.setting.source IS 'Where the value comes from.';

-- Catalogue
COMMENT ON TABLE city.case_class IS 'Subclasses (小类) of components and events by GB/T 30428.2, with local additions numbered downward from 99. A code means nothing without its code system.';
COMMENT ON COLUMN city.case_class.id IS 'Number of the class.';
COMMENT ON COLUMN city.case_class.code_system IS 'Numbering that the code belongs to; the two clash from 0113 on.';
COMMENT ON COLUMN city.case_class.kind IS 'Whether it is a class of components, events or service matters.';
COMMENT ON COLUMN city.case_class.code IS '4 digits: main class (大类) and subclass (小类).';
COMMENT ON COLUMN city.case_class.category IS 'Chinese name of the main class.';
COMMENT ON COLUMN city.case_class.category_en IS 'English name of the main class.';
COMMENT ON COLUMN city.case_class.name IS 'Chinese name of the subclass.';
COMMENT ON COLUMN city.case_class.name_en IS 'English name of the subclass.';
COMMENT ON COLUMN city.case_class.in_use IS 'Whether Yuncheng files cases of this class.';

COMMENT ON TABLE city.filing_condition IS 'The standard for filing, disposal and closing (立案、处置和结案, GB/T 30428.8) of Yuncheng: under which condition a case is filed, how long it may take, when it may be closed. Old versions stay.';
COMMENT ON COLUMN city.filing_condition.id IS 'Number of the condition.';
COMMENT ON COLUMN city.filing_condition.class_id IS 'Class that the condition belongs to.';
COMMENT ON COLUMN city.filing_condition.code IS 'Short code of the condition within its class.';
COMMENT ON COLUMN city.filing_condition.version IS 'Edition of the condition, from 1.';
COMMENT ON COLUMN city.filing_condition.description IS 'Chinese words of the condition.';
COMMENT ON COLUMN city.filing_condition.description_en IS 'English words of the condition.';
COMMENT ON COLUMN city.filing_condition.limit_value IS 'Disposal limit, in limit_unit.';
COMMENT ON COLUMN city.filing_condition.limit_unit IS 'Unit of the limit.';
COMMENT ON COLUMN city.filing_condition.closing_condition IS 'Chinese words of what must hold before the case is closed.';
COMMENT ON COLUMN city.filing_condition.closing_condition_en IS 'English words of the same.';
COMMENT ON COLUMN city.filing_condition.responsible_id IS 'Department that disposes of such a case unless the dispatcher decides otherwise.';
COMMENT ON COLUMN city.filing_condition.competent_id IS 'Competent authority (主管部门).';
COMMENT ON COLUMN city.filing_condition.valid_from IS 'First day on which cases are filed under it.';
COMMENT ON COLUMN city.filing_condition.valid_to IS 'Last day; empty while in force.';
COMMENT ON COLUMN city.filing_condition.confidence IS 'How well the source supports the row: sure, probable, unsure.';

-- Components
COMMENT ON TABLE city.component IS 'Components (部件, GB/T 30428.2): public things of the city that have a code of their own. A removed one keeps its code, its successor gets a new one.';
COMMENT ON COLUMN city.component.code IS 'ObjID, 16 digits: district (6), main class (2), subclass (2), number (6).';
COMMENT ON COLUMN city.component.class_id IS 'Class of the component.';
COMMENT ON COLUMN city.component.name IS 'ObjName.';
COMMENT ON COLUMN city.component.owner_id IS 'DeptCode2: owner (权属单位).';
COMMENT ON COLUMN city.component.competent_id IS 'DeptCode1: competent authority (主管部门).';
COMMENT ON COLUMN city.component.maintainer_id IS 'DeptCode3: who maintains it (养护单位).';
COMMENT ON COLUMN city.component.unit_grid IS 'BGID: unit grid that it stands in.';
COMMENT ON COLUMN city.component.zone_id IS 'Inspection zone that it stands in.';
COMMENT ON COLUMN city.component.accuracy IS 'Accuracy of the position: A ±0.5 m, B ±1.0 m, C ±10 m.';
COMMENT ON COLUMN city.component.state IS 'ObjState.';
COMMENT ON COLUMN city.component.initial_date IS 'ORDate: day of first recording.';
COMMENT ON COLUMN city.component.change_date IS 'CHDate: day of its last change.';
COMMENT ON COLUMN city.component.data_source IS 'DataSource.';
COMMENT ON COLUMN city.component.note IS 'Note: remark in free words.';
COMMENT ON COLUMN city.component.geom IS 'Place or outline, EPSG:4546; a point for nearly all.';

-- Drainage
COMMENT ON TABLE city.manhole IS 'Manholes and other nodes of the drainage network (检查井, GB/T 51187 appendix A).';
COMMENT ON COLUMN city.manhole.code IS 'NODEID, at most 17 characters.';
COMMENT ON COLUMN city.manhole.component_code IS 'Its cover, as a component.';
COMMENT ON COLUMN city.manhole.system IS 'JUNC_CATEGORY: which water it carries.';
COMMENT ON COLUMN city.manhole.junction_type IS 'JUNC_TYPE: 1 drainage, 2 house connection, 3 gate, 4 overflow, 5 inverted siphon, 6 vent, 7 pressure, 8 inspection, 9 flap, 10 interceptor, 11 water seal, 12 drop, 13 other.';
COMMENT ON COLUMN city.manhole.junction_style IS 'JUNC_STYLE: 1 end, 2 straight, 3 bend, 4 three-way, 5 four-way, 6 five-way, 7 more, 8 buried, 9 side type II, 10 plane type I, 11 plane type III, 12 other.';
COMMENT ON COLUMN city.manhole.street_id IS 'Street that it lies in.';
COMMENT ON COLUMN city.manhole.unit_grid IS 'Unit grid that it lies in.';
COMMENT ON COLUMN city.manhole.zone_id IS 'Inspection zone that it lies in.';
COMMENT ON COLUMN city.manhole.ground_elevation_m IS 'SURFACE_ELE: level of the ground in m above the height datum.';
COMMENT ON COLUMN city.manhole.cover_elevation_m IS 'Level of the cover in m; differs from the ground where the frame stands out or has sunk.';
COMMENT ON COLUMN city.manhole.invert_elevation_m IS 'Lowest invert in m.';
COMMENT ON COLUMN city.manhole.depth_m IS 'DEPTH: ground level less lowest invert, m.';
COMMENT ON COLUMN city.manhole.cover_material IS 'Material of the cover.';
COMMENT ON COLUMN city.manhole.cover_load_class IS 'Load class of the cover by GB/T 23858, such as D400: test load in kN.';
COMMENT ON COLUMN city.manhole.has_fall_net IS 'Whether a net that stops a fall (防坠网) hangs in it.';
COMMENT ON COLUMN city.manhole.built_year IS 'Year in which it was built.';
COMMENT ON COLUMN city.manhole.owner_id IS 'Department that owns it.';
COMMENT ON COLUMN city.manhole.state IS 'Whether it is intact.';
COMMENT ON COLUMN city.manhole.data_source IS 'DATASOURCE.';
COMMENT ON COLUMN city.manhole.recorded_on IS 'RECORD_DATE: day on which it was recorded.';
COMMENT ON COLUMN city.manhole.geom IS 'Place, EPSG:4546.';

COMMENT ON TABLE city.pipe IS 'Drainage pipes (排水管, GB/T 51187 appendix A), each between two manholes, drawn in the direction of flow.';
COMMENT ON COLUMN city.pipe.code IS 'PIPEID, at most 17 characters.';
COMMENT ON COLUMN city.pipe.system IS 'PIPE_CATEGORY: which water it carries.';
COMMENT ON COLUMN city.pipe.street_id IS 'LANE_WAY: street that it lies in.';
COMMENT ON COLUMN city.pipe.zone_id IS 'Inspection zone that its middle lies in.';
COMMENT ON COLUMN city.pipe.from_manhole IS 'IN_JUNCID: manhole at the upstream end.';
COMMENT ON COLUMN city.pipe.to_manhole IS 'OUT_JUNCID: manhole at the downstream end.';
COMMENT ON COLUMN city.pipe.in_elevation_m IS 'IN_ELEV: invert at the upstream end, m.';
COMMENT ON COLUMN city.pipe.out_elevation_m IS 'OUT_ELEV: invert at the downstream end, m.';
COMMENT ON COLUMN city.pipe.shape IS 'SHAPETYPE: shape of the section.';
COMMENT ON COLUMN city.pipe.diameter_mm IS 'SHAPE_DATA1 of a circle: inner diameter in mm.';
COMMENT ON COLUMN city.pipe.width_mm IS 'SHAPE_DATA1 of other shapes: inner width in mm.';
COMMENT ON COLUMN city.pipe.height_mm IS 'SHAPE_DATA2 of other shapes: inner height in mm.';
COMMENT ON COLUMN city.pipe.material IS 'MATERIAL, such as concrete, HDPE, ductile iron.';
COMMENT ON COLUMN city.pipe.roughness IS 'ROUGHNESS: Manning''s n, s/m^(1/3).';
COMMENT ON COLUMN city.pipe.length_m IS 'PIPE_LEN: length in m, from the line.';
COMMENT ON COLUMN city.pipe.built_year IS 'Year in which it was laid.';
COMMENT ON COLUMN city.pipe.owner_id IS 'Department that owns it.';
COMMENT ON COLUMN city.pipe.state IS 'Whether it is intact.';
COMMENT ON COLUMN city.pipe.data_source IS 'DATASOURCE.';
COMMENT ON COLUMN city.pipe.recorded_on IS 'RECORD_DATE: day on which it was recorded.';
COMMENT ON COLUMN city.pipe.geom IS 'Axis from the upstream to the downstream manhole, EPSG:4546.';

COMMENT ON TABLE city.gully IS 'Storm gullies (雨水口, GB/T 51187 table Comb), each connected to a manhole.';
COMMENT ON COLUMN city.gully.code IS 'Code, at most 17 characters.';
COMMENT ON COLUMN city.gully.component_code IS 'Its grate, as a component.';
COMMENT ON COLUMN city.gully.manhole_code IS 'Manhole that its connector leads to.';
COMMENT ON COLUMN city.gully.inlet_type IS 'INLET_TYPE: 1 grate, 2 kerb, 3 combined, 4 side ditch, 5 kerb opening, 6 other.';
COMMENT ON COLUMN city.gully.max_depth_m IS 'MAXDEPTH in m.';
COMMENT ON COLUMN city.gully.connector_diameter_mm IS 'Inner diameter of the connector in mm.';
COMMENT ON COLUMN city.gully.connector_length_m IS 'Length of the connector in m.';
COMMENT ON COLUMN city.gully.geom IS 'Place, EPSG:4546.';

COMMENT ON TABLE city.outfall IS 'Outfalls (排放口, GB/T 51187 table Outfall): where the network ends in a receiving water or works.';
COMMENT ON COLUMN city.outfall.code IS 'Code, at most 17 characters.';
COMMENT ON COLUMN city.outfall.manhole_code IS 'Node of the network that the outfall is.';
COMMENT ON COLUMN city.outfall.name IS 'Chinese name.';
COMMENT ON COLUMN city.outfall.system IS 'Which water flows out.';
COMMENT ON COLUMN city.outfall.receiving_water IS 'RECEIVEWATER: water or treatment works that receives it.';
COMMENT ON COLUMN city.outfall.outfall_type IS 'OUTFALLTYPE: 1 free, 2 drowned at a constant level, 3 tidal.';
COMMENT ON COLUMN city.outfall.has_flap IS 'FLAP: whether a flap keeps water from flowing back.';
COMMENT ON COLUMN city.outfall.bottom_elevation_m IS 'BOTELE: invert in m.';
COMMENT ON COLUMN city.outfall.geom IS 'Place, EPSG:4546.';

COMMENT ON TABLE city.pump_station IS 'Drainage pump stations (泵站, GB/T 51187 table Pumpstation).';
COMMENT ON COLUMN city.pump_station.code IS 'Code, at most 17 characters.';
COMMENT ON COLUMN city.pump_station.manhole_code IS 'Node of the network at which it stands.';
COMMENT ON COLUMN city.pump_station.name IS 'Chinese name.';
COMMENT ON COLUMN city.pump_station.category IS 'PS_CATEGORY2: 1 storm, 2 sanitary, 3 combined, 4 underpass, 5 sluice, 6 trunk, 7 branch, 8 joint, 9 works inlet, 10 other.';
COMMENT ON COLUMN city.pump_station.pumps IS 'PS_NUM: number of pumps.';
COMMENT ON COLUMN city.pump_station.design_storm_m3s IS 'DESIGN_STORM: design storm flow in m³/s.';
COMMENT ON COLUMN city.pump_station.design_sewage_m3s IS 'DESIGN_SEWER: design sewage flow in m³/s.';
COMMENT ON COLUMN city.pump_station.min_level_m IS 'MIN_LEVEL: level at which pumps stop, m.';
COMMENT ON COLUMN city.pump_station.control_level_m IS 'CONTROL_LEVEL: level at which pumps start, m.';
COMMENT ON COLUMN city.pump_station.warning_level_m IS 'WARNNING_LEVEL: level that raises a warning, m.';
COMMENT ON COLUMN city.pump_station.owner_id IS 'Department that runs it.';
COMMENT ON COLUMN city.pump_station.geom IS 'Place, EPSG:4546.';

COMMENT ON TABLE city.flood_point IS 'Flood-prone points (易涝点) with their depth limits and plan (一点一策).';
COMMENT ON COLUMN city.flood_point.id IS 'Number of the flood point.';
COMMENT ON COLUMN city.flood_point.code IS 'Code of the flood point.';
COMMENT ON COLUMN city.flood_point.name IS 'Chinese name.';
COMMENT ON COLUMN city.flood_point.street_id IS 'Street that floods.';
COMMENT ON COLUMN city.flood_point.zone_id IS 'Inspection zone that it lies in.';
COMMENT ON COLUMN city.flood_point.cause IS 'Why it floods: low_ground, small_pipe, blocked_gully, backwater or pump_capacity.';
COMMENT ON COLUMN city.flood_point.is_underpass IS 'Whether it is an underpass.';
COMMENT ON COLUMN city.flood_point.height_bar_m IS 'Clear height under the height bar in m.';
COMMENT ON COLUMN city.flood_point.catchment_m2 IS 'Catchment in m².';
COMMENT ON COLUMN city.flood_point.attention_cm IS 'Depth on the road from which it is watched, cm.';
COMMENT ON COLUMN city.flood_point.flooding_cm IS 'Depth that counts as flooding, cm (15 cm: GB 51222, and the filing standard).';
COMMENT ON COLUMN city.flood_point.closing_cm IS 'Depth at which the road is closed, cm.';
COMMENT ON COLUMN city.flood_point.severe_cm IS 'Depth that counts as severe, cm.';
COMMENT ON COLUMN city.flood_point.department_id IS 'Department on duty there.';
COMMENT ON COLUMN city.flood_point.plan IS 'What is done when it floods.';
COMMENT ON COLUMN city.flood_point.geom IS 'Lowest place of the road, EPSG:4546.';

-- Fleet
COMMENT ON TABLE city.company IS 'Transport companies of muck trucks.';
COMMENT ON COLUMN city.company.id IS 'Number of the company.';
COMMENT ON COLUMN city.company.name IS 'Chinese name.';

COMMENT ON TABLE city.work_site IS 'Work sites (出土工地) that muck is carried from.';
COMMENT ON COLUMN city.work_site.id IS 'Number of the site.';
COMMENT ON COLUMN city.work_site.code IS 'Code of the site.';
COMMENT ON COLUMN city.work_site.name IS 'Chinese name.';
COMMENT ON COLUMN city.work_site.zone_id IS 'Inspection zone that it lies in.';
COMMENT ON COLUMN city.work_site.geom IS 'Outline, EPSG:4546.';

COMMENT ON TABLE city.dump_site IS 'Dump sites (消纳场) that muck is carried to.';
COMMENT ON COLUMN city.dump_site.id IS 'Number of the site.';
COMMENT ON COLUMN city.dump_site.code IS 'Code of the site.';
COMMENT ON COLUMN city.dump_site.name IS 'Chinese name.';
COMMENT ON COLUMN city.dump_site.capacity_m3 IS 'Capacity in m³.';
COMMENT ON COLUMN city.dump_site.geom IS 'Outline, EPSG:4546.';

COMMENT ON TABLE city.vehicle IS 'Muck trucks (渣土车).';
COMMENT ON COLUMN city.vehicle.id IS 'Number of the truck.';
COMMENT ON COLUMN city.vehicle.plate IS 'Number plate.';
COMMENT ON COLUMN city.vehicle.plate_colour IS 'Plate colour of JT/T 808: 1 blue, 2 yellow, 3 black, 4 white, 9 other.';
COMMENT ON COLUMN city.vehicle.terminal_phone IS 'Number of its terminal: 12 digits (JT/T 808-2013) or 20 digits (2019); empty when it has none.';
COMMENT ON COLUMN city.vehicle.company_id IS 'Company that runs it.';
COMMENT ON COLUMN city.vehicle.box_m3 IS 'Volume of its box in m³.';
COMMENT ON COLUMN city.vehicle.active IS 'False for a truck that has left the fleet.';

COMMENT ON TABLE city.route_permit IS 'Transport permits (核准证): which truck may carry from where to where, along which route, when.';
COMMENT ON COLUMN city.route_permit.id IS 'Number of the permit.';
COMMENT ON COLUMN city.route_permit.permit_no IS 'Number printed on the permit.';
COMMENT ON COLUMN city.route_permit.vehicle_id IS 'Truck that it is for.';
COMMENT ON COLUMN city.route_permit.work_site_id IS 'Work site that it loads at.';
COMMENT ON COLUMN city.route_permit.dump_site_id IS 'Dump site that it tips at.';
COMMENT ON COLUMN city.route_permit.valid_from IS 'First day.';
COMMENT ON COLUMN city.route_permit.valid_to IS 'Last day.';
COMMENT ON COLUMN city.route_permit.hours_from IS 'Begin of the hours in which it may drive, local time.';
COMMENT ON COLUMN city.route_permit.hours_to IS 'End of those hours; before the begin when they pass midnight.';
COMMENT ON COLUMN city.route_permit.volume_m3 IS 'Permitted volume in m³.';
COMMENT ON COLUMN city.route_permit.revoked_at IS 'When it was revoked: from then on it allows nothing; empty while it was not.';
COMMENT ON COLUMN city.route_permit.revoked_reason IS 'Why it was revoked.';
COMMENT ON COLUMN city.route_permit.geom IS 'Approved route from work site to dump site, EPSG:4546.';

COMMENT ON TABLE city.vehicle_fix IS 'History of truck positions, one partition a day (Asia/Shanghai). Never updated; old days are dropped whole.';
COMMENT ON COLUMN city.vehicle_fix.vehicle_id IS 'Truck.';
COMMENT ON COLUMN city.vehicle_fix.at IS 'When the terminal took the position.';
COMMENT ON COLUMN city.vehicle_fix.speed_kmh IS 'Speed in km/h.';
COMMENT ON COLUMN city.vehicle_fix.heading IS 'Heading in degrees clockwise from north, 0 to 359.';
COMMENT ON COLUMN city.vehicle_fix.load IS 'Load.';
COMMENT ON COLUMN city.vehicle_fix.lid_closed IS 'Whether the lid was closed.';
COMMENT ON COLUMN city.vehicle_fix.mileage_m IS 'Mileage counter in m.';
COMMENT ON COLUMN city.vehicle_fix.alarm_bits IS 'Alarm flags of JT/T 808 message 0x0200, as sent.';
COMMENT ON COLUMN city.vehicle_fix.geom IS 'Position, EPSG:4546; transformed from WGS-84 on arrival.';

COMMENT ON TABLE city.vehicle_state IS 'Latest known position of each truck.';
COMMENT ON COLUMN city.vehicle_state.vehicle_id IS 'Truck.';
COMMENT ON COLUMN city.vehicle_state.at IS 'When the terminal took the position.';
COMMENT ON COLUMN city.vehicle_state.received_at IS 'When the database received it.';
COMMENT ON COLUMN city.vehicle_state.speed_kmh IS 'Speed in km/h.';
COMMENT ON COLUMN city.vehicle_state.heading IS 'Heading in degrees clockwise from north, 0 to 359.';
COMMENT ON COLUMN city.vehicle_state.load IS 'Load.';
COMMENT ON COLUMN city.vehicle_state.lid_closed IS 'Whether the lid is closed.';
COMMENT ON COLUMN city.vehicle_state.mileage_m IS 'Mileage counter in m.';
COMMENT ON COLUMN city.vehicle_state.alarm_bits IS 'Alarm flags of JT/T 808 message 0x0200, as sent.';
COMMENT ON COLUMN city.vehicle_state.geom IS 'Position, EPSG:4546.';

COMMENT ON TABLE city.trip IS 'Trips (趟次): one load from work site to dump site.';
COMMENT ON COLUMN city.trip.vehicle_id IS 'Truck.';
COMMENT ON COLUMN city.trip.loaded_at IS 'When it was loaded.';
COMMENT ON COLUMN city.trip.dumped_at IS 'When it tipped; empty while under way.';
COMMENT ON COLUMN city.trip.permit_id IS 'Permit that covers the trip; empty when none does.';
COMMENT ON COLUMN city.trip.distance_m IS 'Distance driven loaded, m.';
COMMENT ON COLUMN city.trip.volume_m3 IS 'Volume carried in m³.';

COMMENT ON TABLE city.vehicle_day IS 'Mileage of each truck on each day.';
COMMENT ON COLUMN city.vehicle_day.vehicle_id IS 'Truck.';
COMMENT ON COLUMN city.vehicle_day.day IS 'Day, local date (Asia/Shanghai).';
COMMENT ON COLUMN city.vehicle_day.distance_m IS 'Distance driven in m.';
COMMENT ON COLUMN city.vehicle_day.driving_s IS 'Time driven in s.';
COMMENT ON COLUMN city.vehicle_day.trips IS 'Trips that were begun on the day.';

-- Sensors and alarms
COMMENT ON TABLE city.sensor IS 'Water-level sensors at flood points, and rain gauges.';
COMMENT ON COLUMN city.sensor.id IS 'Number of the sensor.';
COMMENT ON COLUMN city.sensor.code IS 'Code of the device.';
COMMENT ON COLUMN city.sensor.name IS 'Chinese name.';
COMMENT ON COLUMN city.sensor.kind IS 'What it measures.';
COMMENT ON COLUMN city.sensor.flood_point_id IS 'Flood point that a water-level sensor watches.';
COMMENT ON COLUMN city.sensor.unit IS 'Unit of its readings: cm of water on the road, mm of rain.';
COMMENT ON COLUMN city.sensor.interval_s IS 'Seconds between two readings in dry weather.';
COMMENT ON COLUMN city.sensor.geom IS 'Place, EPSG:4546.';

COMMENT ON TABLE city.sensor_reading IS 'History of readings, one partition a month (Asia/Shanghai). Kept as received, never edited.';
COMMENT ON COLUMN city.sensor_reading.sensor_id IS 'Sensor.';
COMMENT ON COLUMN city.sensor_reading.at IS 'When it was measured.';
COMMENT ON COLUMN city.sensor_reading.value IS 'Reading in the unit of the sensor; rain is the increment since the reading before.';
COMMENT ON COLUMN city.sensor_reading.quality IS '0 good, 1 suspect, 2 bad, 3 entered by hand.';

COMMENT ON TABLE city.sensor_state IS 'Latest reading of each sensor.';
COMMENT ON COLUMN city.sensor_state.sensor_id IS 'Sensor.';
COMMENT ON COLUMN city.sensor_state.at IS 'When it was measured.';
COMMENT ON COLUMN city.sensor_state.received_at IS 'When the database received it.';
COMMENT ON COLUMN city.sensor_state.value IS 'Reading in the unit of the sensor.';
COMMENT ON COLUMN city.sensor_state.quality IS '0 good, 1 suspect, 2 bad, 3 entered by hand.';

COMMENT ON TABLE city.alarm IS 'Alarms (ISA-18.2): each asks a person to act.';
COMMENT ON COLUMN city.alarm.id IS 'Number of the alarm.';
COMMENT ON COLUMN city.alarm.kind IS 'Rule that raised it, such as route_deviation or flooding.';
COMMENT ON COLUMN city.alarm.urgency IS 'How soon a person must act.';
COMMENT ON COLUMN city.alarm.state IS 'State of the alarm.';
COMMENT ON COLUMN city.alarm.vehicle_id IS 'Truck that it is about.';
COMMENT ON COLUMN city.alarm.sensor_id IS 'Sensor that it is about.';
COMMENT ON COLUMN city.alarm.raised_at IS 'When the condition began.';
COMMENT ON COLUMN city.alarm.acknowledged_at IS 'When somebody acknowledged it.';
COMMENT ON COLUMN city.alarm.acknowledged_by IS 'Post that acknowledged it.';
COMMENT ON COLUMN city.alarm.cleared_at IS 'When the condition ended.';
COMMENT ON COLUMN city.alarm.value IS 'Value that raised it, in the unit of its rule.';
COMMENT ON COLUMN city.alarm.limit_value IS 'Limit that was passed, in the same unit.';
COMMENT ON COLUMN city.alarm.detail IS 'Further facts of the rule, as JSON.';
COMMENT ON COLUMN city.alarm.geom IS 'Where it was raised, EPSG:4546.';

-- Cases
COMMENT ON TABLE city.case_file IS 'Case files (案卷), one row a case: what is known of it now. Changed only by the functions of this schema; how it came about stands in case_event.';
COMMENT ON COLUMN city.case_file.id IS 'Number of the case.';
COMMENT ON COLUMN city.case_file.case_no IS 'Case number: YC, day of the report (Asia/Shanghai), number of the day without gaps.';
COMMENT ON COLUMN city.case_file.request_id IS 'Given by whoever reports: a report that is repeated with the same one makes no second case.';
COMMENT ON COLUMN city.case_file.version IS 'Grows by one with every change; a command that names an old one is refused.';
COMMENT ON COLUMN city.case_file.mode IS 'How the case is worked.';
COMMENT ON COLUMN city.case_file.source IS 'Who brought the report.';
COMMENT ON COLUMN city.case_file.kind IS 'Component, event or service matter.';
COMMENT ON COLUMN city.case_file.class_id IS 'Subclass; empty until somebody has classified it.';
COMMENT ON COLUMN city.case_file.condition_id IS 'Filing condition, in the version that was in force at filing.';
COMMENT ON COLUMN city.case_file.level IS 'Weight of the case.';
COMMENT ON COLUMN city.case_file.state IS 'Stage that the case is in.';
COMMENT ON COLUMN city.case_file.is_open IS 'Whether the case has not ended.';
COMMENT ON COLUMN city.case_file.is_overdue IS 'Whether disposal took longer than its limit (超期); once set it stays.';
COMMENT ON COLUMN city.case_file.is_supervised IS 'Whether a leader supervises it (督办).';
COMMENT ON COLUMN city.case_file.zone_id IS 'Inspection zone of the place.';
COMMENT ON COLUMN city.case_file.unit_grid IS 'Unit grid of the place.';
COMMENT ON COLUMN city.case_file.street_id IS 'Nearest street within 100 m of the place.';
COMMENT ON COLUMN city.case_file.component_code IS 'Component that the case is about.';
COMMENT ON COLUMN city.case_file.responsible_id IS 'Department that the case was dispatched to.';
COMMENT ON COLUMN city.case_file.reporter_id IS 'Post that reported it, when it was one of ours.';
COMMENT ON COLUMN city.case_file.merged_into IS 'Case that this one was merged into as a duplicate.';
COMMENT ON COLUMN city.case_file.reported_at IS 'When it was reported.';
COMMENT ON COLUMN city.case_file.accepted_at IS 'When it was accepted (受理).';
COMMENT ON COLUMN city.case_file.filed_at IS 'When it was filed (立案).';
COMMENT ON COLUMN city.case_file.dispatched_at IS 'When it was dispatched (派遣); the disposal clock starts.';
COMMENT ON COLUMN city.case_file.disposed_at IS 'When disposal was reported as finished; the disposal clock stops.';
COMMENT ON COLUMN city.case_file.closed_at IS 'When the case ended.';
COMMENT ON COLUMN city.case_file.deadline IS 'When the disposal limit ends or ended, extensions included.';
COMMENT ON COLUMN city.case_file.warn_at IS 'When 80 % of the time until due_at are used: the light turns yellow.';
COMMENT ON COLUMN city.case_file.due_at IS 'When what the case waits for now is due: a stage limit of the centre, or the disposal limit.';
COMMENT ON COLUMN city.case_file.limit_minutes IS 'Disposal limit in min of its clock, extensions included.';
COMMENT ON COLUMN city.case_file.consumed_minutes IS 'Minutes of the limit that were used before running_since.';
COMMENT ON COLUMN city.case_file.running_since IS 'Since when the disposal clock runs; empty while it stands.';
COMMENT ON COLUMN city.case_file.suspended_until IS 'Day on which a suspended case (挂账) resumes by itself.';
COMMENT ON COLUMN city.case_file.extensions IS 'Extensions granted (延期), at most 2.';
COMMENT ON COLUMN city.case_file.reworks IS 'Times that a check failed and the unit had to go back (返工).';
COMMENT ON COLUMN city.case_file.appeal IS 'Appeal of the unit against its overdue mark.';
COMMENT ON COLUMN city.case_file.caller_name IS 'Name of the caller; hidden from departments, engineers, supervisors and inspectors.';
COMMENT ON COLUMN city.case_file.caller_phone IS 'Telephone of the caller; hidden in the same way.';
COMMENT ON COLUMN city.case_file.wants_call_back IS 'Whether the caller asked to hear of the outcome (回访).';
COMMENT ON COLUMN city.case_file.address IS 'Address in words.';
COMMENT ON COLUMN city.case_file.description IS 'What is wrong, in words.';
COMMENT ON COLUMN city.case_file.search IS 'Pairs of neighbouring characters of address, description and class name (bigram_codes of case_text), for free-text search.';
COMMENT ON COLUMN city.case_file.geom IS 'Place, EPSG:4546.';

COMMENT ON TABLE city.case_event IS 'History of cases (流转记录): one row a move, only ever added.';
COMMENT ON COLUMN city.case_event.case_id IS 'Case.';
COMMENT ON COLUMN city.case_event.seq IS 'Number of the move within the case, from 1.';
COMMENT ON COLUMN city.case_event.at IS 'When it was done.';
COMMENT ON COLUMN city.case_event.move IS 'What was done.';
COMMENT ON COLUMN city.case_event.from_state IS 'State before; empty for the report.';
COMMENT ON COLUMN city.case_event.to_state IS 'State after.';
COMMENT ON COLUMN city.case_event.staff_id IS 'Post that did it; empty when the system did.';
COMMENT ON COLUMN city.case_event.department_id IS 'Department that it was done to or by.';
COMMENT ON COLUMN city.case_event.used_s IS 'Seconds that the case had spent in the state before.';
COMMENT ON COLUMN city.case_event.opinion IS 'Reason or opinion in words.';
COMMENT ON COLUMN city.case_event.detail IS 'Further facts of the move, as JSON.';

COMMENT ON TABLE city.case_number IS 'Last case number given out on each day; its row lock makes numbers gapless.';
COMMENT ON COLUMN city.case_number.day IS 'Day, local date (Asia/Shanghai).';
COMMENT ON COLUMN city.case_number.last IS 'Last number given out.';

-- Logs
COMMENT ON TABLE city.change_log IS 'Outbox: one row for every change that a desk must see, written in the transaction that makes it; NOTIFY city_change wakes readers. Kept for some days (setting change_log_days).';
COMMENT ON COLUMN city.change_log.id IS 'Number of the change; grows, but not in the order of commits.';
COMMENT ON COLUMN city.change_log.xid IS 'Transaction that wrote it: readers take rows that their last snapshot had not seen.';
COMMENT ON COLUMN city.change_log.at IS 'When it was written.';
COMMENT ON COLUMN city.change_log.subject IS 'Table that changed.';
COMMENT ON COLUMN city.change_log.key IS 'Key of the row that changed.';
COMMENT ON COLUMN city.change_log.kind IS 'insert, update or delete.';
COMMENT ON COLUMN city.change_log.detail IS 'Columns of the row that readers need at once, as JSON.';

COMMENT ON TABLE city.audit_log IS 'Audit trail of base data and configuration: who changed what, from what, to what. Only ever added.';
COMMENT ON COLUMN city.audit_log.id IS 'Number of the entry.';
COMMENT ON COLUMN city.audit_log.at IS 'When it was changed.';
COMMENT ON COLUMN city.audit_log.login IS 'Login that changed it.';
COMMENT ON COLUMN city.audit_log.client IS 'Address of its computer; empty for a connection through the local socket.';
COMMENT ON COLUMN city.audit_log.subject IS 'Table that changed.';
COMMENT ON COLUMN city.audit_log.key IS 'Key of the row that changed.';
COMMENT ON COLUMN city.audit_log.kind IS 'insert, update or delete.';
COMMENT ON COLUMN city.audit_log.before IS 'Row before the change, as JSON.';
COMMENT ON COLUMN city.audit_log.after IS 'Row after the change, as JSON.';

-- Functions
COMMENT ON FUNCTION city.is_placed IS 'Whether a geometry is valid, not empty and inside the area of use of EPSG:4546 (109.5–112.5° E, mainland China).';
COMMENT ON FUNCTION city.bigram_codes IS 'Pairs of neighbouring characters of a text as numbers: the words of the free-text index.';
COMMENT ON FUNCTION city.case_text IS 'The searchable text of a case: address, description and name of the class.';
COMMENT ON FUNCTION city.current_staff_id IS 'Post of whoever is logged in; empty for a login that is nobody''s.';
COMMENT ON FUNCTION city.next_case_no IS 'Gives out the next case number of a day (Asia/Shanghai).';
COMMENT ON FUNCTION city.report_case IS 'Takes in one report at x east, y north (EPSG:4546, m) and returns id and number of the case; the same again for a repeated request_id. Refuses with CT002 no description, CT003 dated in the future or, but for gateways, more than 24 hours ago, CT004 outside the city, CT014 a component of another class or none of that code.';
COMMENT ON FUNCTION city.ensure_partitions IS 'Makes the partitions of vehicle_fix and sensor_reading for the days (Asia/Shanghai) from the first to the last.';
COMMENT ON FUNCTION city.record_fixes IS 'Takes in truck positions as parallel arrays (EPSG:4546 m, km/h, degrees, m); skips those that are already there; returns how many were new. NOTIFY city_telemetry wakes readers.';
COMMENT ON FUNCTION city.record_readings IS 'Takes in sensor readings as parallel arrays (unit of the sensor); skips those that are already there; returns how many were new. NOTIFY city_telemetry wakes readers.';
COMMENT ON FUNCTION city.index_case_text IS 'Trigger: keeps case_file.search in step with the text.';
COMMENT ON FUNCTION city.log_change IS 'Trigger: writes the outbox. Arguments: key column, then columns for detail.';
COMMENT ON FUNCTION city.log_added IS 'Trigger: writes outbox and audit trail for all rows of an INSERT. Argument: key column.';
COMMENT ON FUNCTION city.log_audit IS 'Trigger: writes the audit trail. Argument: key column.';
COMMENT ON FUNCTION city.refuse_rewriting IS 'Trigger: refuses UPDATE and DELETE with CT001 on tables that are only ever added to.';

-- The view behind the statistics: its counts are those of case_day, for one case.
DO $$
DECLARE
    counted record;
BEGIN
    FOR counted IN
        SELECT f.attname AS name, coalesce(col_description(d.attrelid, d.attnum), own.words) AS words
        FROM pg_attribute f
            LEFT JOIN pg_attribute d ON d.attrelid = 'city.case_day'::regclass AND d.attname = f.attname
            LEFT JOIN (VALUES
                ('id', 'Case.'),
                ('zone_id', 'Inspection zone of the case.'),
                ('responsible_id', 'Department that it was dispatched to.'),
                ('class_id', 'Subclass of the case.'),
                ('source', 'Who brought the report.'),
                ('mode', 'How the case is worked.'),
                ('hour', 'Hour of the day of its report, 0 to 23, local time.')) AS own (name, words) ON own.name = f.attname
        WHERE f.attrelid = 'city.case_fact'::regclass AND f.attnum > 0
    LOOP
        EXECUTE format('COMMENT ON COLUMN city.case_fact.%I IS %L', counted.name, counted.words);
    END LOOP;
END $$;
